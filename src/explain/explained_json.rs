//! An explanation for programs.

use serde_json::{Map, Value, json};

use super::explanation::{ExplainedStep, Explanation};
use super::guarded::GuardedText;

impl Explanation {
    /// The explanation as an object: `verdict`, `diagnosis` and `steps`, and what belongs to them.
    #[must_use]
    pub fn as_json(&self, full: bool) -> String {
        let shown = |text: &GuardedText| text.shown(&self.veil, full);
        let steps = self.steps.iter().map(|step| told(step, &shown));
        let steps: Vec<Value> = steps.filter(|step| !step.is_null()).collect();
        let finding = &self.finding;
        let changes = finding
            .changes
            .iter()
            .map(|(what, mend)| json!({ "what": shown(what), "where": mend.place() }));
        let changes: Vec<Value> = changes.collect();
        let more: Vec<String> = finding.more.iter().map(shown).collect();
        let object = json!({
            "verdict": self.outcome.word(),
            "reason": self.outcome.code(),
            "diagnosis": finding.code.code(),
            "why": finding.first,
            "more": more,
            "changes": changes,
            "to_do": finding.advice,
            "steps": steps,
        });
        self.veil.over_value(object).to_string()
    }
}

fn told(step: &ExplainedStep, shown: &dyn Fn(&GuardedText) -> String) -> Value {
    match step {
        ExplainedStep::Request { method, path, body } => json!({
            "step": "request", "method": method, "path": shown(path), "body_bytes": body,
        }),
        ExplainedStep::Note(note) => json!({ "step": "note", "text": shown(note) }),
        ExplainedStep::Route(name) => json!({ "step": "route", "name": name }),
        ExplainedStep::Scheme { name, algorithms } => json!({
            "step": "scheme", "name": name, "algorithms": algorithms,
        }),
        ExplainedStep::Called(target) => json!({ "step": "called", "target": shown(target) }),
        ExplainedStep::Found { what, by, value } => json!({
            "step": "found", "what": what, "by": by, "value": shown(value),
        }),
        ExplainedStep::Content {
            nth,
            text,
            applied_to,
            digest,
            holds_secret,
        } => {
            let mut content = Map::new();
            content.insert("step".to_owned(), "content".into());
            content.insert("candidate".to_owned(), nth.saturating_add(1).into());
            content.insert("text".to_owned(), shown(text).into());
            if let Some(applied_to) = applied_to {
                content.insert("signed_as".to_owned(), shown(applied_to).into());
            }
            if let Some((name, digest)) = digest {
                let digest = json!({ "algorithm": name, "hex": digest });
                content.insert("digest".to_owned(), digest);
            }
            content.insert("holds_secret".to_owned(), (*holds_secret).into());
            content.into()
        }
        ExplainedStep::Key {
            id,
            kind,
            fits,
            opened,
        } => json!({ "step": "key", "id": id, "kind": kind, "fits": fits, "opened": opened }),
        ExplainedStep::Searched { tried, found, .. } => json!({
            "step": "search", "tried": tried, "found": found,
        }),
        // Never for programs, whatever the permission.
        ExplainedStep::Expected(_) => Value::Null,
        ExplainedStep::Freshness(freshness) => json!({
            "step": "freshness",
            "signed_at": freshness.signed,
            "at": freshness.at,
            "max_age_seconds": freshness.max_age.map(|max| max.as_secs()),
            "fresh": freshness.is_fresh(),
        }),
    }
}
