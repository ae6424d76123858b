//! Why a process does not do what it is asked for.

crate::verify::closed_list! {
    /// Why a process does not do what it is asked for.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum ControlFault
    NotPermitted = "not_permitted", "Only root and the user that the process runs as are answered.";
    Malformed = "malformed", "The request is not one of this protocol.";
    UnknownCommand = "unknown_command", "The process is of a version that does not have this command.";
    TooSlow = "too_slow", "The request did not arrive, or could not be answered, in time.";
    NotAudited = "not_audited", "The audit log cannot be written, so nothing was read or done.";
    NotConfigured = "not_configured", "The configuration that is active does not have what is asked for.";
    NotFound = "not_found", "There is nothing with this id.";
    NotUnique = "not_unique", "There are several that begin with this id.";
    InFlight = "in_flight", "The callback is with a backend right now, and cannot be forgotten meanwhile.";
    StoreUnavailable = "store_unavailable", "The store of remembered callbacks cannot be reached.";
    TooLong = "too_long", "The answer is longer than the protocol allows.";
}
