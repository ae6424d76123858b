//! The names of warnings: what `accept_warnings` can silence.

use std::fmt;

crate::verify::closed_list! {
    /// What a warning is about. Its code is printed with it, and `accept_warnings` takes the code.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum WarningName {
        /// The kind of problem, in a few words.
        title: &'static str
    }

    NoAgeLimit = "no_age_limit" ["no limit of age"], "Callbacks have a signed timestamp, but the route sets no maximum age, so a captured callback can be replayed for ever.";
    ForgottenSoon = "forgotten_soon" ["forgotten soon"], "`once` forgets a callback while the provider may still resend it, or an attacker replay it.";
    OneCallbackForTwoRoutes = "one_callback_for_two_routes" ["one callback for two routes"], "Two routes accept the same signatures but do not recognise each other's callbacks as repeats.";
    OnePathForTwoRoutes = "one_path_for_two_routes" ["one path for two routes"], "A backend gets the same path for callbacks of two routes with different keys, or paths of which it could make one.";
    ReportMode = "report_mode" ["nothing is rejected"], "A route is in report mode: its backend gets every callback, forged ones too.";
    ReportEnded = "report_ended" ["report mode has ended"], "The time in a route's `until` is past, so the route rejects what fails verification.";
    FailOpen = "fail_open" ["repeats pass without the store"], "While the store of `once` is unavailable, repeats reach the backend.";
    RetryAfterSending = "retry_after_sending" ["two servers for one callback"], "`retry` goes beyond `connect` on a route with `once`: a second server may get a callback that the first has acted on.";
    MerchantsNotToldApart = "merchants_not_told_apart" ["merchants not told apart"], "Two merchants share a key, and nothing that is signed says whose callback it is.";
    AnswersTooLarge = "answers_too_large" ["answers too large for the memory"], "`answer_limit` is larger than an answer that the memory store keeps with its body.";
    NotSigned = "not_signed" ["not signed"], "The signature does not cover a value that the proxy or the backend uses, so an attacker can change it in a captured callback.";
    EscapeAsText = "escape_as_text" ["escape as text"], "The signed text contains a backslash and a letter, such as `\\n` in single quotes, where a line break was probably meant.";
    WeakMeans = "weak_means" ["weaker than a signature"], "The callbacks of a scheme have no signature, but a digest over the secret, or the secret itself (`token`).";
    AmbiguousJoin = "ambiguous_join" ["values that touch"], "A scheme sets `ambiguous_join`: under one signature, its values can be divided in several ways. Every callback is marked.";
    UnnamedValues = "unnamed_values" ["values without their names"], "The callback lists the values that are signed, and they are signed without their names: a value that contains the separator can be divided among other fields. The route does not refuse such callbacks.";
    DottedField = "dotted_field" ["dots in the name of a field"], "An expression reads a top-level field whose name has dots, such as `{field:data.order}`, where a field inside another one was probably meant: `{field:/data/order}`.";
    LegacyAlgorithm = "legacy_algorithm" ["legacy algorithm"], "The scheme signs with SHA-1 or MD5.";
    LegacyDigest = "legacy_digest" ["legacy digest"], "An MD5 or SHA-1 digest stands for a part of the callback in what is signed, or in a `check`.";
    LegacyKey = "legacy_key" ["legacy key"], "`legacy = true` allows a key of less than 2048 bits.";
    ShortSecret = "short_secret" ["short secret"], "A secret has less than 16 bytes, so whoever has seen one callback may guess it.";
    StrayCharacterInSecret = "stray_character_in_secret" ["stray character in a secret"], "A secret or a password begins or ends with white space, or contains a control or invisible character: it probably came in by copying. One line end at the end of a file is no part of the secret.";
    SecretInConfiguration = "secret_in_configuration" ["secret in the configuration"], "A `[[key]]` contains a `secret` itself, or an expression of a scheme what looks like one: whoever reads the configuration can forge callbacks.";
    SameKeyTwice = "same_key_twice" ["same key twice"], "Two ids stand for the same key: perhaps a rotation that copied the old file.";
    ClearTextToServer = "clear_text_to_server" ["clear text on the way"], "Decrypted values go to a server on another machine without TLS.";
    ClearTextForClient = "clear_text_for_client" ["clear text for the client"], "The `echo` upstream answers with decrypted values.";
    UnverifiedServer = "unverified_server" ["unverified server"], "`verify = false`: the certificate of an upstream's server is not verified.";
    HostWithoutAddress = "host_without_address" ["host without address"], "The name of an upstream's server cannot be resolved. Without an address from before a reload or an upgrade, which is kept, the server gets no callbacks until the name has one.";
    PatternInPath = "pattern_in_path" ["pattern in a path"], "A path looks like a pattern, such as `/cb/:id`, or an `upstream_path` like a template, such as `/x/$1`, but paths are compared and sent as they are.";
    UnknownMethod = "unknown_method" ["unknown method"], "A method is one letter away from a known one, such as `POTS`: probably a misspelling. Other methods of your own cause no warning.";
    PublicAdmin = "public_admin" ["public admin listener"], "The admin listener is not on the loopback interface.";
    CallbacksInLog = "callbacks_in_log" ["callbacks in the log"], "`library_level` makes libraries log signatures and bodies.";
    SecretInLog = "secret_in_log" ["secret in the log"], "The format of the access log contains a header by which a client can be impersonated.";
    CertificateOutOfDate = "certificate_out_of_date" ["certificate out of date"], "A listener's certificate has expired, or is not valid yet.";
    AuthorityOutOfDate = "authority_out_of_date" ["authority out of date"], "A certificate in a `ca` or `client_ca`, or a key under which a scheme's certificates are, has expired, is not valid yet, or expires within 30 days. What relies on it is refused outside of that time, except by the Redis store.";
    CertificateWithoutNames = "certificate_without_names" ["certificate without names"], "A listener's certificate names no host and is not the first one, so no client ever gets it.";
    DaemonWithoutPidFile = "daemon_without_pid_file" ["daemon without a pid file"], "`daemon = true` without `pid_file`.";
    UserLacksAccess = "user_lacks_access" ["no access for the user"], "The process switches to a `user` that cannot read a key, write a log or change the pid file. Only `-t` and `-T` look for this.";
    AddressInUse = "address_in_use" ["address in use"], "Another program listens on a listener's address or Unix socket, or the socket's name is that of another file. Only `-t` and `-T` look for this; for addresses, only on Linux.";
    NeedlessSetting = "needless_setting" ["needless setting"], "A setting has no effect.";
    Unused = "unused" ["unused"], "No route uses a key, scheme, upstream or decryption rule.";
    NothingAccepted = "nothing_accepted" ["nothing accepted"], "`accept_warnings` names a warning that does not occur: remove the name, so that it does not hide a later one.";
}

impl WarningName {
    /// Whether `accept_warnings` can name it.
    pub(in crate::config) fn can_be_accepted(self) -> bool {
        self != Self::NothingAccepted
    }

    /// Whether it depends on the machine and the moment, not only on the configuration's files. To
    /// accept it is never needless.
    pub(in crate::config) fn depends_on_machine(self) -> bool {
        matches!(
            self,
            Self::UserLacksAccess
                | Self::AddressInUse
                | Self::HostWithoutAddress
                | Self::AuthorityOutOfDate
        )
    }
}

impl fmt::Display for WarningName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
