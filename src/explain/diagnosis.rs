//! The closed list of diagnoses.

crate::verify::closed_list! {
    /// Why a request is verified or not, as far as that can be told.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum Diagnosis {
        /// What to do about it.
        advice: &'static str
    }

    Genuine = "genuine" ["Nothing is wrong."], "The request is verified.";
    Handshake = "handshake" ["Nothing is wrong: no backend sees it."], "The request is a handshake, which the scheme itself answers.";
    BodyFinalNewline = "body_final_newline" ["Forward and record the body byte for byte: an editor, a shell or a log added or cut the line end."], "A line end at the end of the body was added or lost: without it, or with it, the signature fits.";
    BodyLineEnds = "body_line_ends" ["Forward the body byte for byte: something converts its line ends, such as a text mode, an editor, or `curl -d @file` (use `--data-binary`)."], "Line ends in the body were converted or removed.";
    BodyByteOrderMark = "body_byte_order_mark" ["Forward the body byte for byte: something writes it as text with a byte-order mark, or drops one."], "A byte-order mark in front of the body was added or lost.";
    BodyReencoded = "body_reencoded" ["Forward the body byte for byte: something in front of the proxy parses the JSON and writes it again, such as an API gateway, a body filter, or a function that forwards `JSON.stringify(req.body)`."], "The JSON was parsed and written again: it differs from what was signed in spaces, order, escapes or numbers only.";
    BodyOtherFormat = "body_other_format" ["Forward the body as it comes, with its Content-Type: something converts between forms and JSON."], "The body was signed in another format: a form where JSON came, or the reverse.";
    ContentTypeChanged = "content_type_changed" ["Have Content-Type passed on as the provider sends it; if the provider itself sends another, name it in the scheme's `content_type`."], "The body is the one that was signed, but its Content-Type names another format.";
    BodyPercentCodes = "body_percent_codes" ["Forward the body byte for byte: something decodes or encodes the form."], "Percent codes or plus signs in the body were decoded, encoded, or written in another way, or its fields were sorted.";
    BodyCharset = "body_charset" ["Forward the body byte for byte: something converts it between character sets, often between UTF-8 and ISO 8859-1."], "The body's characters were converted to another character set.";
    BodyTruncated = "body_truncated" ["Record the request again, whole: logs cut long bodies, and some tools store less than was sent."], "The body is shorter than its header says: it is not the one that was signed.";
    BodyAdded = "body_added" ["The provider signs no body here: find out what adds one, or whether the callback is another kind."], "The signature fits if there is no body.";
    TargetRewritten = "target_rewritten" ["First make sure that this is not a callback for another path, or a replay of one, sent here. If a front proxy does rewrite it, have it pass the path on unchanged, or set the route's `signed_target_prefix`; or `signed_target_header`, but only with a header that the front proxy itself always sets: clients can send one, too."], "A proxy in front rewrote the path: with another path, the signature fits.";
    TargetEncoding = "target_encoding" ["Have the front proxy pass the target on as it comes, without decoding or encoding it (nginx: `proxy_pass` without a path)."], "Percent codes in the path or the query were decoded, encoded, or written in another way.";
    TargetQuery = "target_query" ["Have the front proxy pass the query on as it comes: something drops, adds or sorts parameters."], "The query was changed: with another one, the signature fits.";
    PublicUrl = "public_url" ["First make sure that this is not a callback for somebody else, or a replay of one, sent here: is the URL the one in the provider's settings for this route? Only then set the route's `public_url` to it, exactly; the route's `path` stays as it is. A host out of a header such as X-Forwarded-Host proves nothing: any client can send one."], "The URL that the provider called is not the route's `public_url`: with another URL scheme, host, port or path the signature fits.";
    HostChanged = "host_changed" ["First make sure that this is not a callback for another host, or a replay of one, sent here. If it is not, have the front proxy pass the client's Host on (nginx: `proxy_set_header Host $host`). A host out of a header such as X-Forwarded-Host proves nothing: any client can send one."], "The Host was changed on the way: with another one, the signature fits.";
    MethodChanged = "method_changed" ["Check what changes the method; a redirect makes a POST a GET."], "The request was signed with another method.";
    OtherKey = "other_key" ["First make sure that this is not a callback for somebody else, or a replay of one, sent here: then refusing it is right. Only if the provider signs this route's callbacks with that key, configure it here in place of the present one: often a test key stands where the live one belongs, or the reverse."], "Another key of the configuration made the signature.";
    OldKey = "old_key" ["First make sure that this is not a callback for somebody else, or made with a key that was revoked: then refusing it is right. Only if the provider still uses that key for this route, accept both until it has changed over."], "Another key that goes by the same id made the signature: the provider still signs with the old one, or already with the new one.";
    SecretPrefix = "secret_prefix" ["Write the secret as the scheme takes it, with the prefix or without it."], "The secret was entered with a prefix that does not belong to it, or without one that does.";
    SecretWhiteSpace = "secret_white_space" ["Remove white space, quotes and line ends from the secret. `printf %s` writes none to a file, `echo` does."], "The secret was pasted with white space, a line end or quotes.";
    SecretEncoding = "secret_encoding" ["Enter the secret in the other form, or have the scheme's `key` decode it, with the filter `unbase64` or `unhex`."], "The secret is taken as text where the provider decodes it first, or the reverse.";
    SecretsSwapped = "secrets_swapped" ["Swap them in the configuration."], "Two secrets of the key are in each other's place.";
    SignatureEncoding = "signature_encoding" ["Check what carries the signature: it is written in another encoding than the scheme reads, or was changed on the way."], "The signature is there and fits, but in another encoding: hexadecimal for base64, base64url for base64, quotes or a prefix.";
    SignaturePlusSigns = "signature_plus_signs" ["Encode `+` as `%2B` where the signature is in a query or a form, and do not decode it twice."], "The signature is base64 with spaces in place of plus signs: it was decoded as a form once too often.";
    SignatureElsewhere = "signature_elsewhere" ["Have the header passed on under its own name. Some servers drop headers with underscores, or add `X-` or `HTTP_`."], "The signature is there and fits, but in a header with another name.";
    TimestampUnit = "timestamp_unit" ["Set the unit in the scheme: `timestamp = { value = \"...\", unit = \"ms\" }`, or `\"s\"`."], "The time is in milliseconds where the scheme reads seconds, or the reverse.";
    TimestampZone = "timestamp_zone" ["Check the time zone of the clock, or of the scheme's `unit`."], "The signature fits, but its time is whole hours away: a clock or a format is in another time zone.";
    ClockBehind = "clock_behind" ["Synchronise the clock of this machine (NTP), or ask the provider about theirs; a larger `max_age` helps meanwhile."], "The signature fits, but its time is in the future: a clock is wrong.";
    TooOld = "too_old" ["For an old request say when it came: `--at TIME`. If it is one that just came, it was delivered late or replayed, or a clock is behind."], "The signature fits, but it is older than the route allows.";
    OtherAlgorithm = "other_algorithm" ["Set the scheme's `algorithm` to the one that the provider uses, or have the provider use this one."], "The key and the content are right, but the signature is made with another algorithm.";
    OtherContent = "other_content" ["Compare the content above with what the provider signs, byte for byte: the first candidates are the body (was it parsed and written again?) and the path."], "This key made the signature, but over other content.";
    AnotherKey = "another_key" ["Get the provider's public key again: for this environment (test or live), and this merchant. If the key is right, the signature may have been damaged on the way, or be padded in a way that is not known here."], "None of the keys seems to have made the signature: decrypting it with each of them gives random data.";
    NotPkcs1 = "not_pkcs1" ["Ask the provider how it pads: the block holds no DigestInfo of RFC 8017. Verifiers must refuse it."], "This key made the signature, but it is no signature of RSASSA-PKCS1-v1_5: its block holds something else.";
    RouteHost = "route_host" ["Add the host to the route's `host`, or have the front proxy pass the client's Host on."], "No route takes this host, but one would take the path with another host.";
    RoutePath = "route_path" ["Correct the route's `path`, or what rewrites it in front of the proxy."], "No route takes this path, but one takes a similar one.";
    RouteMethod = "route_method" ["Add the method to the route's `methods`, or call it with one of them."], "A route takes this path, but not with this method.";
    NoCauseFound = "no_cause_found" ["Compare the content above with the provider's documentation, byte for byte, and make sure that the key is the right one. `--search` tries many more variations."], "No cause found: neither another key of the configuration nor any of the usual changes makes the signature fit.";
}
