//! Sets of bytes.

/// A set of bytes: each of ASCII, and all others together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ByteSet {
    ascii: u128,
    others: bool,
}

impl ByteSet {
    pub(super) const NONE: Self = Self {
        ascii: 0,
        others: false,
    };
    pub(super) const ANY: Self = Self {
        ascii: u128::MAX,
        others: true,
    };

    /// Those that pass a test, and perhaps all beyond ASCII.
    pub(super) fn of(test: impl Fn(u8) -> bool, others: bool) -> Self {
        let bytes = (0..128).filter(|byte| test(*byte));
        Self {
            ascii: bytes.fold(0, |set, byte| set | bit(byte)),
            others,
        }
    }

    pub(super) fn of_bytes(bytes: &[u8]) -> Self {
        let mut set = Self::NONE;
        for byte in bytes {
            set = set.or(match byte.is_ascii() {
                true => Self {
                    ascii: bit(*byte),
                    others: false,
                },
                false => Self {
                    ascii: 0,
                    others: true,
                },
            });
        }
        set
    }

    pub(super) fn digits() -> Self {
        Self::of(|byte| byte.is_ascii_digit(), false)
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self {
            ascii: self.ascii | other.ascii,
            others: self.others || other.others,
        }
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self {
            ascii: self.ascii & other.ascii,
            others: self.others && other.others,
        }
    }

    /// Without some bytes of ASCII.
    pub(super) fn without(self, bytes: &[u8]) -> Self {
        Self {
            ascii: self.ascii & !Self::of_bytes(bytes).ascii,
            others: self.others,
        }
    }

    pub(super) fn has(self, byte: u8) -> bool {
        match byte.is_ascii() {
            true => self.ascii & bit(byte) != 0,
            false => self.others,
        }
    }

    pub(super) fn is_disjoint(self, other: Self) -> bool {
        self.and(other) == Self::NONE
    }

    /// Whether all are ASCII.
    pub(super) const fn is_ascii(self) -> bool {
        !self.others
    }

    /// In lower case.
    pub(super) fn lower(self) -> Self {
        Self {
            ascii: map(self.ascii, |byte| byte.to_ascii_lowercase()),
            others: self.others,
        }
        .or_letters(self.others, |byte| byte.is_ascii_lowercase())
    }

    /// In upper case.
    pub(super) fn upper(self) -> Self {
        Self {
            ascii: map(self.ascii, |byte| byte.to_ascii_uppercase()),
            others: self.others,
        }
        .or_letters(self.others, |byte| byte.is_ascii_uppercase())
    }

    /// Some characters beyond ASCII have ASCII letters in the other case.
    fn or_letters(self, has: bool, test: fn(&u8) -> bool) -> Self {
        match has {
            true => self.or(Self::of(|byte| test(&byte), false)),
            false => self,
        }
    }
}

fn bit(byte: u8) -> u128 {
    1u128.checked_shl(byte.into()).unwrap_or_default()
}

fn map(ascii: u128, change: fn(u8) -> u8) -> u128 {
    let bytes = (0..128u8).filter(|byte| ascii & bit(*byte) != 0);
    bytes.fold(0, |set, byte| set | bit(change(byte)))
}
