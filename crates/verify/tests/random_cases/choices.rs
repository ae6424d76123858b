//! Decisions, each made by one byte of an input: a fuzzer changes them one by one, and a seed makes all.

/// An input that is used up by decisions. Once it is, every decision is the first choice.
pub(crate) struct Choices<'b>(&'b [u8]);

impl<'b> Choices<'b> {
    pub(crate) const fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    /// A number from 0 to `limit - 1`; `limit` is from 1 to 256.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let Some((byte, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        usize::from(*byte) % limit
    }

    /// A place in something of this length, its end included.
    pub(crate) fn place(&mut self, length: usize) -> usize {
        let (high, low) = (self.below(256), self.below(256));
        (high * 256 + low) % (length + 1)
    }

    pub(crate) fn pick<'c, T: ?Sized>(&mut self, choices: &[&'c T]) -> &'c T {
        choices[self.below(choices.len())]
    }

    /// Whether the input is used up.
    pub(crate) const fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    /// Rarely so: not once the input is used up.
    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 1
    }

    /// A few characters of the input itself.
    pub(crate) fn text(&mut self) -> String {
        let length = self.below(12).min(self.0.len());
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        String::from_utf8_lossy(text).into_owned()
    }
}

/// An input of this length, always the same for a seed (SplitMix64).
pub(crate) fn input(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) as u8
    };
    (0..length).map(|_| next()).collect()
}
