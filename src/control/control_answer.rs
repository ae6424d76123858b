//! What the process answers.

use serde::{Deserialize, Serialize};

use super::control_fault::ControlFault;
use super::sent_capture::{CaptureList, SentCapture};

/// What the process answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlAnswer {
    /// It does not do what it was asked for.
    Refused(ControlRefusal),
    /// Which requests were captured.
    Captures(CaptureList),
    /// A captured request.
    Capture(Box<SentCapture>),
    /// What is remembered of a callback.
    Once(KnownCallback),
    /// A callback is forgotten.
    Forgotten {
        /// Its identity.
        identity: String,
    },
}

/// Why it does not do what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlRefusal {
    /// The code of a [`ControlFault`].
    pub code: String,
    /// What to tell the operator.
    pub message: String,
}

impl ControlRefusal {
    /// A fault, and what to tell the operator.
    #[must_use]
    pub fn new(fault: ControlFault, message: impl Into<String>) -> Self {
        Self {
            code: fault.code().to_owned(),
            message: message.into(),
        }
    }
}

/// What is remembered of a callback.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownCallback {
    /// Its identity, as the access log has it.
    pub identity: String,
    /// Whether a backend has it.
    #[serde(flatten)]
    pub state: KnownState,
}

/// Whether a backend has a callback.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum KnownState {
    /// It is not remembered: the next copy goes to a backend.
    Unknown,
    /// A copy is with a backend.
    InFlight {
        /// In how many seconds its claim ends unless it is renewed.
        seconds: u64,
    },
    /// A backend took it.
    Done {
        /// The status of the backend's answer, if it can be read.
        status: Option<u16>,
        /// The length of the answer's body, if it was kept.
        body: Option<usize>,
        /// For how many more seconds it is remembered.
        seconds: Option<u64>,
    },
}
