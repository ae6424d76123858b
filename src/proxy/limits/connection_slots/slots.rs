//! All slots, and which connection makes room first.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;

use tokio::sync::Notify;

use super::slot_state::{SlotRank, SlotState};

/// Slots are allocated in blocks, so that their numbers are adjacent in memory.
pub(super) const BLOCK: usize = 256;

/// How many blocks are scanned at a time: all slots of the default limit.
pub(super) const LOOK: usize = 40;

/// The slots of all connections.
#[derive(Debug)]
pub(in crate::proxy) struct Slots {
    /// The origin of times, which are in nanoseconds.
    pub(super) begin: Instant,
    blocks: RwLock<Vec<Arc<Block>>>,
    free: Mutex<Vec<(usize, usize)>>,
    /// The block to scan next.
    next: AtomicUsize,
    /// Connections that were asked to make room and are not closed yet.
    pub(super) leaving: AtomicUsize,
}

#[derive(Debug)]
pub(super) struct Block {
    pub(super) states: [AtomicU64; BLOCK],
    pub(super) told: [Notify; BLOCK],
}

impl Slots {
    pub(in crate::proxy) fn new() -> Self {
        Self {
            begin: Instant::now(),
            blocks: RwLock::default(),
            free: Mutex::default(),
            next: AtomicUsize::new(0),
            leaving: AtomicUsize::new(0),
        }
    }

    /// Allocates more slots, and returns one of them.
    pub(super) fn add_block(&self) -> (usize, usize) {
        let mut blocks = self.blocks.write().unwrap_or_else(PoisonError::into_inner);
        let block = blocks.len();
        blocks.push(Arc::default());
        let rest = (1..BLOCK).rev().map(|index| (block, index));
        self.free().extend(rest);
        (block, 0)
    }

    pub(super) fn free(&self) -> MutexGuard<'_, Vec<(usize, usize)>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn block(&self, block: usize) -> Arc<Block> {
        let blocks = self.blocks.read().unwrap_or_else(PoisonError::into_inner);
        blocks.get(block).map(Arc::clone).unwrap_or_default()
    }

    /// How many connections were asked to make room and are not closed yet.
    pub(in crate::proxy) fn leaving(&self) -> usize {
        self.leaving.load(Ordering::Relaxed)
    }

    /// Asks one connection to make room; `false` if none can.
    pub(in crate::proxy) fn make_room(&self) -> bool {
        // Skip a connection that was asked by somebody else, or has become active, meanwhile.
        while let Some((block, index, seen)) = self.first_to_go() {
            let state = block.states.get(index);
            let told = state.is_some_and(|state| {
                let order = Ordering::AcqRel;
                let leaves = SlotState::LEAVES.into();
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

    /// Of the next blocks in turn that have any, the connection that is to be closed first.
    fn first_to_go(&self) -> Option<(Arc<Block>, usize, u64)> {
        let now = self.now();
        let blocks = self.blocks.read().unwrap_or_else(PoisonError::into_inner);
        let first = self.next.load(Ordering::Relaxed);
        let mut best: Option<(SlotRank, &Arc<Block>, usize, u64)> = None;
        for looked in 0..blocks.len() {
            if best.is_some() && looked.checked_rem(LOOK) == Some(0) {
                // The next search continues from here.
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
                let Some(rank) = SlotState::from(state).rank(now) else {
                    continue;
                };
                if best.is_none_or(|(best, ..)| rank < best) {
                    best = Some((rank, block, index, state));
                }
            }
        }
        best.map(|(_, block, index, state)| (Arc::clone(block), index, state))
    }

    /// Nanoseconds since the slots were created.
    pub(super) fn now(&self) -> u64 {
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
