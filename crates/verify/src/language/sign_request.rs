//! A request becomes a signed callback.

use http::HeaderValue;
use http::header::CONTENT_TYPE;

use super::compiled_expression::{CompiledExpression, ValueSource};
use super::genuine::Attempt;
use super::place_value::{
    PlaceError, Placed, PlacedForm, Placement, add_content_digest, begin_message, begin_token,
    item_steps, place_message_signature, place_token_signature,
};
use super::scheme_rules::{AlgorithmRule, SchemeRules};
use super::signing_input::{SigningError, SigningInput, Tampering};
use crate::algorithm::{Algorithm, Means};
use crate::body::BodyFormat;
use crate::draft_request::DraftRequest;
use crate::json::JsonValue;
use crate::memory::Plenty;
use crate::reason::{Reason, VerifyError};
use crate::signature_form::SignatureForm;
use crate::verified::verify;

/// Stands for the signature until there is one. As text, too: a token is.
const PLACEHOLDER: &[u8] = b"00000000000000000000000000000000";

/// Signs a request by a scheme.
///
/// # Errors
/// If the key is not one of the scheme, something that the scheme reads is missing and has no default, or a
/// receiver would refuse the result.
pub fn sign(
    input: SigningInput<'_>,
    mut draft: DraftRequest,
) -> Result<DraftRequest, SigningError> {
    let rules = input.policy.scheme.rules();
    add_content_type(rules, &mut draft);
    let now = input.at.unwrap_or(input.now);
    let mut failure = None;
    // Where a provider's rule leaves a detail open, some contents cannot be built, or hold the signature itself.
    for nth in 0..rules.candidates() {
        let signed = sign_candidate(input, draft.clone(), nth).and_then(|signed| {
            let verified = verify(input.policy, signed.callback(), now).map(|_| ());
            verified.map(|()| signed).map_err(SigningError::Refused)
        });
        match signed {
            Ok(signed) => return Ok(signed),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    let none = || SigningError::Content(Reason::ValueMissing.into());
    Err(failure.unwrap_or_else(none))
}

/// Signs the candidate for the content with this number.
fn sign_candidate(
    input: SigningInput<'_>,
    mut draft: DraftRequest,
    nth: usize,
) -> Result<DraftRequest, SigningError> {
    for signing in Signing::of_items(input, &draft) {
        signing.sign(&mut draft, nth)?;
    }
    Ok(draft)
}

/// Changes a callback that [`sign`] made, without signing it again. Whether a receiver notices is for
/// [`verify`](crate::verify()) to say.
///
/// # Errors
/// If the callback has no such value.
pub fn tamper(
    input: SigningInput<'_>,
    mut signed: DraftRequest,
    how: Tampering<'_>,
) -> Result<DraftRequest, SigningError> {
    for signing in Signing::of_items(input, &signed) {
        signing.tamper(&mut signed, how)?;
    }
    Ok(signed)
}

/// Without its type, a body has no fields for most backends.
fn add_content_type(rules: &SchemeRules, draft: &mut DraftRequest) {
    let media_type = match rules.body_format() {
        BodyFormat::Json => "application/json",
        BodyFormat::Form => "application/x-www-form-urlencoded",
        BodyFormat::Xml => "text/xml",
        BodyFormat::Opaque => return,
    };
    if !draft.headers.contains_key(CONTENT_TYPE) {
        let media_type = HeaderValue::from_static(media_type);
        draft.headers.insert(CONTENT_TYPE, media_type);
    }
}

/// The signing of a request, or of one item of its body.
struct Signing<'s> {
    input: SigningInput<'s>,
    placement: Placement<'s>,
}

impl<'s> Signing<'s> {
    /// One for each item that is signed.
    fn of_items(input: SigningInput<'s>, draft: &DraftRequest) -> Vec<Self> {
        let rules = input.policy.scheme.rules();
        let items = match &rules.each {
            None => vec![Vec::new()],
            Some(each) => item_steps(&draft.body, each),
        };
        let placement = |item| Placement {
            rules,
            route: &input.policy.route,
            key: Some(input.key),
            item,
        };
        let items = items.into_iter().map(placement);
        items.map(|placement| Self { input, placement }).collect()
    }

    fn tamper(&self, draft: &mut DraftRequest, how: Tampering<'_>) -> Result<(), SigningError> {
        let rules = self.placement.rules;
        let none = |name: &str| SigningError::Place(PlaceError::NotOneValue(name.to_owned()));
        match how {
            Tampering::FlippedSignature => {
                let algorithm = self.algorithm(draft)?;
                let made = { 0..rules.candidates() }.map(|nth| self.make(draft, algorithm, nth));
                let mut signature = made.reduce(Result::or).ok_or_else(|| none("content"))??;
                // In the middle: in the last character of base64, some bits stand for nothing.
                let middle = signature.len() / 2;
                if let Some(byte) = signature.get_mut(middle) {
                    *byte ^= 1;
                }
                self.place_signature(draft, &signature)
            }
            Tampering::EmptySignature => self.place_signature(draft, b""),
            Tampering::OtherTime(time) => {
                let program = rules.timestamp.as_ref();
                let program = program.ok_or_else(|| none("timestamp"))?;
                self.place_time(draft, program, time)
            }
            Tampering::OtherNonce(nonce) => {
                let program = rules.nonce.as_ref().ok_or_else(|| none("nonce"))?;
                Ok(self.placement.place(draft, program, Placed::text(nonce))?)
            }
        }
    }

    fn sign(&self, draft: &mut DraftRequest, nth: usize) -> Result<(), SigningError> {
        let rules = self.placement.rules;
        let unfit = |why| PlaceError::Unfit {
            expression: "Signature-Input".to_owned(),
            why,
        };
        if let Some(rule) = &rules.jws {
            begin_token(&self.placement, draft, rule, self.input.claims)?;
        }
        if let Some(rule) = &rules.message {
            begin_message(draft, rule).ok_or_else(|| unfit("what is there cannot be read"))?;
            add_content_digest(draft, rule).ok_or_else(|| unfit("the body has no digest"))?;
        }
        let algorithm = self.algorithm(draft)?;
        self.place_certificate(draft)?;
        self.place_values(draft)?;
        self.place_checked(draft)?;
        // Where fields are signed, one that is not yet there must not be one that is missing.
        self.place_signature(draft, PLACEHOLDER)?;
        let signature = self.make(draft, algorithm, nth)?;
        self.place_signature(draft, &signature)?;
        // A digest of the body has the signature in it, where that is in the body.
        self.place_checked(draft)
    }

    /// The algorithm that the request chooses, or the first one that the key is for.
    fn algorithm(&self, draft: &mut DraftRequest) -> Result<Algorithm, SigningError> {
        let given = self.input.key.kind();
        let fits = |algorithm: &Algorithm| algorithm.key_kind() == given;
        match &self.placement.rules.algorithm {
            AlgorithmRule::Fixed(algorithm) if fits(algorithm) => Ok(*algorithm),
            AlgorithmRule::Fixed(algorithm) => Err(SigningError::WrongKey {
                needed: algorithm.key_kind(),
                given,
            }),
            AlgorithmRule::Choice { by, of } => {
                let named = self.placement.text_of(draft, by)?;
                let mut known = of.iter();
                if let Some((_, algorithm)) = known.find(|(name, _)| Some(name) == named.as_ref())
                    && fits(algorithm)
                {
                    return Ok(*algorithm);
                }
                let mut fitting = of.iter().filter(|(_, algorithm)| fits(algorithm));
                let needed = of
                    .first()
                    .map_or(given, |(_, algorithm)| algorithm.key_kind());
                let wrong = SigningError::WrongKey { needed, given };
                let (name, algorithm) = fitting.next().ok_or(wrong)?;
                self.placement.place(draft, by, Placed::text(name))?;
                Ok(*algorithm)
            }
        }
    }

    fn place_certificate(&self, draft: &mut DraftRequest) -> Result<(), SigningError> {
        let Some(rule) = &self.placement.rules.certificate else {
            return Ok(());
        };
        let (Some(first), chain) = (self.input.chain.first(), self.input.chain) else {
            return Err(SigningError::NoCertificate);
        };
        let standard = |der: &Vec<u8>| {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD.encode(der)
        };
        let is_list = rule
            .value
            .single()
            .is_some_and(|chain| matches!(chain.source(), ValueSource::Jose(_)));
        if is_list {
            let list: Vec<_> = chain
                .iter()
                .map(|der| format!("\"{}\"", standard(der)))
                .collect();
            let list = format!("[{}]", list.join(","));
            let value = Placed {
                bytes: list.as_bytes(),
                form: PlacedForm::Json,
            };
            return Ok(self.placement.place(draft, &rule.value, value)?);
        }
        let pem = pem::encode(&pem::Pem::new("CERTIFICATE", first.as_slice()));
        Ok(self
            .placement
            .place(draft, &rule.value, Placed::text(&pem))?)
    }

    /// The time, the nonce and what names the key. What the request has already stays, unless told otherwise.
    fn place_values(&self, draft: &mut DraftRequest) -> Result<(), SigningError> {
        let (rules, input) = (self.placement.rules, &self.input);
        if let Some(program) = &rules.timestamp {
            let is_there = self.placement.text_of(draft, program)?;
            let is_there = is_there.is_some_and(|text| rules.unit.read(&text).is_some());
            let time = input.at.or((!is_there).then_some(input.now));
            if let Some(time) = time {
                self.place_time(draft, program, time)?;
            }
        }
        let named = input.usual_key_id.or(input.key.kid());
        let named = named.unwrap_or(input.key.id());
        let named = [
            (&rules.nonce, input.nonce, input.fresh_nonce),
            (&rules.key_id, input.key_id, named),
        ];
        for (program, wanted, default) in named {
            let Some(program) = program else { continue };
            let is_there = self.placement.text_of(draft, program)?.is_some();
            if let Some(text) = wanted.or((!is_there).then_some(default)) {
                self.placement.place(draft, program, Placed::text(text))?;
            }
        }
        Ok(())
    }

    /// Writes the time in the first way that the scheme takes.
    fn place_time(
        &self,
        draft: &mut DraftRequest,
        program: &'s CompiledExpression,
        time: i64,
    ) -> Result<(), SigningError> {
        let rules = self.placement.rules;
        let form = match rules.unit.is_number() {
            true => PlacedForm::Number,
            false => PlacedForm::Text,
        };
        let digits = rules.coverage().timestamp_digits();
        let mut first = None;
        for text in rules.unit.writings(time) {
            if digits.is_some_and(|digits| digits != text.len()) {
                continue;
            }
            let mut written = draft.clone();
            let bytes = text.as_bytes();
            self.placement
                .place(&mut written, program, Placed { bytes, form })?;
            if self.is_as_required(&written)? {
                *draft = written;
                return Ok(());
            }
            first = first.or(Some(written));
        }
        *draft = first.ok_or(SigningError::Time(time))?;
        Ok(())
    }

    /// Whether every value that is there has the shape that the scheme requires.
    fn is_as_required(&self, draft: &DraftRequest) -> Result<bool, SigningError> {
        for (program, shape) in &self.placement.rules.require {
            let text = self.placement.text_of(draft, program)?;
            if text.is_some_and(|text| !shape.is_match(&text)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Values that the scheme compares: with constants, or with digests of the body. What cannot be written is
    /// left to the receiver to refuse.
    fn place_checked(&self, draft: &mut DraftRequest) -> Result<(), SigningError> {
        for (program, wanted) in &self.placement.rules.check {
            let found = self.placement.bytes_of(draft, program)?;
            let mut first = None;
            let mut is_equal = false;
            for other in wanted {
                let other = self.placement.bytes_of(draft, other)?;
                is_equal |= other.is_some() && other == found;
                first = first.or(other);
            }
            if let Some(value) = first.filter(|_| !is_equal) {
                let _ = self.placement.place(draft, program, Placed::bytes(&value));
            }
        }
        Ok(())
    }

    /// Makes the signature over the candidate for the content with this number.
    fn make(
        &self,
        draft: &DraftRequest,
        algorithm: Algorithm,
        nth: usize,
    ) -> Result<Vec<u8>, SigningError> {
        let (rules, key) = (self.placement.rules, self.input.key);
        let refused = |error: VerifyError| SigningError::Content(error.of_plenty());
        let attempt = Attempt::new(rules, self.placement.route, draft.callback());
        let attempt = attempt.map_err(SigningError::Content)?;
        let body = attempt.body(&mut Plenty).map_err(refused)?;
        let item = match body.as_json().filter(|_| rules.each.is_some()) {
            None => None,
            Some(root) => Some(self.item(root)?),
        };
        let content = attempt.content(&body, item, nth, Some(key), &mut Plenty);
        let content = content.map_err(refused)?.bytes;
        let none = || SigningError::NoSigner(algorithm.name());
        if !matches!(algorithm.means(), Means::Signature) {
            let made = attempt.made_with_secret(&body, item, algorithm, key, &content);
            return made.map_err(refused)?.ok_or_else(none);
        }
        let signer = self.input.signer;
        let made = signer.and_then(|signer| signer.sign(algorithm, &content));
        let written = SignatureForm::write(rules.signature_form, algorithm, made.ok_or_else(none)?);
        written.ok_or_else(none)
    }

    fn item<'d, 'a>(&self, root: JsonValue<'d, 'a>) -> Result<JsonValue<'d, 'a>, SigningError> {
        let found = super::place_value::find_item(root, &self.placement.item);
        found.ok_or_else(|| SigningError::Content(Reason::ValueMalformed.into()))
    }

    fn place_signature(
        &self,
        draft: &mut DraftRequest,
        signature: &[u8],
    ) -> Result<(), SigningError> {
        let rules = self.placement.rules;
        if rules.jws.is_some() {
            return Ok(place_token_signature(&self.placement, draft, signature)?);
        }
        if let Some(rule) = &rules.message {
            let label = rule.label.as_deref();
            let placed = place_message_signature(draft, label, signature);
            return placed.ok_or_else(|| {
                SigningError::Place(PlaceError::NotOneValue("Signature".to_owned()))
            });
        }
        let mut failure = None;
        for program in &rules.signature {
            match self
                .placement
                .place(draft, program, Placed::bytes(signature))
            {
                Ok(()) => return Ok(()),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        let none = || PlaceError::NotOneValue("signature".to_owned());
        Err(failure.unwrap_or_else(none).into())
    }
}
