//! Random schemes, requests that they accept, and attacks on these.
//!
//! What is covered cannot be changed: whatever somebody without the key makes of a signed request, if it is
//! accepted, and neither is marked as ambiguous, both have the same value wherever the coverage of the
//! scheme says that the signature covers it.
//!
//! The fuzz target `evaluator` and the tests run the same code over different inputs.

pub(crate) mod choices;
mod covered_readings;
mod random_attack;
mod random_expression;
mod random_message;
mod random_scheme;
mod random_selection;
pub(crate) mod random_signer;
mod written_scheme;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_verify::language::{Choice, LetDefinition, RouteValues, SchemeDefinition};
use countersign_verify::{
    Key, KeySet, MemoryBudget, OutOfMemory, Plenty, Reason, Scheme, Verified, VerifyError,
    VerifyPolicy, VerifySteps, verify_watched, verify_within,
};

use serde_json::{Value, json};

use choices::Choices;
use covered_readings::Readings;
use random_attack::{Marks, change};
use random_message::{Format, RandomMessage, Written};
use random_scheme::SignaturePlace;
use random_signer::SECRET;

const NOW: i64 = 1_700_000_000;

/// How many messages are drawn until a scheme takes one.
const MESSAGES: usize = 8;

/// What came of an input, for figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The scheme compiles.
    pub(crate) is_scheme: bool,
    /// Its values can be told apart.
    pub(crate) is_sound: bool,
    /// A request was signed and is genuine.
    pub(crate) is_genuine: bool,
    /// Attacks, and those that were accepted.
    pub(crate) attacks: usize,
    pub(crate) accepted: usize,
}

/// A scheme and a request that it accepts.
pub(crate) struct RandomCase {
    pub(crate) policy: VerifyPolicy,
    place: SignaturePlace,
    pub(crate) message: RandomMessage,
}

/// A random scheme and a message that is not signed.
pub(crate) struct Draft {
    pub(crate) scheme: Scheme,
    place: SignaturePlace,
    message: RandomMessage,
}

impl Draft {
    /// `None` if the scheme is none.
    pub(crate) fn random(choices: &mut Choices<'_>) -> Option<Self> {
        let format = [
            Format::Json,
            Format::Form,
            Format::Json,
            Format::Xml,
            Format::Raw,
        ][choices.below(5)];
        let (definition, place) = random_scheme::scheme(choices, format);
        let mut scheme = match Scheme::compile("random", definition.clone()) {
            Ok(scheme) => scheme,
            Err(errors) => {
                let texts = texts(&definition);
                for error in errors {
                    let at = &error.error.at;
                    let is_place = at.start == 0 && at.end == 0
                        || texts.iter().any(|text| text.get(at.clone()).is_some());
                    assert!(is_place, "{error:?}: {definition:?}");
                }
                return None;
            }
        };
        scheme.ambiguous_join = scheme.check().is_err();
        scheme.check().unwrap();
        Some(Self {
            scheme,
            place,
            message: RandomMessage::random(choices, format),
        })
    }

    /// With a signature over what the scheme signs. `None` if the message lacks something of that.
    pub(crate) fn signed(mut self, choices: &mut Choices<'_>) -> Option<RandomCase> {
        let definition = self.scheme.definition().clone();
        let Choice::Fixed(algorithm) = &definition.algorithm else {
            return None;
        };
        let form = definition.signature_form.as_deref();
        let sign = |content: &[u8]| {
            random_signer::sign(algorithm, form, definition.key.as_deref(), content)
        };
        // Contents with a secret are shown to nobody: there, a scheme with the secret as fixed text
        // shows them.
        let shown = shown(&definition);
        let twin = policy(Scheme::compile("twin", shown).ok()?, "hmac-sha256");
        let mut contents = Vec::new();
        // Most schemes ask for more than one message happens to have.
        for _ in 0..MESSAGES {
            self.message = RandomMessage::random(choices, self.message.format);
            self.place.put(&[0; 32], &mut self.message);
            contents = self::contents(&twin, &self.message.write());
            if !contents.is_empty() {
                break;
            }
        }
        let content = contents.get(choices.below(contents.len().max(1)))?;
        // Somebody could have continued a digest of bytes that are no text.
        if algorithm.starts_with("sha") && content.iter().any(|byte| !(b' '..=b'~').contains(byte))
        {
            return None;
        }
        self.place.put(&sign(content), &mut self.message);
        let case = RandomCase {
            policy: policy(self.scheme, algorithm),
            place: self.place,
            message: self.message,
        };
        let written = case.message.write();
        let genuine = verify_within(&case.policy, written.callback(), NOW, &mut Plenty);
        match genuine {
            Ok(_) => {}
            Err(VerifyError::Rejected(rejection)) => match rejection.reason {
                // Some backend would read another value.
                Reason::BodyNotInCharset
                | Reason::FieldRepeated
                | Reason::QueryShadowsField
                | Reason::QueryInvalid
                | Reason::QueryRepeated => return None,
                reason => {
                    // Where the signature is a part of what is signed, nobody can make one.
                    let is_signed_itself = self::contents(&twin, &written) != contents;
                    assert!(is_signed_itself, "{reason:?}: {:?} {written:?}", definition);
                    return None;
                }
            },
            Err(error) => panic!("{error}"),
        }
        Some(case)
    }
}

fn policy(scheme: Scheme, algorithm: &str) -> VerifyPolicy {
    let (key, ..) = random_signer::key(algorithm);
    VerifyPolicy::new(scheme, KeySet::Any(vec![key])).with_route_values(route())
}

pub(crate) fn route() -> RouteValues {
    RouteValues {
        public_url: Some("https://shop.example/cb".to_owned()),
        values: [("c".to_owned(), "const".to_owned())].into_iter().collect(),
    }
}

/// Every candidate that the scheme builds.
fn contents(policy: &VerifyPolicy, written: &Written) -> Vec<Vec<u8>> {
    let mut seen = Contents::default();
    let _ = verify_watched(policy, written.callback(), NOW, &mut Plenty, &mut seen);
    seen.contents
}

/// What is shown of a verification.
#[derive(Default)]
struct Contents {
    contents: Vec<Vec<u8>>,
    tries: usize,
}

impl VerifySteps for Contents {
    fn content(&mut self, _: usize, content: &[u8]) {
        self.contents.push(content.to_vec());
    }

    fn tried(&mut self, _: &Key, _: bool) {
        self.tries += 1;
    }
}

/// The scheme, with the secret as fixed text.
fn shown(definition: &SchemeDefinition) -> SchemeDefinition {
    let mut shown = definition.clone();
    let show = |text: &mut String| {
        *text = text.replace("{secret}", SECRET);
    };
    shown.algorithm = Choice::Fixed("hmac-sha256".to_owned());
    shown.signature_form = None;
    shown.key = None;
    shown.content.iter_mut().for_each(show);
    shown.signed.iter_mut().for_each(show);
    for (_, step) in &mut shown.lets {
        match step {
            LetDefinition::Candidates(candidates) => candidates.iter_mut().for_each(show),
            LetDefinition::Table { by, of, default } => {
                let rows = of.iter_mut().map(|(_, row)| row);
                rows.chain(default).chain([by]).for_each(show);
            }
        }
    }
    for (_, selection) in &mut shown.selections {
        selection.add.iter_mut().for_each(|(_, text)| show(text));
    }
    shown
}

/// Every text of a definition that an error may point into.
fn texts(definition: &SchemeDefinition) -> Vec<&str> {
    let lets = definition.lets.iter().flat_map(|(_, step)| match step {
        LetDefinition::Candidates(candidates) => candidates.iter().collect::<Vec<_>>(),
        LetDefinition::Table { by, of, default } => {
            let rows = of.iter().map(|(_, row)| row);
            rows.chain(default).chain([by]).collect()
        }
    });
    let selections = definition.selections.iter().flat_map(|(_, selection)| {
        let own = selection.pair_of.iter().chain(&selection.add);
        let own = own.map(|(_, text)| text);
        own.chain([&selection.pair, &selection.between])
    });
    let checks = definition.check.iter();
    let checks = checks.flat_map(|(value, wanted)| [value].into_iter().chain(wanted));
    let required = definition
        .require
        .iter()
        .flat_map(|(value, shape)| [value, shape]);
    let plain = [
        &definition.nonce,
        &definition.key_id,
        &definition.signed,
        &definition.key,
        &definition.charset,
    ];
    let timestamp = definition
        .timestamp
        .iter()
        .map(|timestamp| &timestamp.value);
    let all = definition.content.iter().chain(&definition.signature);
    let all = all
        .chain(lets)
        .chain(selections)
        .chain(checks)
        .chain(required);
    let all = all.chain(plain.into_iter().flatten()).chain(timestamp);
    all.map(String::as_str).collect()
}

/// A budget that runs out, and notices whether all of it came back.
struct Budget {
    left: usize,
    taken: usize,
}

impl MemoryBudget for Budget {
    fn take(&mut self, bytes: usize) -> Result<(), OutOfMemory> {
        self.left = self.left.checked_sub(bytes).ok_or(OutOfMemory)?;
        self.taken += bytes;
        Ok(())
    }

    fn give(&mut self, bytes: usize) {
        assert!(bytes <= self.taken, "more came back than was taken");
        self.taken -= bytes;
        self.left += bytes;
    }
}

impl RandomCase {
    /// The scheme and the request as `tests/vectors/providers` has them.
    pub(crate) fn line(&self, name: &str) -> Value {
        let definition = self.policy.scheme.definition();
        let Choice::Fixed(algorithm) = &definition.algorithm else {
            return Value::Null;
        };
        let (_, form, key) = random_signer::key(algorithm);
        let written = self.message.write();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let headers = written.headers.iter();
        let headers: Vec<[String; 2]> = headers
            .map(|(name, value)| [name.to_string(), text(value.as_bytes())])
            .collect();
        let route = route();
        json!({
            "id": name,
            "slug": "random",
            "schemes": written_scheme::toml(definition),
            "valid": true,
            "request": {
                "method": written.method,
                "target": text(&written.target),
                "headers": headers,
                "body_b64": STANDARD.encode(&written.body),
            },
            "public_url": route.public_url,
            "keys": [{ "name": "key", "form": form, "value": key }],
            "values": route.values,
            "verify_at": null,
        })
    }

    fn verify<'a>(&'a self, written: &'a Written) -> Result<Verified<'a>, VerifyError> {
        verify_within(&self.policy, written.callback(), NOW, &mut Plenty)
    }

    /// What is covered of a request.
    fn readings(&self, written: &Written, verified: &Verified<'_>) -> [Readings; 2] {
        let scheme = &self.policy.scheme;
        let coverage = scheme.rules().coverage();
        let outside =
            covered_readings::outside_of_fields(coverage, written, verified, self.place.header());
        let all = [outside, covered_readings::fields(coverage, verified)];
        let mut selections = scheme.definition().selections.iter();
        if selections.any(|(_, selection)| selection.nocase) {
            // The case of names is not signed.
            let lower = |(name, value): (String, String)| (name.to_lowercase(), value);
            return all.map(|readings| readings.into_iter().map(lower).collect());
        }
        all
    }

    /// Whoever watches sees the same, and with less memory there is the same verdict or none.
    fn is_watched_alike(&self, written: &Written, memory: usize) {
        let plain = self.verify(written);
        let code = |verdict: &Result<Verified<'_>, VerifyError>| match verdict {
            Ok(verified) => Ok(verified.signed_content().to_vec()),
            Err(error) => Err(error.to_string()),
        };
        let mut steps = Contents::default();
        let watched = verify_watched(
            &self.policy,
            written.callback(),
            NOW,
            &mut Plenty,
            &mut steps,
        );
        assert_eq!(code(&plain), code(&watched));
        assert!(steps.tries <= 32, "{} tries", steps.tries);
        let mut budget = Budget {
            left: memory,
            taken: 0,
        };
        let bounded = verify_within(&self.policy, written.callback(), NOW, &mut budget);
        match bounded {
            Err(VerifyError::OutOfMemory(_)) => {}
            bounded => assert_eq!(code(&plain), code(&bounded)),
        }
    }
}

/// The case of an input: a scheme and a request that it accepts.
pub(crate) fn case(input: &[u8]) -> Option<RandomCase> {
    let mut choices = Choices::new(input);
    Draft::random(&mut choices)?.signed(&mut choices)
}

/// Draws a scheme and a request, signs it and attacks it.
pub(crate) fn check(input: &[u8]) -> Outcome {
    let mut outcome = Outcome::default();
    let mut choices = Choices::new(input);
    let Some(draft) = Draft::random(&mut choices) else {
        return outcome;
    };
    outcome.is_scheme = true;
    outcome.is_sound = !draft.scheme.ambiguous_join;
    let definition = draft.scheme.definition().clone();
    let Some(case) = draft.signed(&mut choices) else {
        return outcome;
    };
    outcome.is_genuine = true;
    let genuine = case.message.write();
    let verified = case.verify(&genuine).unwrap();
    case.is_watched_alike(&genuine, choices.place(1 << 12));
    let readings = case.readings(&genuine, &verified);
    let marks = Marks::of(texts(&definition));
    while !choices.is_over() && outcome.attacks < 256 {
        let mut message = case.message.clone();
        for _ in 0..=choices.below(3) {
            change(&mut message, &marks, &mut choices);
        }
        let written = message.write();
        outcome.attacks += 1;
        let Ok(forged) = case.verify(&written) else {
            if outcome.attacks % 8 == 0 {
                case.is_watched_alike(&written, choices.place(1 << 12));
            }
            continue;
        };
        outcome.accepted += 1;
        let told = |verified: &Verified<'_>| verified.signed_content().escape_ascii().to_string();
        assert_eq!(told(&verified), told(&forged), "{definition:?}");
        for (one, other) in readings.iter().zip(case.readings(&written, &forged)) {
            // A value counts wherever it stands of several headers that it may stand in.
            let is_moved = |name: &String| {
                let several = "header:X-A,X-B,X-List";
                name.starts_with("header ")
                    && (!one.contains_key(name) || !other.contains_key(name))
                    && texts(&definition).iter().any(|text| text.contains(several))
            };
            let names = one.keys().chain(other.keys());
            // Which value a field or a parameter has is not known of an ambiguous callback.
            let is_known = verified.ambiguous().is_none() && forged.ambiguous().is_none();
            let is_field = |name: &String| {
                ["field ", "parameter "]
                    .iter()
                    .any(|kind| name.starts_with(kind))
            };
            let names = names.filter(|name| is_known || !is_field(name));
            for name in names.filter(|name| !is_moved(name)) {
                assert_eq!(
                    one.get(name),
                    other.get(name),
                    "{name}\n{definition:#?}\n{}\n{}",
                    shown_request(&genuine),
                    shown_request(&written)
                );
            }
        }
    }
    outcome
}

fn shown_request(written: &Written) -> String {
    let headers = written.headers.iter();
    let headers: Vec<String> = headers
        .map(|(name, value)| format!("{name}: {}", value.as_bytes().escape_ascii()))
        .collect();
    format!(
        "{} {}\n{}\n\n{}\n",
        written.method,
        written.target.escape_ascii(),
        headers.join("\n"),
        written.body.escape_ascii()
    )
}
