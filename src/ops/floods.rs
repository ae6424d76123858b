//! Keeps libraries from flooding the error log: while a store is unavailable, one of them may write
//! dozens of identical lines a second.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use log::Level;

/// The most lines of one target and level in one period.
const MOST: u32 = 5;
const PERIOD: Duration = Duration::from_secs(10);

/// The most pairs of target and level that are counted at once. When there are more, the oldest is
/// evicted.
const COUNTED: usize = 32;

/// Decides which lines are logged.
#[derive(Debug)]
pub(super) struct Floods(Mutex<Vec<FloodCount>>);

/// The lines of one target and level in the current period.
#[derive(Debug)]
struct FloodCount {
    target: String,
    level: Level,
    began: Instant,
    lines: u32,
    left_out: u64,
}

/// What to do with a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LineDecision {
    /// What to log before it.
    pub(super) before: Option<LeftOut>,
    pub(super) line: LineFate,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum LineFate {
    Written,
    /// Logged as a notice that such lines are left out from now on.
    Announced,
    LeftOut,
}

/// How many lines of a target and level were left out in a finished period.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LeftOut {
    pub(super) target: String,
    pub(super) level: Level,
    pub(super) count: u64,
}

impl Floods {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Counts a line.
    pub(super) fn turn(&self, target: &str, level: Level, now: Instant) -> LineDecision {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = counts
            .iter_mut()
            .find(|count| count.level == level && count.target == target);
        let Some(count) = known else {
            let before = make_room(&mut counts);
            counts.push(FloodCount::new(target.to_owned(), level, now));
            return LineDecision {
                before,
                line: LineFate::Written,
            };
        };
        if now.saturating_duration_since(count.began) >= PERIOD {
            let next = FloodCount::new(target.to_owned(), level, now);
            return LineDecision {
                before: std::mem::replace(count, next).left_out(),
                line: LineFate::Written,
            };
        }
        count.lines = count.lines.saturating_add(1);
        let line = if count.lines <= MOST {
            LineFate::Written
        } else {
            count.left_out = count.left_out.saturating_add(1);
            if count.left_out == 1 {
                LineFate::Announced
            } else {
                LineFate::LeftOut
            }
        };
        LineDecision { before: None, line }
    }
}

impl FloodCount {
    /// A new period starts, with its first line.
    fn new(target: String, level: Level, began: Instant) -> Self {
        Self {
            target,
            level,
            began,
            lines: 1,
            left_out: 0,
        }
    }

    fn left_out(self) -> Option<LeftOut> {
        (self.left_out > 0).then_some(LeftOut {
            target: self.target,
            level: self.level,
            count: self.left_out,
        })
    }
}

fn make_room(counts: &mut Vec<FloodCount>) -> Option<LeftOut> {
    if counts.len() < COUNTED {
        return None;
    }
    let began = counts.iter().map(|count| count.began).enumerate();
    let (first, _) = began.min_by_key(|(_, began)| *began)?;
    counts.swap_remove(first).left_out()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(start: Instant, seconds: u64) -> Instant {
        start.checked_add(Duration::from_secs(seconds)).unwrap()
    }

    #[test]
    fn a_flood_is_reduced_to_a_few_lines_and_a_count() {
        let (floods, start) = (Floods::new(), Instant::now());
        let line = |second| floods.turn("a", Level::Warn, after(start, second)).line;
        for _ in 0..MOST {
            assert_eq!(line(0), LineFate::Written);
        }
        assert_eq!(line(1), LineFate::Announced);
        for _ in 0..100 {
            assert_eq!(line(9), LineFate::LeftOut);
        }
        // Others are not held up.
        for (target, level) in [("b", Level::Warn), ("a", Level::Error)] {
            let turn = floods.turn(target, level, after(start, 9));
            assert_eq!((turn.before, turn.line), (None, LineFate::Written));
        }
        let turn = floods.turn("a", Level::Warn, after(start, 10));
        let left_out = LeftOut {
            target: "a".to_owned(),
            level: Level::Warn,
            count: 101,
        };
        assert_eq!(
            (turn.before, turn.line),
            (Some(left_out), LineFate::Written)
        );
        for _ in 1..MOST {
            assert_eq!(line(19), LineFate::Written);
        }
        assert_eq!(line(19), LineFate::Announced);
        // A quiet period leaves nothing to say but that.
        let turn = floods.turn("a", Level::Warn, after(start, 60));
        assert_eq!(turn.before.map(|left_out| left_out.count), Some(1));
        let turn = floods.turn("a", Level::Warn, after(start, 120));
        assert_eq!((turn.before, turn.line), (None, LineFate::Written));
    }

    #[test]
    fn memory_is_bounded_for_any_number_of_targets_and_no_count_is_lost() {
        let (floods, start) = (Floods::new(), Instant::now());
        for _ in 0..MOST + 2 {
            floods.turn("first", Level::Warn, start);
        }
        let mut told = Vec::new();
        for nth in 0..10 * COUNTED {
            let turn = floods.turn(&format!("t{nth}"), Level::Warn, after(start, 1));
            assert_eq!(turn.line, LineFate::Written);
            told.extend(turn.before);
        }
        let told: Vec<_> = told
            .iter()
            .map(|told| (&*told.target, told.count))
            .collect();
        assert_eq!(told, [("first", 2)]);
        assert_eq!(floods.0.lock().unwrap().len(), COUNTED);
    }
}
