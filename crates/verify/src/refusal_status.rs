//! The statuses with which a refused callback may be answered.

/// The status with which a callback that was refused is answered: one by which no provider takes it for
/// accepted, and none stops sending or goes elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "u16", into = "u16"))]
pub struct RefusalStatus(u16);

impl RefusalStatus {
    /// Every one.
    pub const ALL: &'static [u16] = &[400, 401, 403, 412, 422];

    /// The one with this number, if it is one.
    #[must_use]
    pub fn new(status: u16) -> Option<Self> {
        Self::ALL.contains(&status).then_some(Self(status))
    }

    /// Its number.
    #[must_use]
    pub const fn code(self) -> u16 {
        self.0
    }
}

/// 400.
impl Default for RefusalStatus {
    fn default() -> Self {
        Self(400)
    }
}

impl TryFrom<u16> for RefusalStatus {
    type Error = &'static str;

    fn try_from(status: u16) -> Result<Self, Self::Error> {
        Self::new(status).ok_or("callbacks are refused with 400, 401, 403, 412 or 422")
    }
}

impl From<RefusalStatus> for u16 {
    fn from(status: RefusalStatus) -> Self {
        status.0
    }
}
