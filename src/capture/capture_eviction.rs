//! Why a captured request is dropped.

crate::verify::closed_list! {
    /// Why a captured request is dropped.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum CaptureEviction
    PerClient = "per_client", "Its client has sent more than `per_client` since: each of them drops its oldest.";
    Share = "share", "The route's share of `size` is used up: the client with most of it drops its oldest.";
    Expired = "expired", "It is older than `expire`.";
    Reload = "reload", "A new configuration captures less, or nothing, on its route.";
}
