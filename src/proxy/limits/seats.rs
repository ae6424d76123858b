//! Which connections can be done without, so that they make room for new ones: those that wait for
//! a request, those that have sent no whole header yet, and those whose requests have stalled.
//!
//! A connection takes its seat when it comes and leaves it when it goes. In between it changes one
//! number of its own whenever that changes: no request waits for another one's lock. Whoever needs
//! room looks through the numbers.

use std::pin::pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::time::timeout_at;

use super::seat_state::{Rank, State};
use crate::proxy::at_once::at_once;

/// Seats are made in blocks, whose numbers lie side by side.
const BLOCK: usize = 256;

/// How many blocks are looked through at a time: all seats of the default limit.
const LOOK: usize = 40;

/// A client that takes nothing of an answer for so long holds its connection, and its request's place, for
/// nothing: more than a lost packet costs.
pub(in crate::proxy) const NOT_TAKEN: Duration = Duration::from_secs(1);

/// The seats of all connections.
#[derive(Debug)]
pub(super) struct Seats {
    /// Times count from here, in nanoseconds.
    begin: Instant,
    blocks: RwLock<Vec<Arc<Block>>>,
    free: Mutex<Vec<(usize, usize)>>,
    /// The block to look through next.
    next: AtomicUsize,
    /// Connections that were told to make room and are not gone yet.
    leaving: AtomicUsize,
}

#[derive(Debug)]
struct Block {
    states: [AtomicU64; BLOCK],
    told: [Notify; BLOCK],
}

/// A request of a connection that may have several at once; ended when dropped.
#[derive(Debug)]
pub(in crate::proxy) struct Request(Arc<Seat>);

/// A request that waits for its client, and has done so for too long; it goes on when dropped.
#[derive(Debug)]
pub(in crate::proxy) struct Stall(Arc<Seat>);

/// A connection's seat; free again when dropped.
#[derive(Debug)]
pub(in crate::proxy) struct Seat {
    seats: Arc<Seats>,
    block: Arc<Block>,
    place: (usize, usize),
    /// When the connection came.
    taken: u64,
}

impl Seats {
    pub(super) fn new() -> Self {
        Self {
            begin: Instant::now(),
            blocks: RwLock::default(),
            free: Mutex::default(),
            next: AtomicUsize::new(0),
            leaving: AtomicUsize::new(0),
        }
    }

    /// A seat for a connection that has just come: it waits for its first byte.
    pub(super) fn take(self: &Arc<Self>) -> Seat {
        // Its own statement, so that the lock is free again.
        let free = self.free().pop();
        let place = free.unwrap_or_else(|| self.add_block());
        let blocks = self.blocks.read().unwrap_or_else(PoisonError::into_inner);
        let block = blocks.get(place.0).map(Arc::clone).unwrap_or_default();
        let seat = Seat {
            seats: Arc::clone(self),
            block,
            place,
            taken: self.now(),
        };
        seat.set(State::waits(seat.taken));
        seat
    }

    /// Makes more seats, and gives one of them.
    fn add_block(&self) -> (usize, usize) {
        let mut blocks = self.blocks.write().unwrap_or_else(PoisonError::into_inner);
        let block = blocks.len();
        blocks.push(Arc::default());
        let rest = (1..BLOCK).rev().map(|index| (block, index));
        self.free().extend(rest);
        (block, 0)
    }

    fn free(&self) -> MutexGuard<'_, Vec<(usize, usize)>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many connections were told to make room and are not gone yet.
    pub(super) fn leaving(&self) -> usize {
        self.leaving.load(Ordering::Relaxed)
    }

    /// Tells one connection that can be done without to make room; `false` if there is none.
    pub(super) fn make_room(&self) -> bool {
        // Whom somebody else told meanwhile, or who goes on now, is looked over.
        while let Some((block, index, seen)) = self.first_to_go() {
            let state = block.states.get(index);
            let told = state.is_some_and(|state| {
                let order = Ordering::AcqRel;
                let leaves = State::LEAVES.into();
                let told = state.compare_exchange(seen, leaves, order, Ordering::Relaxed);
                told.is_ok()
            });
            if told {
                self.leaving.fetch_add(1, Ordering::Relaxed);
                if let Some(told) = block.told.get(index) {
                    told.notify_one();
                }
                return true;
            }
        }
        false
    }

    /// Of the first blocks in turn that have any, the connection that has to go first.
    fn first_to_go(&self) -> Option<(Arc<Block>, usize, u64)> {
        let now = self.now();
        let blocks = self.blocks.read().unwrap_or_else(PoisonError::into_inner);
        let first = self.next.load(Ordering::Relaxed);
        let mut best: Option<(Rank, &Arc<Block>, usize, u64)> = None;
        for looked in 0..blocks.len() {
            if best.is_some() && looked.checked_rem(LOOK) == Some(0) {
                // The next one to need room goes on from here.
                self.next
                    .store(first.wrapping_add(looked), Ordering::Relaxed);
                break;
            }
            let at = first.wrapping_add(looked).checked_rem(blocks.len());
            let Some(block) = at.and_then(|at| blocks.get(at)) else {
                continue;
            };
            for (index, state) in block.states.iter().enumerate() {
                let state = state.load(Ordering::Relaxed);
                let Some(rank) = State::from(state).rank(now) else {
                    continue;
                };
                if best.is_none_or(|(best, ..)| rank < best) {
                    best = Some((rank, block, index, state));
                }
            }
        }
        best.map(|(_, block, index, state)| (Arc::clone(block), index, state))
    }

    /// Nanoseconds since the seats were made.
    fn now(&self) -> u64 {
        u64::try_from(self.begin.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

impl Default for Block {
    fn default() -> Self {
        Self {
            states: std::array::from_fn(|_| AtomicU64::new(0)),
            told: std::array::from_fn(|_| Notify::new()),
        }
    }
}

impl Seat {
    /// Waits for something of the client, which has nothing under way; `None` if the connection
    /// should make room instead.
    pub(in crate::proxy) async fn wait<T>(&self, something: impl Future<Output = T>) -> Option<T> {
        self.end();
        let something = tokio::select! {
            biased;
            () = self.must_leave() => None,
            something = something => Some(something),
        };
        // It may have been told just now.
        if self.begin() { something } else { None }
    }

    /// Waits for what the client has begun to say: a header, or what comes before HTTP. `None` if the
    /// connection should make room instead, which it can until that is whole.
    pub(in crate::proxy) async fn hear<T>(&self, something: impl Future<Output = T>) -> Option<T> {
        let mut something = pin!(something);
        // Nearly every header is whole at once.
        if let Some(something) = at_once(something.as_mut()).await {
            // It may have been told while the request before stalled.
            return (!self.is_told()).then_some(something);
        }
        let now = self.seats.now();
        self.change(|state| state.hears(now, self.taken));
        let something = tokio::select! {
            biased;
            () = self.must_leave() => None,
            something = something => Some(something),
        };
        // It may have been told just now.
        if self.begin() { something } else { None }
    }

    /// A request is under way; `None` if the connection makes room and takes none.
    pub(in crate::proxy) fn request(self: &Arc<Self>) -> Option<Request> {
        self.begin().then(|| Request(Arc::clone(self)))
    }

    /// Something is under way; `false` if the connection should make room instead.
    pub(super) fn begin(&self) -> bool {
        self.change(State::begins)
    }

    /// It is no longer. With the last such thing, the connection begins to wait.
    pub(in crate::proxy) fn end(&self) {
        let now = self.seats.now();
        self.change(|state| state.ends(now, self.taken));
    }

    /// A callback that is under way was verified: the connection is of use.
    pub(in crate::proxy) fn proves(&self) {
        if !self.is_proven() {
            self.change(State::proves);
        }
    }

    /// Since when the connection has been of no use: since it came, as long as no callback of it was
    /// verified. Whatever else is new on it is no progress.
    pub(in crate::proxy) fn useless_since(&self) -> Option<Instant> {
        let taken = || {
            self.seats
                .begin
                .checked_add(Duration::from_nanos(self.taken))
        };
        (!self.is_proven()).then(taken).flatten()
    }

    /// Waits until the client has taken something of an answer. The connection can make room
    /// meanwhile, after a second; `None` if it should.
    pub(in crate::proxy) async fn until_taken<T>(
        self: &Arc<Self>,
        answer: impl Future<Output = T>,
    ) -> Option<T> {
        let mut answer = pin!(answer);
        // Nearly every answer is taken at once.
        if let Some(taken) = at_once(answer.as_mut()).await {
            return Some(taken);
        }
        let since = self.useless_since();
        let since = since.map_or_else(tokio::time::Instant::now, tokio::time::Instant::from_std);
        let until = since.checked_add(NOT_TAKEN).unwrap_or(since);
        if let Ok(taken) = timeout_at(until, answer.as_mut()).await {
            return Some(taken);
        }
        let _stall = self.stall();
        tokio::select! {
            biased;
            taken = answer => Some(taken),
            () = self.must_leave() => None,
        }
    }

    /// Something that is under way has stalled. With the last such thing, the connection can make
    /// room.
    pub(in crate::proxy) fn stall(self: &Arc<Self>) -> Stall {
        let now = self.seats.now();
        self.change(|state| state.stalls(now, self.taken));
        Stall(Arc::clone(self))
    }

    /// Returns once the connection should make room.
    pub(in crate::proxy) async fn must_leave(&self) {
        let (_, index) = self.place;
        let Some(told) = self.block.told.get(index) else {
            return std::future::pending().await;
        };
        // A word meant for the one before on this seat wakes it, too.
        while !self.is_told() {
            told.notified().await;
        }
        // Other streams of the connection may wait for it, too.
        told.notify_one();
    }

    fn is_told(&self) -> bool {
        self.current() == State::LEAVES
    }

    fn is_proven(&self) -> bool {
        self.current().is_proven()
    }

    fn current(&self) -> State {
        let state = self.state().map(|state| state.load(Ordering::Acquire));
        state.unwrap_or_default().into()
    }

    fn state(&self) -> Option<&AtomicU64> {
        let (_, index) = self.place;
        self.block.states.get(index)
    }

    fn change(&self, change: impl Fn(State) -> Option<State>) -> bool {
        let change = |state: u64| change(state.into()).map(u64::from);
        let state = self.state();
        state.is_some_and(|state| {
            let (set, get) = (Ordering::AcqRel, Ordering::Acquire);
            state.fetch_update(set, get, change).is_ok()
        })
    }

    /// Gives the state before.
    fn set(&self, state: State) -> State {
        let state = self
            .state()
            .map(|now| now.swap(state.into(), Ordering::AcqRel));
        state.unwrap_or_default().into()
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Drop for Stall {
    fn drop(&mut self) {
        self.0.change(State::goes_on);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if self.set(State::default()) == State::LEAVES {
            self.seats.leaving.fetch_sub(1, Ordering::Relaxed);
        }
        self.seats.free().push(self.place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_came_first_makes_room_and_nobody_with_something_under_way() {
        let seats = Arc::new(Seats::new());
        let taken: Vec<Seat> = (0..5).map(|_| seats.take()).collect();
        assert!(taken.iter().all(Seat::begin));
        assert!(!seats.make_room());
        for at in [3, 1, 0, 4] {
            taken[at].end();
        }
        // Of two streams of one connection, one has ended.
        assert!(taken[1].begin() && taken[1].begin());
        taken[1].end();
        for at in [0, 3, 4] {
            assert!(seats.make_room());
            taken[at].must_leave().await;
            assert!(!taken[at].begin());
        }
        assert!(!seats.make_room());
        assert_eq!(seats.leaving(), 3);
        drop(taken);
        assert_eq!(seats.leaving(), 0);
    }

    #[tokio::test]
    async fn those_that_wait_go_first_then_those_in_a_header_then_those_that_stalled() {
        let seats = Arc::new(Seats::new());
        let taken: Vec<Arc<Seat>> = (0..5).map(|_| Arc::new(seats.take())).collect();
        let [idle, busy, header, late, stalled] = [0, 1, 2, 3, 4].map(|at| Arc::clone(&taken[at]));
        assert!(taken.iter().all(|seat| seat.begin()));
        let _stall = stalled.stall();
        let _one_of_two = (busy.begin(), busy.stall());
        let tell = async {
            for seat in [&header, &late] {
                while !seat
                    .state()
                    .is_some_and(|state| State::from(state.load(Ordering::Relaxed)).can_go())
                {
                    tokio::task::yield_now().await;
                }
            }
            idle.end();
            for seat in [&idle, &header, &late, &stalled] {
                assert!(seats.make_room());
                seat.must_leave().await;
            }
            assert!(!seats.make_room());
        };
        let never = || std::future::pending::<()>();
        let (header, late, ()) = tokio::join!(header.hear(never()), late.hear(never()), tell);
        assert_eq!((header, late), (None, None));
        assert_eq!(seats.leaving(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_nobody_takes_makes_room_and_all_who_wait_for_it_hear_so() {
        let seats = Arc::new(Seats::new());
        let seat = Arc::new(seats.take());
        assert!(seat.begin() && seat.begin());
        assert_eq!(seat.until_taken(async { 1 }).await, Some(1));
        assert!(!seats.make_room());
        let never = || seat.until_taken(std::future::pending::<()>());
        let tell = async {
            while !seats.make_room() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let (first, second, (), ()) = tokio::join!(never(), never(), seat.must_leave(), tell);
        assert_eq!((first, second), (None, None));
        // What was sent behind it is not served any more.
        assert_eq!(seat.hear(async { 2 }).await, None);
    }

    #[tokio::test]
    async fn those_without_a_verified_callback_go_first_in_the_order_in_which_they_came() {
        let seats = Arc::new(Seats::new());
        let taken: Vec<Arc<Seat>> = (0..4).map(|_| Arc::new(seats.take())).collect();
        assert!(taken.iter().all(|seat| seat.begin()));
        taken[0].proves();
        taken[1].proves();
        assert!(taken[0].useless_since().is_none() && taken[2].useless_since().is_some());
        // The stalls of those that were verified count from when they began.
        let _stalls = [1, 0, 3, 2].map(|at| {
            let stall = taken[at].stall();
            // So much later that it makes a difference.
            let begun = seats.now();
            while seats.now() < begun + (1 << 14) {
                std::hint::spin_loop();
            }
            stall
        });
        for at in [2, 3, 1, 0] {
            assert!(seats.make_room());
            taken[at].must_leave().await;
        }
        assert!(!seats.make_room());
    }

    #[tokio::test]
    async fn a_header_that_is_whole_has_a_request_under_way() {
        let seats = Arc::new(Seats::new());
        let seat = Arc::new(seats.take());
        assert_eq!(seat.wait(async { 1 }).await, Some(1));
        assert_eq!(seat.hear(async { 2 }).await, Some(2));
        assert_eq!(seat.hear(tokio::task::yield_now()).await, Some(()));
        assert!(!seats.make_room());
        // One of two streams goes on, and then none of one.
        let other = seat.request().unwrap();
        let stalls = [seat.stall(), seat.stall()];
        let [first, second] = stalls;
        drop(first);
        assert!(!seats.make_room());
        drop(other);
        assert!(seats.make_room());
        drop(second);
        assert!(!seat.begin());
    }

    #[tokio::test]
    async fn a_seat_has_nothing_of_the_one_before() {
        let seats = Arc::new(Seats::new());
        let first = seats.take();
        assert!(seats.make_room());
        let place = first.place;
        drop(first);
        let second = seats.take();
        assert_eq!(second.place, place);
        assert_eq!(second.wait(async { 1 }).await, Some(1));
        assert!(!seats.make_room());
        let never = second.wait(std::future::pending::<()>());
        let (left, ()) = tokio::join!(never, async {
            assert!(seats.make_room());
        });
        assert_eq!(left, None);
    }

    #[tokio::test]
    async fn any_number_of_connections_make_room_in_the_end() {
        let seats = Arc::new(Seats::new());
        let count = BLOCK * (LOOK * 2 + 1) + 1;
        let taken: Vec<Seat> = std::iter::repeat_with(|| seats.take())
            .take(count)
            .collect();
        for _ in 0..count {
            assert!(seats.make_room());
        }
        assert!(!seats.make_room());
        assert!(taken.iter().all(|seat| !seat.begin()));
    }
}
