//! The one road of a callback, without sockets: from a request as it came to the request that its backend
//! gets.
//!
//! [`Site`] finds the route and builds what goes on, [`verify()`] gives the [`Verdict`], and only a verdict
//! makes a [`Delivery`]. The proxy, the fuzz targets and whatever explains a callback take this road;
//! [`Steps`] is how it is watched. What waits (a claim, a decryption in turns, the backend) is between the
//! steps and not in here.

mod client;
mod delivery;
mod end_to_end;
mod forwarded;
mod head;
mod headers;
mod names;
mod outcome;
mod peer;
mod real_address;
mod refusal;
mod routes;
mod site;
mod steps;
mod verdict;

pub use delivery::{Delivery, HeaderLine, Repeated};
pub(crate) use end_to_end::is_end_to_end;
pub use head::{Head, HeaderLines};
pub(crate) use names::{REPEAT, REQUEST_ID};
pub use outcome::Outcome;
pub use peer::{Peer, ProxySource};
pub use refusal::{Fault, Refusal};
pub use site::{Site, admit};
pub use steps::{Step, StepList, Steps};
pub use verdict::{Received, Verdict, verify};
