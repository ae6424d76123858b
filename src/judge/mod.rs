//! A callback's path without sockets: from a received request to the request for its backend.
//!
//! [`Site`] finds the route and builds the request, [`verify()`] gives the [`Verdict`], and only a
//! verdict makes a [`Delivery`], or a route in report mode, without verified headers ([`Reporting`]). The proxy, the fuzz targets and whatever explains a callback use
//! the same code; [`Steps`] observes it. Anything that waits (a claim, a decryption in turns, the
//! backend) happens between the steps and is not part of this module.

mod answered_handshake;
mod backend_paths;
mod bare_paths;
mod case_run;
mod client;
mod covered_paths;
mod delivery;
mod end_to_end;
mod forwarded;
mod head;
mod header_lines;
mod headers;
mod names;
mod outcome;
mod peer;
mod real_address;
mod refusal;
mod report_mode;
mod reported_address;
mod routes;
mod script_paths;
mod shown_target;
mod site;
mod steps;
mod verdict;

pub use answered_handshake::{handshake, refuse_others};
pub use case_run::{
    BuiltContent, CaseFault, CaseRun, ChangeTable, ChangedPart, Unnoticed, run_case,
};
pub use delivery::Delivery;
pub(crate) use end_to_end::is_end_to_end;
pub(crate) use forwarded::is_token;
pub use head::{Head, HeaderLines};
pub use header_lines::HeaderLine;
pub use headers::Repeated;
pub(crate) use names::{REPEAT, REQUEST_ID};
pub use outcome::Outcome;
pub use peer::{Peer, ProxySource};
pub use refusal::{Fault, Refusal};
pub use report_mode::{Reported, Reporting};
pub use site::{Site, admit};
pub use steps::{Step, StepList, Steps};
pub use verdict::{Received, Verdict, verify};
