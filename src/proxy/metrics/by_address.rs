//! Finding the data of a value by the value's address in memory.

/// Associates data with values that outlive it and do not move.
///
/// A request has its route and key at hand. Their addresses lead to their counters in a few integer
/// comparisons, whatever their names are.
#[derive(Debug)]
pub(super) struct ByAddress<T>(Vec<(usize, T)>);

impl<T> ByAddress<T> {
    pub(super) fn new<'v, V: 'v>(pairs: impl IntoIterator<Item = (&'v V, T)>) -> Self {
        let pairs = pairs.into_iter();
        let mut all: Vec<_> = pairs.map(|(value, own)| (address(value), own)).collect();
        all.sort_unstable_by_key(|(address, _)| *address);
        all.dedup_by_key(|(address, _)| *address);
        Self(all)
    }

    pub(super) fn get<V>(&self, value: &V) -> Option<&T> {
        let wanted = address(value);
        let at = self
            .0
            .binary_search_by_key(&wanted, |(address, _)| *address);
        self.0.get(at.ok()?).map(|(_, own)| own)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|(_, own)| own)
    }
}

fn address<V>(value: &V) -> usize {
    std::ptr::from_ref(value).addr()
}
