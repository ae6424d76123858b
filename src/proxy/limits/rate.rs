//! Rate limits: the generic cell rate algorithm, a leaky bucket that needs one number per client.

use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::rate_sketch::{RateSketch, Size, SketchKey};
use crate::config::{ClientAddress, RateKey, RateLimit};

/// Limits that remember a client's calls for longer than this have more cells, because more clients
/// call in that time.
const LONG: Duration = Duration::from_secs(10 * 60);

/// One limit, and its state.
pub(super) struct Rate {
    limit: RateLimit,
    /// The origin of times, which are in nanoseconds.
    begin: Instant,
    due: Due,
}

/// When the next event would be due if all events so far had come at even intervals.
enum Due {
    OfAll(Mutex<u64>),
    OfEach(RateSketch),
}

impl Rate {
    pub(super) fn new(limit: RateLimit) -> Self {
        Self {
            limit,
            begin: Instant::now(),
            due: match limit.key {
                RateKey::Route => Due::OfAll(Mutex::new(0)),
                RateKey::Client => Due::OfEach(RateSketch::new(size(&limit))),
            },
        }
    }

    pub(super) fn limit(&self) -> &RateLimit {
        &self.limit
    }

    /// Records an event.
    ///
    /// # Errors
    /// If it comes too early; with the time to wait.
    pub(super) fn take(&self, client: ClientAddress) -> Result<(), Duration> {
        self.take_at(client, nanoseconds(self.begin.elapsed()))
    }

    fn take_at(&self, client: ClientAddress, now: u64) -> Result<(), Duration> {
        let interval = nanoseconds(self.limit.interval);
        let ahead = interval.saturating_mul(u64::from(self.limit.burst.saturating_sub(1)));
        let next = |due: u64| {
            let due = due.max(now);
            match due.saturating_sub(now).checked_sub(ahead) {
                Some(early) if early > 0 => Err(Duration::from_nanos(early)),
                _ => Ok(due.saturating_add(interval)),
            }
        };
        match &self.due {
            Due::OfAll(due) => {
                let mut due = due.lock().unwrap_or_else(PoisonError::into_inner);
                *due = next(*due)?;
                Ok(())
            }
            Due::OfEach(sketch) => sketch.raise(sketch_key(client), next),
        }
    }
}

/// What counts as one client: an IPv4 address or a 64-bit IPv6 network, which everybody with IPv6
/// has. All unknown clients count as one.
pub(super) fn client_key(client: ClientAddress) -> u64 {
    match client {
        // No IPv6 network starts like this key: `0::/64` is not in use.
        ClientAddress::Ip(IpAddr::V4(address)) => u64::from(u32::from(address)),
        ClientAddress::Ip(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            [a, b, c, d]
                .iter()
                .fold(0, |key, part| key << 16 | u64::from(*part))
        }
        // From a multicast range, which calls nobody.
        ClientAddress::Unix => u64::MAX,
        ClientAddress::Unknown => u64::MAX.saturating_sub(1),
    }
}

/// The same for a sketch. A provider has a 32-bit IPv6 network, and gives 48-bit networks to
/// anybody; an IPv4 network that is large enough to do harm is expensive.
fn sketch_key(client: ClientAddress) -> SketchKey {
    let own = client_key(client);
    let networks = match client {
        ClientAddress::Ip(IpAddr::V6(_)) => Some([own >> 32, own >> 16]),
        ClientAddress::Ip(IpAddr::V4(_)) | ClientAddress::Unix | ClientAddress::Unknown => None,
    };
    SketchKey { own, networks }
}

/// How many cells a limit needs.
fn size(limit: &RateLimit) -> Size {
    if limit.interval.saturating_mul(limit.burst) > LONG {
        Size::Large
    } else {
        Size::Small
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn rate(key: RateKey, burst: u32) -> Rate {
        Rate::new(RateLimit {
            interval: Duration::from_secs(1),
            burst,
            key,
        })
    }

    #[test]
    fn a_burst_passes_then_one_per_interval() {
        for key in [RateKey::Client, RateKey::Route] {
            let rate = rate(key, 3);
            for _ in 0..3 {
                rate.take_at(ClientAddress::Unix, 0).unwrap();
            }
            assert_eq!(
                rate.take_at(ClientAddress::Unix, 0),
                Err(Duration::from_secs(1))
            );
            assert_eq!(
                rate.take_at(ClientAddress::Unix, SECOND / 4),
                Err(Duration::from_millis(750))
            );
            rate.take_at(ClientAddress::Unix, SECOND).unwrap();
            assert!(rate.take_at(ClientAddress::Unix, SECOND).is_err());
            // Never more than the burst, however long it was quiet.
            for _ in 0..3 {
                rate.take_at(ClientAddress::Unix, 100 * SECOND).unwrap();
            }
            assert!(rate.take_at(ClientAddress::Unix, 100 * SECOND).is_err());
        }
    }

    /// How many of 200 addresses that were never seen are refused once all these networks of IPv6, 64
    /// bits each, have used up what they may.
    fn refused_after(networks: impl Iterator<Item = u64>) -> usize {
        // 5/h.
        let rate = Rate::new(RateLimit {
            interval: Duration::from_secs(720),
            burst: 2,
            key: RateKey::Client,
        });
        for network in networks {
            let address = Ipv6Addr::from_bits(u128::from(network) << 64 | 1);
            for _ in 0..3 {
                // Some share all their cells.
                let _ = rate.take_at(ClientAddress::Ip(address.into()), 0);
            }
        }
        let unseen = (0..200).map(|nth: u32| {
            if nth.is_multiple_of(2) {
                IpAddr::from(Ipv4Addr::from_bits(0xc633_6400 | nth))
            } else {
                IpAddr::from(Ipv6Addr::from_bits(u128::from(0x2a00_0000 | nth) << 96 | 1))
            }
        });
        unseen
            .filter(|address| rate.take_at(ClientAddress::Ip(*address), 0).is_err())
            .count()
    }

    #[test]
    fn a_large_ipv6_network_does_not_exhaust_the_limits_of_others() {
        let of_48_bits = 0x2001_0db8_0001_0000_u64;
        let refused = refused_after((0..1 << 16).map(|nth| of_48_bits | nth));
        assert_eq!(refused, 0);
        // All of a provider, four in each of its networks of 48 bits.
        let of_32_bits = 0x2001_0db8_0000_0000_u64;
        let in_each = (0..1 << 16).flat_map(|net: u64| (0..4).map(move |nth| net << 16 | nth));
        let refused = refused_after(in_each.map(|nth| of_32_bits | nth));
        assert!(refused <= 3, "{refused} of 200");
    }

    #[test]
    fn clients_are_counted_separately_and_ipv6_by_network() {
        let rate = rate(RateKey::Client, 1);
        let take = |client: &str| {
            rate.take_at(ClientAddress::Ip(client.parse().unwrap()), 0)
                .is_ok()
        };
        assert!(take("192.0.2.1"));
        assert!(!take("192.0.2.1"));
        assert!(take("192.0.2.2"));
        assert!(take("2001:db8::1"));
        assert!(!take("2001:db8::ffff:2"));
        assert!(take("2001:db8:0:1::1"));
    }

    #[test]
    fn unknown_clients_share_a_bucket_of_their_own() {
        let rate = rate(RateKey::Client, 1);
        let take = |client| rate.take_at(client, 0).is_ok();
        assert!(take(ClientAddress::Unknown));
        assert!(!take(ClientAddress::Unknown));
        assert!(take(ClientAddress::Unix));
        assert!(take(ClientAddress::Ip("192.0.2.1".parse().unwrap())));
    }
}
