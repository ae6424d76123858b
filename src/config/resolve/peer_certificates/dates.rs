//! Warns of trusted certificates that are out of date, or soon will be.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::pki_types::CertificateDer;

use super::authority::validity;
use crate::config::diagnostic::WarningName;
use crate::config::reader::{Text, quote};

/// Time to get another one.
const SOON: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The worst first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum OutOfDate {
    Expired,
    NotYetValid,
    ExpiresSoon,
}

/// What is wrong with the dates of certificates, in words.
pub(in crate::config::resolve) struct DatesWarning {
    pub(in crate::config::resolve) why: String,
    pub(in crate::config::resolve) note: Option<String>,
    pub(in crate::config::resolve) help: Option<&'static str>,
}

/// Warns once of the certificates in the file with this name.
pub(in crate::config::resolve) fn warn_of_dates(
    name: Text<'_>,
    certificates: &[CertificateDer<'_>],
) {
    let Some(DatesWarning { why, note, help }) = find_out_of_date(certificates) else {
        return;
    };
    let draft = name.warning(WarningName::AuthorityOutOfDate, why);
    let draft = match note {
        None => draft,
        Some(note) => draft.note(note),
    };
    let help = help.unwrap_or("add the renewed certificate to the file, then reload");
    draft.help(help).report::<()>();
}

/// The certificate that is the longest out of date, or will be the first.
pub(in crate::config::resolve) fn find_out_of_date(
    certificates: &[CertificateDer<'_>],
) -> Option<DatesWarning> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.unwrap_or_default();
    let mut found = Vec::new();
    for (subject, begins, ends) in certificates.iter().filter_map(validity) {
        if ends.to_unix_duration() < now {
            found.push((OutOfDate::Expired, ends, subject));
        } else if begins.to_unix_duration() > now {
            found.push((OutOfDate::NotYetValid, begins, subject));
        } else if ends.to_unix_duration() < now.saturating_add(SOON) {
            found.push((OutOfDate::ExpiresSoon, ends, subject));
        }
    }
    found.sort_by_key(|(state, time, _)| (*state, time.to_unix_duration()));
    let (state, time, subject) = found.first()?;
    let subject = quote(subject);
    let why = match state {
        OutOfDate::Expired => format!("{subject} expired at {time}: what relies on it is refused"),
        OutOfDate::NotYetValid => {
            format!("{subject} is not valid before {time}: what relies on it is refused")
        }
        OutOfDate::ExpiresSoon => {
            format!("{subject} expires at {time}: from then on, what relies on it is refused")
        }
    };
    let note = match found.len() {
        0 | 1 => None,
        several => Some(format!(
            "this is one of {several} such certificates in the file"
        )),
    };
    let help = (*state == OutOfDate::NotYetValid).then_some("check this machine's clock");
    Some(DatesWarning { why, note, help })
}
