//! What a connection does, in one number.

/// Set while the connection can be done without. The next bits say why, so that the smallest number
/// of all is that of the connection which has to go first; the rest is since when.
const CAN_GO: u64 = 1 << 63;
/// It has sent no whole header yet; otherwise it waits for a request.
const HEARS: u64 = 1 << KIND;
/// All that is under way has stalled.
const STALLED: u64 = 2 << KIND;
/// Added to either of these where a callback of the connection was verified: it goes after all
/// connections that never had one.
const AFTER_OTHERS: u64 = 2 << KIND;
const KINDS: u64 = 7 << KIND;
const KIND: u32 = 60;

/// Set while the connection cannot go and a callback of it was verified.
const PROVEN: u64 = 1 << 62;

/// The bits for how many things are under way, behind the time since all of them have stalled.
const COUNT: u32 = 16;
const COUNTED: u64 = (1 << COUNT) - 1;
/// That time is in units of 2^12 nanoseconds, so that it lasts for two years before all are alike.
const UNIT: u32 = 12;
const MOST: u64 = (1 << (KIND - COUNT)) - 1;

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
        Self::idle(since, false)
    }

    fn idle(since: u64, is_proven: bool) -> Self {
        Self(CAN_GO | since.min((HEARS >> 1).saturating_sub(1)) << 1 | u64::from(is_proven))
    }

    /// Whether a callback of the connection was verified.
    pub(super) fn is_proven(self) -> bool {
        match self.0 & KINDS {
            _ if self.0 & CAN_GO == 0 => self.0 & PROVEN != 0,
            0 => self.0 & 1 != 0,
            kind => kind > STALLED,
        }
    }

    /// A callback of the connection was verified, which is still under way; `None` if it was told to
    /// make room.
    pub(super) fn proves(self) -> Option<Self> {
        (self.0 & CAN_GO == 0).then_some(Self(self.0 | PROVEN))
    }

    /// Since when the connection holds its place for nothing. New requests are no progress: only a
    /// verified callback is.
    fn since(self, now: u64, taken: u64) -> u64 {
        if self.is_proven() { now } else { taken }
    }

    fn kind(self, kind: u64) -> u64 {
        kind.saturating_add(if self.is_proven() { AFTER_OTHERS } else { 0 })
    }

    /// Whether it can be told to make room.
    pub(super) fn can_go(self) -> bool {
        self.0 & CAN_GO != 0 && self != Self::LEAVES
    }

    fn busy(self, count: u64, stalled: u64) -> Self {
        let proven = if self.is_proven() { PROVEN } else { 0 };
        Self(proven | stalled << 32 | count)
    }

    fn all_stalled(self, count: u64, since: u64) -> Self {
        Self(CAN_GO | self.kind(STALLED) | (since >> UNIT).min(MOST) << COUNT | count)
    }

    /// How many things are under way, and how many of these have stalled.
    fn counts(self) -> (u64, u64) {
        if self.0 & CAN_GO == 0 {
            return (self.0 & COUNTED, self.0 >> 32 & COUNTED);
        }
        let is_stalled = self.0 & KINDS == self.kind(STALLED);
        let all = if is_stalled { self.0 & COUNTED } else { 0 };
        (all, all)
    }

    /// One more thing is under way; `None` if it was told to make room.
    pub(super) fn begins(self) -> Option<Self> {
        let (count, stalled) = self.counts();
        let count = count.checked_add(1).filter(|count| *count <= COUNTED)?;
        (self != Self::LEAVES).then_some(self.busy(count, stalled))
    }

    /// One less is; with the last one, it waits. `None` if none is. The connection was taken at
    /// `taken`, here as below.
    pub(super) fn ends(self, now: u64, taken: u64) -> Option<Self> {
        if self == Self::LEAVES || (self.can_go() && self.0 & KINDS == 0) {
            return None;
        }
        let (count, stalled) = self.counts();
        Some(match count.saturating_sub(1) {
            0 => Self::idle(now, self.is_proven()),
            count if stalled >= count => self.all_stalled(count, self.since(now, taken)),
            count => self.busy(count, stalled),
        })
    }

    /// What is under way is a header that is not whole; `None` if it was told to make room.
    pub(super) fn hears(self, now: u64, taken: u64) -> Option<Self> {
        let since = self.since(now, taken).min(HEARS.saturating_sub(1));
        (self != Self::LEAVES).then_some(Self(CAN_GO | self.kind(HEARS) | since))
    }

    /// One more of the things under way has stalled; `None` if none is left that could.
    pub(super) fn stalls(self, now: u64, taken: u64) -> Option<Self> {
        let (count, stalled) = self.counts();
        let stalled = stalled.checked_add(1).filter(|stalled| *stalled <= count)?;
        (self != Self::LEAVES).then(|| {
            if stalled == count {
                self.all_stalled(count, self.since(now, taken))
            } else {
                self.busy(count, stalled)
            }
        })
    }

    /// One of them goes on.
    pub(super) fn goes_on(self) -> Option<Self> {
        let (count, stalled) = self.counts();
        let stalled = stalled.checked_sub(1)?;
        (self != Self::LEAVES).then_some(self.busy(count, stalled))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_to_go_first_is_the_smallest() {
        let late = 1 << 58;
        let busy = |count, stalled| State::default().busy(count, stalled);
        let proven = |count, stalled| busy(count, stalled).proves().unwrap();
        let order = [
            State::waits(5),
            proven(1, 0).ends(6, 1).unwrap(),
            State::waits(late),
            State::waits(u64::MAX),
            busy(1, 0).hears(u64::MAX, 5).unwrap(),
            busy(1, 0).hears(u64::MAX, late).unwrap(),
            busy(9, 8).stalls(u64::MAX, 5 << UNIT).unwrap(),
            busy(2, 1).stalls(u64::MAX, 6 << UNIT).unwrap(),
            busy(1, 0).stalls(u64::MAX, u64::MAX).unwrap(),
            proven(1, 0).hears(5, 1).unwrap(),
            proven(1, 0).hears(late, 1).unwrap(),
            proven(9, 8).stalls(5 << UNIT, 1).unwrap(),
            proven(2, 1).stalls(6 << UNIT, 1).unwrap(),
            proven(COUNTED, COUNTED - 1).stalls(u64::MAX, 1).unwrap(),
            State::LEAVES,
        ];
        assert!(
            order.is_sorted_by_key(|state| u64::from(*state)),
            "{order:x?}"
        );
        let (last, others) = order.split_last().unwrap();
        assert!(others.iter().all(|state| state.can_go()) && !last.can_go());
        assert!(!State::default().can_go() && !busy(200, 199).can_go());
    }

    #[test]
    fn a_verified_callback_is_remembered_whatever_comes_after() {
        let new = State::waits(1).begins().unwrap();
        assert!(!new.is_proven());
        let proven = new.proves().unwrap();
        let stalled = proven.stalls(2, 1).unwrap();
        let all = [
            proven,
            proven.begins().unwrap(),
            proven.hears(2, 1).unwrap(),
            proven.hears(2, 1).unwrap().begins().unwrap(),
            stalled,
            stalled.goes_on().unwrap(),
            stalled.begins().unwrap().ends(3, 1).unwrap(),
            stalled.ends(3, 1).unwrap(),
            stalled.ends(3, 1).unwrap().begins().unwrap(),
        ];
        assert!(all.iter().all(|state| state.is_proven()), "{all:x?}");
        assert_eq!(stalled.counts(), (1, 1));
        assert_eq!(State::LEAVES.proves(), None);
    }

    #[test]
    fn counts_survive_a_stall() {
        let mut state = State::waits(1);
        for _ in 0..200 {
            state = state.begins().unwrap();
        }
        for _ in 0..200 {
            assert!(!state.can_go());
            state = state.stalls(7, 1).unwrap();
        }
        assert!(state.can_go());
        assert_eq!(state.stalls(7, 1), None);
        assert_eq!(state.counts(), (200, 200));
        // A new stream keeps the connection.
        let more = state.begins().unwrap();
        assert_eq!((more.counts(), more.can_go()), ((201, 200), false));
        assert!(more.ends(8, 1).unwrap().can_go());
        for _ in 0..200 {
            state = state.goes_on().unwrap().ends(9, 1).unwrap();
        }
        assert_eq!(state, State::waits(9));
        assert_eq!(state.ends(10, 1), None);
        for told in [
            State::LEAVES.begins(),
            State::LEAVES.ends(1, 1),
            State::LEAVES.hears(1, 1),
            State::LEAVES.stalls(1, 1),
            State::LEAVES.goes_on(),
        ] {
            assert_eq!(told, None);
        }
    }
}
