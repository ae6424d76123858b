//! A scheme as the list shows it.

use serde_json::{Value, json};

use crate::config::ShippedScheme;

/// What the list says of a scheme.
pub(super) struct ListedScheme<'a> {
    scheme: &'a ShippedScheme,
}

impl<'a> ListedScheme<'a> {
    pub(super) const fn of(scheme: &'a ShippedScheme) -> Self {
        Self { scheme }
    }

    fn text(&self, key: &str) -> &'a str {
        self.scheme.about.text(key).unwrap_or_default()
    }

    pub(super) fn columns(&self) -> [String; 5] {
        [
            self.scheme.scheme.name.clone(),
            self.text("provider").to_owned(),
            self.scheme.algorithms().join(", "),
            self.text("transport").to_owned(),
            self.evidence().to_owned(),
        ]
    }

    pub(super) fn as_json(&self) -> Value {
        let coverage = self.scheme.scheme.rules().coverage();
        let covers = coverage.covers_words().into_iter();
        let covers: Vec<&str> = covers.map(|part| part.code()).collect();
        json!({
            "name": self.scheme.scheme.name,
            "file": self.scheme.file.slug,
            "provider": self.text("provider"),
            "title": self.text("title"),
            "region": self.text("region"),
            "algorithms": self.scheme.algorithms(),
            "transport": self.text("transport"),
            "means": coverage.means().code(),
            "covers": covers,
            "not_covered": coverage.not_covered(),
            "confidence": self.scheme.about.confidence.map(|confidence| confidence.code()),
            "evidence": self.evidence(),
            "time": self.text("time"),
            "acknowledgement": self.text("acknowledgement"),
            "retries": self.text("retries"),
            "handshake": self.text("handshake"),
            "traps": self.text("traps"),
            "source": self.text("source"),
        })
    }

    fn evidence(&self) -> &'static str {
        self.scheme
            .about
            .evidence
            .map_or("", |evidence| evidence.code())
    }
}
