//! What a connection does, in one number.

/// Set while the connection can be done without. The next bits say why, so that the smallest number
/// of all is that of the connection which has to go first; the rest is since when.
const CAN_GO: u64 = 1 << 63;
/// It has sent no whole header yet; otherwise it waits for a request.
const HEARS: u64 = 1 << 61;
/// All that is under way has stalled.
const STALLED: u64 = 2 << 61;
const KINDS: u64 = 3 << 61;

/// The bits for how many things are under way, behind the time since all of them have stalled.
const COUNT: u32 = 16;
const COUNTED: u64 = (1 << COUNT) - 1;
/// That time is in units of 2^10 nanoseconds, so that it lasts for a year before all are alike.
const UNIT: u32 = 10;
const MOST: u64 = (1 << (61 - COUNT)) - 1;

/// What a connection does. Where it cannot be done without: how many things are under way, and of
/// these, in the upper half, how many have stalled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct State(u64);

impl From<u64> for State {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

impl From<State> for u64 {
    fn from(state: State) -> Self {
        state.0
    }
}

impl State {
    /// It was told to make room.
    pub(super) const LEAVES: Self = Self(u64::MAX);

    /// It has waited for a request since then, in nanoseconds.
    pub(super) fn waits(since: u64) -> Self {
        Self(CAN_GO | since.min(HEARS.saturating_sub(1)))
    }

    /// Whether it can be told to make room.
    pub(super) fn can_go(self) -> bool {
        self.0 & CAN_GO != 0 && self != Self::LEAVES
    }

    fn busy(count: u64, stalled: u64) -> Self {
        Self(stalled << 32 | count)
    }

    fn all_stalled(count: u64, since: u64) -> Self {
        Self(CAN_GO | STALLED | (since >> UNIT).min(MOST) << COUNT | count)
    }

    /// How many things are under way, and how many of these have stalled.
    fn counts(self) -> (u64, u64) {
        if self.0 & CAN_GO == 0 {
            return (self.0 & u64::from(u32::MAX), self.0 >> 32);
        }
        let all = match self.0 & KINDS {
            STALLED => self.0 & COUNTED,
            _ => 0,
        };
        (all, all)
    }

    /// One more thing is under way; `None` if it was told to make room.
    pub(super) fn begins(self) -> Option<Self> {
        let (count, stalled) = self.counts();
        let count = count.checked_add(1).filter(|count| *count <= COUNTED)?;
        (self != Self::LEAVES).then_some(Self::busy(count, stalled))
    }

    /// One less is; with the last one, it waits. `None` if none is.
    pub(super) fn ends(self, now: u64) -> Option<Self> {
        if self == Self::LEAVES || (self.can_go() && self.0 & KINDS == 0) {
            return None;
        }
        let (count, stalled) = self.counts();
        Some(match count.saturating_sub(1) {
            0 => Self::waits(now),
            count if stalled >= count => Self::all_stalled(count, now),
            count => Self::busy(count, stalled),
        })
    }

    /// What is under way is a header that is not whole; `None` if it was told to make room.
    pub(super) fn hears(self, now: u64) -> Option<Self> {
        let State(waits) = Self::waits(now);
        (self != Self::LEAVES).then_some(Self(waits | HEARS))
    }

    /// One more of the things under way has stalled; `None` if none is left that could.
    pub(super) fn stalls(self, now: u64) -> Option<Self> {
        let (count, stalled) = self.counts();
        let stalled = stalled.checked_add(1).filter(|stalled| *stalled <= count)?;
        (self != Self::LEAVES).then(|| {
            if stalled == count {
                Self::all_stalled(count, now)
            } else {
                Self::busy(count, stalled)
            }
        })
    }

    /// One of them goes on.
    pub(super) fn goes_on(self) -> Option<Self> {
        let (count, stalled) = self.counts();
        let stalled = stalled.checked_sub(1)?;
        (self != Self::LEAVES).then_some(Self::busy(count, stalled))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_to_go_first_is_the_smallest() {
        let late = 1 << 60;
        let order = [
            State::waits(5),
            State::waits(late),
            State::waits(u64::MAX),
            State::busy(1, 0).hears(5).unwrap(),
            State::busy(1, 0).hears(late).unwrap(),
            State::busy(9, 8).stalls(5 << UNIT).unwrap(),
            State::busy(2, 1).stalls(6 << UNIT).unwrap(),
            State::busy(1, 0).stalls(u64::MAX).unwrap(),
            State::LEAVES,
        ];
        assert!(
            order.is_sorted_by_key(|state| u64::from(*state)),
            "{order:x?}"
        );
        let (last, others) = order.split_last().unwrap();
        assert!(others.iter().all(|state| state.can_go()) && !last.can_go());
        assert!(!State::default().can_go() && !State::busy(200, 199).can_go());
    }

    #[test]
    fn counts_survive_a_stall() {
        let mut state = State::waits(1);
        for _ in 0..200 {
            state = state.begins().unwrap();
        }
        for _ in 0..200 {
            assert!(!state.can_go());
            state = state.stalls(7).unwrap();
        }
        assert!(state.can_go());
        assert_eq!(state.stalls(7), None);
        assert_eq!(state.counts(), (200, 200));
        // A new stream keeps the connection.
        let more = state.begins().unwrap();
        assert_eq!((more.counts(), more.can_go()), ((201, 200), false));
        assert!(more.ends(8).unwrap().can_go());
        for _ in 0..200 {
            state = state.goes_on().unwrap().ends(9).unwrap();
        }
        assert_eq!(state, State::waits(9));
        assert_eq!(state.ends(10), None);
        for told in [
            State::LEAVES.begins(),
            State::LEAVES.ends(1),
            State::LEAVES.hears(1),
            State::LEAVES.stalls(1),
            State::LEAVES.goes_on(),
        ] {
            assert_eq!(told, None);
        }
    }
}
