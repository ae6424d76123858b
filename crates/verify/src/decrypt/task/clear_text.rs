//! A value's clear text.

use zeroize::Zeroizing;

use crate::decrypt::plausible_text;
use crate::decrypt::rule::ContentKind;

/// Clear text, overwritten on drop.
pub(super) type ClearText = Zeroizing<Vec<u8>>;

/// Takes a completely decrypted value, if it can be what was encrypted. The text is checked whether
/// or not the padding was right, so that both cases take the same time.
pub(super) fn accept(
    sound: bool,
    clear: &mut ClearText,
    content: ContentKind,
) -> Option<ClearText> {
    let plausible = match content {
        ContentKind::Text => plausible_text::is_plausible(clear),
        ContentKind::Binary => true,
    };
    (sound & plausible).then(|| std::mem::take(clear))
}
