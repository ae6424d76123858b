//! Replaces the fast engine if the crate is built without it.

use std::convert::Infallible;

use crate::algorithm::{Algorithm, KeyKind};

/// Never exists.
pub(super) struct FastKey(Infallible);

impl FastKey {
    pub(super) fn new(_kind: KeyKind, _bytes: &[u8]) -> Option<Self> {
        None
    }

    pub(super) fn offers(&self, _algorithm: Algorithm) -> bool {
        match self.0 {}
    }

    pub(super) fn verify(
        &self,
        _algorithm: Algorithm,
        _message: &[u8],
        _signature: &[u8],
    ) -> Option<bool> {
        match self.0 {}
    }
}
