//! Finding what belongs to a value by where the value stands in memory.

/// What belongs to each of several values that outlive it and do not move.
///
/// A request has its route and key at hand. Their addresses find their counters in a few
/// comparisons of numbers, whatever their names are.
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
