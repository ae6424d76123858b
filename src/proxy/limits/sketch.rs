//! A number for each of any many keys, in memory of one size.
//!
//! A count-min sketch: each key has a cell in each of a few rows, which it shares with others, and
//! its number is the smallest of them. Numbers only grow, so that is never too small; it is too
//! large only where all cells of a key are shared with keys of a larger number. A table of keys
//! would be exact, until somebody with many addresses fills it.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

const ROWS: usize = 4;
/// Bits of a hash that choose a cell of a row.
const BITS: u32 = 14;
const CELLS: usize = 1 << BITS;
/// Bits that choose a lock.
const LOCKS: usize = 16;

pub(super) struct Sketch {
    /// Of this process, so that nobody can look for keys that share cells.
    hasher: RandomState,
    /// Not there before the first key: many limits are never reached for.
    rows: OnceLock<Vec<AtomicU64>>,
    /// The same key waits for itself, so that its number is exact.
    locks: [Mutex<()>; LOCKS],
}

impl Sketch {
    pub(super) fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            rows: OnceLock::new(),
            locks: std::array::from_fn(|_| Mutex::new(())),
        }
    }

    /// Raises the number of a key to what the function makes of it, unless that fails.
    pub(super) fn raise<E>(
        &self,
        key: &u64,
        next: impl FnOnce(u64) -> Result<u64, E>,
    ) -> Result<(), E> {
        let rows = self.rows.get_or_init(|| {
            std::iter::repeat_with(AtomicU64::default)
                .take(ROWS.saturating_mul(CELLS))
                .collect()
        });
        let hash = self.hasher.hash_one(key);
        let mut bits = hash;
        let cells: [Option<&AtomicU64>; ROWS] = std::array::from_fn(|row| {
            let cell = usize::try_from(bits).unwrap_or(usize::MAX) & CELLS.saturating_sub(1);
            bits >>= BITS;
            rows.get(row.saturating_mul(CELLS).saturating_add(cell))
        });
        let lock = usize::try_from(bits).unwrap_or_default().checked_rem(LOCKS);
        let lock = lock.and_then(|at| self.locks.get(at));
        let _held = lock.map(|lock| lock.lock().unwrap_or_else(PoisonError::into_inner));
        let cells = || cells.into_iter().flatten();
        let number = cells().map(|cell| cell.load(Ordering::Relaxed)).min();
        let next = next(number.unwrap_or_default())?;
        for cell in cells() {
            cell.fetch_max(next, Ordering::Relaxed);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of some new keys have a number larger than their own after others came.
    fn mistaken(others: u64) -> usize {
        let sketch = Sketch::new();
        let raise = |key: u64, by: u64| sketch.raise(&key, |number| Ok::<_, ()>(number.max(by)));
        for other in 0..others {
            raise(other, 9).unwrap();
        }
        let new = (others..).take(10_000);
        new.filter(|key| {
            sketch.raise(
                key,
                |number| if number == 0 { Err(true) } else { Err(false) },
            ) == Err(false)
        })
        .count()
    }

    #[test]
    fn few_keys_share_all_their_cells() {
        let [few, many] = [1_000, 10_000].map(mistaken);
        assert!(few <= 5, "{few} of 10000");
        assert!(many <= 600, "{many} of 10000");
    }

    #[test]
    fn numbers_are_never_too_small() {
        let sketch = Sketch::new();
        for round in 0..3 {
            for key in 0..100_000_u64 {
                let raised = sketch.raise(&key, |number| {
                    if number < round {
                        Err(number)
                    } else {
                        Ok(number.saturating_add(1))
                    }
                });
                assert_eq!(raised, Ok(()), "{key}");
            }
        }
    }
}
