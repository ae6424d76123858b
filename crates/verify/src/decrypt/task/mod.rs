//! The decryption of one callback, in steps.

mod aes;
mod clear_text;
mod plan;
mod rsa;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderMap;
use std::ops::Range;
use std::sync::Arc;
use zeroize::Zeroizing;

use self::aes::AesJob;
use self::clear_text::ClearText;
use self::rsa::RsaJob;
use super::DecryptPolicy;
use super::clear::{Clear, ClearHeader, Places, Refused};
use super::edit::{self, Edit};
use super::failure::DecryptFailure;
use super::rule::{ContentKind, OnDecryptFailure, Rule};
use crate::{Verified, header_text};

/// The decryption of one callback. It owns its data, so that it can run anywhere.
pub struct Task {
    rule: Arc<Rule>,
    max_header: usize,
    body: Bytes,
    /// In body order, without overlaps.
    items: Vec<Item>,
    /// How many of them are finished.
    done: usize,
    /// Values that are not examined: there are too many, or the body is not one that every parser
    /// reads alike. In the latter case, it counts as one value.
    unread: usize,
}

/// One value.
struct Item {
    range: Range<usize>,
    pointer: Option<String>,
    in_body: bool,
    /// The escaped name for the clear text next to the encrypted value.
    beside: Option<String>,
    /// Which of the rule's headers get it.
    headers: Vec<usize>,
    state: ItemState,
}

enum ItemState {
    Rsa(RsaJob),
    Aes(AesJob),
    Clear(ClearText),
    Failed(DecryptFailure),
}

impl Task {
    /// Finds the values to decrypt. `body` must be the body that was verified.
    #[must_use]
    pub fn new(
        verified: &Verified<'_>,
        headers: &HeaderMap,
        body: &Bytes,
        policy: &DecryptPolicy,
    ) -> Self {
        let plan = plan::plan(verified, headers, body, policy);
        Self {
            rule: Arc::clone(&policy.rule),
            max_header: policy.max_header,
            body: body.clone(),
            items: plan.items,
            done: 0,
            unread: plan.unread,
        }
    }

    /// Roughly how many bytes the task takes in addition to the body: cipher texts, clear texts,
    /// and the edited body.
    #[must_use]
    pub fn memory(&self) -> usize {
        let cipher_texts = self.items.iter().fold(0, |sum: usize, item| {
            sum.saturating_add(match &item.state {
                ItemState::Rsa(job) => job.length(),
                ItemState::Aes(job) => job.length(),
                ItemState::Clear(_) | ItemState::Failed(_) => 0,
            })
        });
        if cipher_texts == 0 {
            return 0;
        }
        // Clear text is no longer than its cipher text, and at most twice as long once escaped.
        cipher_texts
            .saturating_mul(4)
            .saturating_add(self.body.len())
    }

    /// The length of the body in bytes.
    #[must_use]
    pub fn body_length(&self) -> usize {
        self.body.len()
    }

    /// Whether the task is finished.
    #[must_use]
    pub fn is_done(&self) -> bool {
        let waits = |item: &Item| matches!(item.state, ItemState::Rsa(_) | ItemState::Aes(_));
        !self.items.iter().skip(self.done).any(waits)
    }

    /// Does a part of the task: one private-key operation, or one value if the cipher is not RSA.
    pub fn step(&mut self) {
        while let Some(item) = self.items.get_mut(self.done) {
            let content = self.rule.content;
            let result = match &mut item.state {
                ItemState::Rsa(job) => job.step(content),
                ItemState::Aes(job) => job.step(content),
                ItemState::Clear(_) | ItemState::Failed(_) => {
                    self.done = self.done.saturating_add(1);
                    continue;
                }
            };
            if let Some(result) = result {
                item.state = result.map_or_else(ItemState::Failed, ItemState::Clear);
                self.done = self.done.saturating_add(1);
            }
            return;
        }
    }

    /// Puts the clear texts where the rule says. Unfinished values count as not decrypted.
    ///
    /// # Errors
    /// If a value was not decrypted and the rule refuses such callbacks.
    pub fn finish(mut self) -> Result<Clear, Refused> {
        let headers = self.take_headers();
        let mut clear = Clear {
            body: None,
            headers,
            body_sha256: [0; 32],
            decrypted: Places::default(),
            failed: Places {
                known: Vec::new(),
                count: self.unread,
            },
            first_failure: None,
        };
        let mut texts = Vec::new();
        let mut first = None;
        for item in &mut self.items {
            match &item.state {
                ItemState::Clear(bytes) => {
                    clear.decrypted.add(item.pointer.take());
                    if item.in_body {
                        let text = written(bytes, self.rule.content);
                        texts.push((item.range.clone(), text, item.beside.as_deref()));
                    }
                }
                ItemState::Failed(failure) => {
                    first.get_or_insert((item.pointer.clone(), *failure));
                    clear.failed.add(item.pointer.take());
                }
                ItemState::Rsa(_) | ItemState::Aes(_) => {
                    first.get_or_insert((item.pointer.clone(), DecryptFailure::NotDecrypted));
                    clear.failed.add(item.pointer.take());
                }
            }
        }
        if self.unread > 0 {
            first.get_or_insert((None, DecryptFailure::Unread));
        }
        if let Some((at, failure)) = first {
            if self.rule.on_failure == OnDecryptFailure::Reject {
                return Err(Refused {
                    at,
                    failure,
                    failed: clear.failed.count,
                    decrypted: clear.decrypted.count,
                });
            }
            clear.first_failure = Some(failure);
        }
        clear
            .body_sha256
            .copy_from_slice(digest(&SHA256, &self.body).as_ref());
        if !texts.is_empty() {
            let edits: Vec<_> = texts
                .iter()
                .map(|(range, text, beside)| Edit {
                    range: range.clone(),
                    text,
                    beside: *beside,
                })
                .collect();
            clear.body = Some(edit::edited(&self.body, &edits));
        }
        Ok(clear)
    }

    /// Builds the headers. A value that is too long for its header counts as not decrypted
    /// everywhere.
    fn take_headers(&mut self) -> Vec<ClearHeader> {
        let mut headers = Vec::new();
        for item in self
            .items
            .iter_mut()
            .filter(|item| !item.headers.is_empty())
        {
            let ItemState::Clear(bytes) = &item.state else {
                continue;
            };
            let value = Zeroizing::new(header_text(&written(bytes, self.rule.content)));
            if value.len() > self.max_header {
                item.state = ItemState::Failed(DecryptFailure::TooLong);
                continue;
            }
            let wanted = item.headers.iter();
            headers.extend(
                wanted
                    .filter_map(|index| self.rule.headers.get(*index))
                    .map(|wanted| ClearHeader {
                        name: wanted.header.clone(),
                        value: value.clone(),
                    }),
            );
        }
        headers
    }
}

/// The clear text as a backend gets it.
fn written(bytes: &[u8], content: ContentKind) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::new());
    match content {
        ContentKind::Text => {
            out.reserve_exact(bytes.len());
            // Checked when it was decrypted.
            out.push_str(std::str::from_utf8(bytes).unwrap_or_default());
        }
        ContentKind::Binary => {
            let length = base64::encoded_len(bytes.len(), true).unwrap_or_default();
            out.reserve_exact(length);
            STANDARD.encode_string(bytes, &mut out);
        }
    }
    out
}
