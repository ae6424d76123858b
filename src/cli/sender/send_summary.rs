//! What came of the callbacks, for people and for programs.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use serde_json::{Value, json};

use super::send_run::Sent;

/// The most request ids that a line names.
const SHOWN_IDS: usize = 3;

/// The most bytes of an answer that are shown.
const SHOWN_ANSWER: usize = 4 << 10;

/// What came of the callbacks.
pub(in crate::cli) struct Summary<'s> {
    pub(in crate::cli) sent: &'s [Sent],
    /// How many were asked for.
    pub(in crate::cli) wanted: usize,
    pub(in crate::cli) url: String,
    /// Whether they were changed, and so must be refused.
    pub(in crate::cli) are_tampered: bool,
}

impl Summary<'_> {
    /// Whether every callback had the answer that it should have.
    pub(in crate::cli) fn is_as_wanted(&self) -> bool {
        let wanted = if self.are_tampered {
            400..500
        } else {
            200..300
        };
        let is_wanted =
            |sent: &Sent| matches!(&sent.outcome, Ok(status) if wanted.contains(status));
        self.sent.len() == self.wanted && self.sent.iter().all(is_wanted)
    }

    pub(in crate::cli) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let what = if self.are_tampered {
            "tampered callback"
        } else {
            "callback"
        };
        let plural = if self.sent.len() == 1 { "" } else { "s" };
        writeln!(out, "{} {what}{plural} to {}", self.sent.len(), self.url)?;
        let mut rows =
            vec![["status", "count", "p50", "p95", "max", "request ids"].map(str::to_owned)];
        for (status, sent) in self.by_outcome() {
            let [p50, p95, max] = percentiles(&sent).map(milliseconds);
            let mut ids: Vec<_> = sent
                .iter()
                .filter_map(|sent| sent.request_id.as_deref())
                .collect();
            let more = ids.len() > SHOWN_IDS;
            ids.truncate(SHOWN_IDS);
            let ids = format!("{}{}", ids.join(" "), if more { " …" } else { "" });
            let ids = visible(&ids);
            rows.push([status, sent.len().to_string(), p50, p95, max, ids]);
        }
        let width = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or_default()
        };
        let widths: Vec<_> = (0..6).map(width).collect();
        for row in &rows {
            let cells = row.iter().zip(&widths);
            let cells: Vec<_> = cells
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            writeln!(out, "{}", cells.join("  ").trim_end())?;
        }
        if let [only] = self.sent
            && !only.body.is_empty()
        {
            let shown = only.body.get(..SHOWN_ANSWER).unwrap_or(&only.body);
            writeln!(
                out,
                "\n{}",
                visible(&String::from_utf8_lossy(shown)).trim_end()
            )?;
        }
        Ok(())
    }

    pub(in crate::cli) fn to_json(&self) -> Value {
        let statuses: serde_json::Map<String, Value> = { self.by_outcome().into_iter() }
            .map(|(status, sent)| (status, sent.len().into()))
            .collect();
        let [p50, p95, max] = percentiles(&self.sent.iter().collect::<Vec<_>>());
        let requests = self.sent.iter().map(|sent| {
            let mut request = serde_json::Map::new();
            match &sent.outcome {
                Ok(status) => request.insert("status".to_owned(), (*status).into()),
                Err(why) => request.insert("error".to_owned(), why.as_str().into()),
            };
            request.insert("ms".to_owned(), as_number(sent.took).into());
            if let Some(id) = &sent.request_id {
                request.insert("request_id".to_owned(), id.as_str().into());
            }
            Value::from(request)
        });
        let requests: Vec<_> = requests.collect();
        json!({
            "url": self.url,
            "sent": self.sent.len(),
            "tampered": self.are_tampered,
            "as_expected": self.is_as_wanted(),
            "statuses": statuses,
            "latency_ms": { "p50": as_number(p50), "p95": as_number(p95), "max": as_number(max) },
            "requests": requests,
        })
    }

    /// The callbacks by status, or by what went wrong.
    fn by_outcome(&self) -> BTreeMap<String, Vec<&Sent>> {
        let mut found: BTreeMap<String, Vec<&Sent>> = BTreeMap::new();
        for sent in self.sent {
            let outcome = match &sent.outcome {
                Ok(status) => status.to_string(),
                Err(why) => why.clone(),
            };
            found.entry(outcome).or_default().push(sent);
        }
        found
    }
}

/// The times within which half of the answers came, 95 % of them, and all.
fn percentiles(sent: &[&Sent]) -> [Duration; 3] {
    let mut times: Vec<_> = sent.iter().map(|sent| sent.took).collect();
    times.sort_unstable();
    [50, 95, 100].map(|percent| {
        let rank = times.len().saturating_mul(percent).div_ceil(100);
        let at = rank.saturating_sub(1);
        times.get(at).copied().unwrap_or_default()
    })
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

fn as_number(time: Duration) -> f64 {
    (time.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

/// Text of a server's, without what would move the cursor of a terminal.
fn visible(text: &str) -> String {
    let is_harmless = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    text.chars().filter(is_harmless).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(outcome: Result<u16, String>, ms: u64) -> Sent {
        Sent {
            outcome,
            took: Duration::from_millis(ms),
            request_id: Some(format!("id-{ms}")),
            body: b"\x1b[2Jok".to_vec(),
        }
    }

    fn summary(sent: &[Sent], are_tampered: bool) -> Summary<'_> {
        Summary {
            wanted: sent.len(),
            sent,
            url: "http://a/".to_owned(),
            are_tampered,
        }
    }

    #[test]
    fn times_are_of_the_nearest_rank() {
        let all: Vec<_> = (1..=20).map(|ms| sent(Ok(200), ms)).collect();
        let all: Vec<_> = all.iter().collect();
        assert_eq!(percentiles(&all).map(|time| time.as_millis()), [10, 19, 20]);
        assert_eq!(
            percentiles(&all[..1]).map(|time| time.as_millis()),
            [1, 1, 1]
        );
        assert_eq!(percentiles(&[]), [Duration::ZERO; 3]);
    }

    #[test]
    fn a_run_is_as_wanted_if_every_answer_is() {
        for (outcomes, taken, refused) in [
            (&[Ok(200), Ok(204)][..], true, false),
            (&[Ok(200), Ok(400)], false, false),
            (&[Ok(400), Ok(403)], false, true),
            (&[Ok(200), Err("refused".to_owned())], false, false),
            (&[Ok(400), Ok(500)], false, false),
        ] {
            let all: Vec<_> = outcomes
                .iter()
                .map(|outcome| sent(outcome.clone(), 1))
                .collect();
            assert_eq!(summary(&all, false).is_as_wanted(), taken);
            assert_eq!(summary(&all, true).is_as_wanted(), refused);
        }
        let mut cut_off = summary(&[], false);
        cut_off.wanted = 1;
        assert!(!cut_off.is_as_wanted());
    }

    #[test]
    fn the_table_names_a_few_ids_and_one_answer_is_shown_without_control_characters() {
        let text = |sent: &[Sent]| {
            let mut text = Vec::new();
            summary(sent, false).write(&mut text).unwrap();
            String::from_utf8(text).unwrap()
        };
        let all: Vec<_> = (1..=5).map(|ms| sent(Ok(200), ms)).collect();
        let wanted = "5 callbacks to http://a/\n\
                      status  count  p50     p95     max     request ids\n\
                      200     5      3.0 ms  5.0 ms  5.0 ms  id-1 id-2 id-3 …\n";
        assert_eq!(text(&all), wanted);
        assert!(text(&all[..1]).ends_with("\n\n[2Jok\n"));
    }
}
