//! After what the next server gets a callback.

use crate::config::model::Retry;
use crate::config::reader::Table;

const NEVER: Retry = Retry {
    connect: false,
    error: false,
    timeout: false,
};

pub(super) fn retry(table: &Table<'_>) -> Option<Retry> {
    let connect = Retry {
        connect: true,
        ..NEVER
    };
    table.or("retry", connect, |value| {
        let words = value.list_of(|word| {
            word.one_of(&[
                ("connect", connect),
                (
                    "error",
                    Retry {
                        error: true,
                        ..NEVER
                    },
                ),
                (
                    "timeout",
                    Retry {
                        timeout: true,
                        ..NEVER
                    },
                ),
            ])
        })?;
        Some(words.into_iter().fold(NEVER, |all, one| Retry {
            connect: all.connect || one.connect,
            error: all.error || one.error,
            timeout: all.timeout || one.timeout,
        }))
    })
}
