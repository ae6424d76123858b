//! The lines of a header as it is built.

use bytes::{Bytes, BytesMut};
use http::HeaderValue;

/// A header line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderLine {
    /// The name in the spelling to send; valid.
    pub name: Bytes,
    /// The value.
    pub value: HeaderValue,
}

/// Collects the lines of a header.
#[derive(Clone, Debug, Default)]
pub(super) struct HeaderBuilder(Vec<HeaderLine>);

/// A value that no header can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value is not valid in a header")]
pub(super) struct BadValue;

impl HeaderBuilder {
    pub(super) fn as_slice(&self) -> &[HeaderLine] {
        &self.0
    }

    pub(super) fn with_capacity(lines: usize) -> Self {
        Self(Vec::with_capacity(lines))
    }

    /// Adds a line. The name must be valid.
    pub(super) fn add(&mut self, name: Bytes, value: &str) -> Result<(), BadValue> {
        let value = HeaderValue::from_str(value).map_err(|_| BadValue)?;
        self.add_made(name, value);
        Ok(())
    }

    /// Adds a line whose value was made before. The name must be valid.
    pub(super) fn add_made(&mut self, name: Bytes, value: HeaderValue) {
        self.0.push(HeaderLine { name, value });
    }

    /// Adds the lines that `copy` yields: as they were received, with valid names. All names share
    /// one allocation.
    pub(super) fn add_received(&mut self, copy: impl FnOnce(&mut dyn FnMut(&[u8], &HeaderValue))) {
        let mut names = BytesMut::with_capacity(512);
        let mut kept = Vec::with_capacity(self.0.capacity());
        copy(&mut |name, value| {
            names.extend_from_slice(name);
            kept.push((name.len(), value.clone()));
        });
        let mut names = names.freeze();
        let lines = kept.into_iter().map(|(length, value)| HeaderLine {
            name: names.split_to(length),
            value,
        });
        self.0.extend(lines);
    }

    /// Removes the lines whose names match a predicate.
    pub(super) fn remove(&mut self, is_it: impl Fn(&str) -> bool) {
        let named = |line: &HeaderLine| std::str::from_utf8(&line.name).is_ok_and(&is_it);
        self.0.retain(|line| !named(line));
    }
}
