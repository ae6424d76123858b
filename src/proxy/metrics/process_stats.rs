//! Process statistics from Linux's /proc. On other systems, nothing is reported.

use std::fs;

/// The unit of CPU time that the kernel reports to programs (USER_HZ), independent of its own
/// clock.
const TICKS_PER_SECOND: f64 = 100.0;

/// Process statistics from the system.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Usage {
    pub(super) cpu_seconds: f64,
    pub(super) resident: f64,
    pub(super) virtual_memory: f64,
    pub(in crate::proxy) threads: f64,
    pub(super) open_fds: f64,
    pub(super) max_fds: f64,
}

impl Usage {
    /// The current statistics; `None` without /proc.
    pub(in crate::proxy) fn now() -> Option<Self> {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let kibibytes = |name| Some(number(&status, name)? * 1024.0);
        let open = fs::read_dir("/proc/self/fd").ok()?.count();
        Some(Self {
            cpu_seconds: cpu_seconds(&fs::read_to_string("/proc/self/stat").ok()?)?,
            resident: kibibytes("VmRSS:")?,
            virtual_memory: kibibytes("VmSize:")?,
            threads: number(&status, "Threads:")?,
            // One of them is the descriptor that reads the directory.
            open_fds: f64::from(u32::try_from(open.saturating_sub(1)).ok()?),
            max_fds: number(
                &fs::read_to_string("/proc/self/limits").ok()?,
                "Max open files",
            )?,
        })
    }
}

/// The first number after a name at the start of a line; `unlimited` becomes infinity.
fn number(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let word = line.split_whitespace().next()?;
    match word {
        "unlimited" => Some(f64::INFINITY),
        word => word.parse().ok(),
    }
}

/// The time in user mode and in the kernel: fields 14 and 15. The second field, the program's name,
/// may contain anything, so the fields are counted from its end.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_linux_writes() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 10 0 0 0 250 50 0 0 20 0 3 0 100 1 1";
        assert_eq!(cpu_seconds(stat), Some(3.0));
        let status = "Name:\tx\nVmSize:\t  12 kB\nThreads:\t3\n";
        assert_eq!(number(status, "VmSize:"), Some(12.0));
        assert_eq!(number(status, "VmRSS:"), None);
        let limits = "Max open files            1024                 524288               files\n";
        assert_eq!(number(limits, "Max open files"), Some(1024.0));
    }

    #[test]
    fn reads_this_process() {
        let usage = Usage::now().unwrap();
        assert!(usage.resident > 1e6 && usage.virtual_memory >= usage.resident);
        assert!(usage.open_fds >= 3.0 && usage.max_fds > usage.open_fds);
        assert!(usage.threads >= 1.0);
    }
}
