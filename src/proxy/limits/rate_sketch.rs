//! A number for each of any number of keys, in memory of constant size.
//!
//! A count-min sketch: each key has a cell in each of a few rows, which it shares with others, and
//! its number is the smallest of them. Numbers only grow, so the estimate is never too small; it is
//! too large only if a key shares all of its cells with keys of larger numbers. A table of keys
//! would be exact, until somebody with many addresses fills it.
//!
//! The owner of an IPv6 network has more keys than there are cells, and could raise all of them. So
//! the networks that contain a key choose a part of each row, and the key a cell in that part: the
//! keys of one network reach only a small share of the cells, and another key hardly ever has all
//! of its cells there.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

const ROWS: usize = 4;
/// A network has one of this many parts of the cells of the wider network.
const PARTS: usize = 8;
const LOCKS: usize = 16;

/// How many cells a row has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::proxy) enum Size {
    /// 2^14: 512 KiB in total.
    Small,
    /// 2^16: 2 MiB in total.
    Large,
}

impl Size {
    /// A power of two.
    const fn cells(self) -> usize {
        match self {
            Self::Small => 1 << 14,
            Self::Large => 1 << 16,
        }
    }
}

/// A key, and the networks that contain it.
#[derive(Clone, Copy, Debug)]
pub(in crate::proxy) struct SketchKey {
    pub(in crate::proxy) own: u64,
    /// From the widest to the narrowest.
    pub(super) networks: Option<[u64; 2]>,
}

pub(super) struct RateSketch {
    /// Random for this process, so that nobody can search for keys that share cells.
    hasher: RandomState,
    size: Size,
    /// Allocated with the first key: many limits are never used.
    rows: OnceLock<Vec<AtomicU64>>,
    /// Serialises updates of the same key, so that its number is exact.
    locks: [Mutex<()>; LOCKS],
}

impl RateSketch {
    pub(in crate::proxy) fn new(size: Size) -> Self {
        Self {
            hasher: RandomState::new(),
            size,
            rows: OnceLock::new(),
            locks: std::array::from_fn(|_| Mutex::new(())),
        }
    }

    /// Raises the number of a key to what the function returns, unless it fails.
    pub(in crate::proxy) fn raise<E>(
        &self,
        key: SketchKey,
        next: impl FnOnce(u64) -> Result<u64, E>,
    ) -> Result<(), E> {
        let length = self.size.cells();
        let rows = self.rows.get_or_init(|| {
            std::iter::repeat_with(AtomicU64::default)
                .take(ROWS.saturating_mul(length))
                .collect()
        });
        let own = self.hasher.hash_one(key.own);
        // Hashed as a different type, so that no network chooses like a key.
        let hash = |network: u64| self.hasher.hash_one((network, "network"));
        let networks = key.networks.map(|networks| networks.map(hash));
        let cells: [Option<&AtomicU64>; ROWS] = std::array::from_fn(|row| {
            let cell = match networks {
                None => chosen(own, row, length),
                Some([wide, narrow]) => {
                    let (of_wide, of_narrow) = (length / PARTS, length / PARTS / PARTS);
                    let wide = chosen(wide, row, PARTS).saturating_mul(of_wide);
                    let narrow = chosen(narrow, row, PARTS).saturating_mul(of_narrow);
                    let within = chosen(own, row, of_narrow);
                    wide.saturating_add(narrow).saturating_add(within)
                }
            };
            rows.get(row.saturating_mul(length).saturating_add(cell))
        });
        let lock = usize::try_from(own)
            .unwrap_or(usize::MAX)
            .checked_rem(LOCKS);
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

/// One of this many items, a power of two, chosen by this row's 16 bits of a hash.
fn chosen(hash: u64, row: usize, of: usize) -> usize {
    let bits = hash.to_le_bytes();
    let bits = bits
        .get(row.saturating_mul(2)..)
        .and_then(<[u8]>::first_chunk);
    let bits = usize::from(bits.map_or(0, |bits| u16::from_le_bytes(*bits)));
    bits & of.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of some new keys have a number larger than their own after others came.
    fn mistaken(others: u64) -> usize {
        let sketch = RateSketch::new(Size::Small);
        let key = |own: u64| SketchKey {
            own,
            networks: None,
        };
        let raise =
            |own: u64, by: u64| sketch.raise(key(own), |number| Ok::<_, ()>(number.max(by)));
        for other in 0..others {
            raise(other, 9).unwrap();
        }
        let new = (others..).take(10_000);
        new.filter(|own| {
            sketch.raise(
                key(*own),
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
    fn estimates_are_never_too_small() {
        for size in [Size::Small, Size::Large] {
            let sketch = RateSketch::new(size);
            for round in 0..3 {
                for own in 0..100_000_u64 {
                    let networks = own.is_multiple_of(2).then_some([own % 7, own % 1000]);
                    let raised = sketch.raise(SketchKey { own, networks }, |number| {
                        if number < round {
                            Err(number)
                        } else {
                            Ok(number.saturating_add(1))
                        }
                    });
                    assert_eq!(raised, Ok(()), "{own}");
                }
            }
        }
    }
}
