//! The state of a connection, in one number.

/// Set while the connection can be closed. The bits below then say why, since when, and how many
/// requests are in progress.
const CAN_GO: u64 = 1 << 63;
/// A callback of the connection was verified.
const PROVEN: u64 = 1 << 62;

/// It waits for a request.
const IDLE: u64 = 0;
/// It has not sent a complete header yet.
const IN_HEADER: u64 = 1 << KIND;
/// All requests in progress have stalled.
const STALLED: u64 = 2 << KIND;
const KINDS: u64 = 3 << KIND;
const KIND: u32 = 60;

/// The bits for the number of requests in progress, below the time.
const COUNT: u32 = 16;
const COUNTED: u64 = (1 << COUNT) - 1;
/// The time is in units of 2^12 nanoseconds, so that it lasts for two years before it saturates.
const UNIT: u32 = 12;
const MOST: u64 = (1 << (KIND - COUNT)) - 1;

/// How long a connection may go without a verified callback before it is closed first: longer than
/// a genuine one takes for its handshake and header on most networks.
const GRACE: u64 = 1_000_000_000 >> UNIT;
/// How long a connection that had one may keep its place with a header or stalled requests before
/// it is closed ahead of new ones.
const PATIENCE: u64 = 3_000_000_000 >> UNIT;

/// The state of a connection. While it cannot be closed: the number of requests in progress and, in
/// the upper half, how many of them have stalled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct SlotState(u64);

/// The order in which connections are closed: smallest rank first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::proxy) struct SlotRank(Class, u64);

/// From the first to be closed to the last. Within each rank, the one that has been in it for
/// longest is closed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    /// No verified callback for some time since it was accepted. Its activity does not matter, so
    /// strangers displace each other.
    Useless,
    ProvenIdle,
    /// A header or requests without progress for a while.
    ProvenStuck,
    NewIdle,
    NewInHeader,
    NewStalled,
    ProvenInHeader,
    ProvenStalled,
}

impl From<u64> for SlotState {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

impl From<SlotState> for u64 {
    fn from(state: SlotState) -> Self {
        state.0
    }
}

impl SlotState {
    /// It was asked to make room.
    pub(super) const LEAVES: Self = Self(u64::MAX);

    /// It was accepted at that time, in nanoseconds, and waits for its first request.
    pub(in crate::proxy) fn waits(since: u64) -> Self {
        Self::default().idle(since)
    }

    /// Whether a callback of the connection was verified.
    pub(in crate::proxy) fn is_proven(self) -> bool {
        self.0 & PROVEN != 0
    }

    /// A callback in progress was verified; `None` if the connection was asked to make room.
    pub(in crate::proxy) fn proves(self) -> Option<Self> {
        (self.0 & CAN_GO == 0).then_some(Self(self.0 | PROVEN))
    }

    /// Since when the connection has been useless. New requests are no progress: only a verified
    /// callback is.
    fn since(self, now: u64, taken: u64) -> u64 {
        if self.is_proven() { now } else { taken }
    }

    /// Whether it can be asked to make room.
    pub(super) fn can_go(self) -> bool {
        self.0 & CAN_GO != 0 && self != Self::LEAVES
    }

    /// Its rank among those that can be asked to make room, at a time in nanoseconds; `None` if it
    /// cannot.
    pub(in crate::proxy) fn rank(self, now: u64) -> Option<SlotRank> {
        if !self.can_go() {
            return None;
        }
        let since = self.0 >> COUNT & MOST;
        let lasts = (now >> UNIT).saturating_sub(since);
        let class = match (self.is_proven(), self.0 & KINDS) {
            (false, _) if lasts >= GRACE => Class::Useless,
            (false, IDLE) => Class::NewIdle,
            (false, IN_HEADER) => Class::NewInHeader,
            (false, _) => Class::NewStalled,
            (true, IDLE) => Class::ProvenIdle,
            (true, _) if lasts >= PATIENCE => Class::ProvenStuck,
            (true, IN_HEADER) => Class::ProvenInHeader,
            (true, _) => Class::ProvenStalled,
        };
        Some(SlotRank(class, since))
    }

    fn busy(self, count: u64, stalled: u64) -> Self {
        Self(self.0 & PROVEN | stalled << 32 | count)
    }

    /// It can be closed, for this reason.
    fn spare(self, kind: u64, since: u64, count: u64) -> Self {
        Self(CAN_GO | self.0 & PROVEN | kind | (since >> UNIT).min(MOST) << COUNT | count)
    }

    fn idle(self, since: u64) -> Self {
        self.spare(IDLE, since, 0)
    }

    fn all_stalled(self, count: u64, since: u64) -> Self {
        self.spare(STALLED, since, count)
    }

    /// The number of requests in progress, and how many of these have stalled.
    fn counts(self) -> (u64, u64) {
        let count = self.0 & COUNTED;
        match self.0 & CAN_GO {
            0 => (count, self.0 >> 32 & COUNTED),
            _ => (count, count),
        }
    }

    /// One more request is in progress; `None` if it was asked to make room.
    pub(in crate::proxy) fn begins(self) -> Option<Self> {
        let (count, stalled) = self.counts();
        let count = count.checked_add(1).filter(|count| *count <= COUNTED)?;
        (self != Self::LEAVES).then_some(self.busy(count, stalled))
    }

    /// One request less is in progress; after the last one, it is idle. `None` if there is none.
    /// The connection was accepted at `taken`, here as below.
    pub(in crate::proxy) fn ends(self, now: u64, taken: u64) -> Option<Self> {
        if self == Self::LEAVES || (self.can_go() && self.0 & KINDS == IDLE) {
            return None;
        }
        let (count, stalled) = self.counts();
        Some(match count.saturating_sub(1) {
            0 => self.idle(self.since(now, taken)),
            count if stalled >= count => self.all_stalled(count, self.since(now, taken)),
            count => self.busy(count, stalled),
        })
    }

    /// An incomplete header is in progress; `None` if it was asked to make room.
    pub(super) fn receives_header(self, now: u64, taken: u64) -> Option<Self> {
        let since = self.since(now, taken);
        (self != Self::LEAVES).then_some(self.spare(IN_HEADER, since, 0))
    }

    /// One more request in progress has stalled; `None` if none is left that could.
    pub(in crate::proxy) fn stalls(self, now: u64, taken: u64) -> Option<Self> {
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

    /// One of them continues.
    pub(in crate::proxy) fn goes_on(self) -> Option<Self> {
        let (count, stalled) = self.counts();
        let stalled = stalled.checked_sub(1)?;
        (self != Self::LEAVES).then_some(self.busy(count, stalled))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn busy(count: u64, stalled: u64) -> SlotState {
        SlotState::default().busy(count, stalled)
    }

    fn proven(count: u64, stalled: u64) -> SlotState {
        busy(count, stalled).proves().unwrap()
    }

    fn assert_in_order(states: &[SlotState], now: u64) {
        let ranks: Vec<SlotRank> = states
            .iter()
            .map(|state| state.rank(now).unwrap())
            .collect();
        assert!(ranks.is_sorted(), "{ranks:x?}");
    }

    #[test]
    fn strangers_are_closed_oldest_first_whatever_they_do() {
        let now = 100 * SECOND;
        let old = [
            busy(1, 0).stalls(now, SECOND).unwrap(),
            busy(1, 0).receives_header(now, 2 * SECOND).unwrap(),
            busy(1, 0).ends(now, 3 * SECOND).unwrap(),
            busy(9, 8).stalls(now, 4 * SECOND).unwrap(),
            SlotState::waits(99 * SECOND),
        ];
        // A verified callback outlasts all of them, and newcomers outlast an idle connection.
        let others = [
            proven(1, 0).ends(now - 5, 1).unwrap(),
            SlotState::waits(now - SECOND / 2),
        ];
        assert_in_order(&[old.as_slice(), &others].concat(), now);
    }

    #[test]
    fn new_idle_connections_are_closed_first_then_unfinished_headers_then_stalled_ones() {
        let now = 100 * SECOND;
        let (early, late) = (now - SECOND / 2, now - SECOND / 4);
        assert_in_order(
            &[
                proven(1, 0).ends(now, 1).unwrap(),
                proven(1, 0).receives_header(5 * SECOND, 1).unwrap(),
                proven(1, 0).stalls(6 * SECOND, 1).unwrap(),
                SlotState::waits(early),
                SlotState::waits(late),
                busy(1, 0).receives_header(now, early).unwrap(),
                busy(1, 0).receives_header(now, late).unwrap(),
                busy(9, 8).stalls(now, early).unwrap(),
                busy(2, 1).stalls(now, late).unwrap(),
                proven(1, 0).receives_header(early, 1).unwrap(),
                proven(1, 0).receives_header(late, 1).unwrap(),
                proven(9, 8).stalls(early, 1).unwrap(),
                proven(COUNTED, COUNTED - 1).stalls(late, 1).unwrap(),
            ],
            now,
        );
    }

    #[test]
    fn connections_that_are_closing_or_busy_are_not_chosen() {
        for state in [SlotState::LEAVES, SlotState::default(), busy(200, 199)] {
            assert_eq!((state.rank(u64::MAX), state.can_go()), (None, false));
        }
        let latest = proven(COUNTED, COUNTED - 1).stalls(u64::MAX, 1).unwrap();
        assert!(latest.can_go() && latest != SlotState::LEAVES);
    }

    #[test]
    fn a_connection_with_a_verified_callback_keeps_that_status() {
        let new = SlotState::waits(1).begins().unwrap();
        assert!(!new.is_proven());
        let proven = new.proves().unwrap();
        let stalled = proven.stalls(2, 1).unwrap();
        let all = [
            proven,
            proven.begins().unwrap(),
            proven.receives_header(2, 1).unwrap(),
            proven.receives_header(2, 1).unwrap().begins().unwrap(),
            stalled,
            stalled.goes_on().unwrap(),
            stalled.begins().unwrap().ends(3, 1).unwrap(),
            stalled.ends(3, 1).unwrap(),
            stalled.ends(3, 1).unwrap().begins().unwrap(),
        ];
        assert!(all.iter().all(|state| state.is_proven()), "{all:x?}");
        assert_eq!(stalled.counts(), (1, 1));
        assert_eq!(SlotState::LEAVES.proves(), None);
    }

    #[test]
    fn counts_survive_a_stall() {
        let mut state = SlotState::waits(1);
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
        assert_eq!(state, SlotState::waits(1));
        assert_eq!(state.ends(10, 1), None);
        for told in [
            SlotState::LEAVES.begins(),
            SlotState::LEAVES.ends(1, 1),
            SlotState::LEAVES.receives_header(1, 1),
            SlotState::LEAVES.stalls(1, 1),
            SlotState::LEAVES.goes_on(),
        ] {
            assert_eq!(told, None);
        }
    }
}
