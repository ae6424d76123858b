//! What a command asks for.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::sent_capture::CapturePurpose;

/// What a command asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum ControlRequest {
    /// Which requests were captured.
    CaptureList {
        /// Those of this route alone.
        route: Option<String>,
        /// At most this many, the newest.
        limit: usize,
    },
    /// A captured request.
    CaptureRead {
        /// Its id, or the beginning of it.
        id: String,
        /// What for.
        purpose: CapturePurpose,
    },
    /// What is remembered of a callback.
    OnceShow {
        /// The id of a request that brought it, or its identity.
        callback: String,
    },
    /// Forgets a callback, so that it reaches a backend again.
    OnceForget {
        /// Its identity.
        identity: String,
    },
}

/// Why bytes are not a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableRequest {
    /// They name a command that is not known.
    #[error("there is no command `{0}`")]
    Command(String),
    /// They are something else.
    #[error("{0}")]
    Malformed(String),
}

/// The names of all commands.
const COMMANDS: &[&str] = &["capture_list", "capture_read", "once_show", "once_forget"];

impl ControlRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(bytes: &[u8]) -> Result<Self, UnreadableRequest> {
        let malformed = |error: serde_json::Error| UnreadableRequest::Malformed(error.to_string());
        let value: Value = serde_json::from_slice(bytes).map_err(malformed)?;
        if let Some(Value::String(name)) = value.get("command")
            && !COMMANDS.contains(&name.as_str())
        {
            return Err(UnreadableRequest::Command(name.chars().take(64).collect()));
        }
        serde_json::from_value(value).map_err(malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_as_it_was_written() {
        let all = [
            ControlRequest::CaptureList {
                route: Some("a".to_owned()),
                limit: 1,
            },
            ControlRequest::CaptureRead {
                id: "a".to_owned(),
                purpose: CapturePurpose::Explain,
            },
            ControlRequest::OnceShow {
                callback: "a".to_owned(),
            },
            ControlRequest::OnceForget {
                identity: "b".to_owned(),
            },
        ];
        assert_eq!(all.len(), COMMANDS.len());
        for request in all {
            let bytes = serde_json::to_vec(&request).unwrap();
            assert_eq!(ControlRequest::read(&bytes), Ok(request));
        }
    }

    #[test]
    fn an_unknown_command_is_told_from_a_malformed_request() {
        let newer = ControlRequest::read(br#"{"command":"hold_list","more":1}"#);
        assert_eq!(
            newer,
            Err(UnreadableRequest::Command("hold_list".to_owned()))
        );
        for bytes in [
            &b""[..],
            b"[]",
            b"{}",
            br#"{"command":"once_show"}"#,
            br#"{"command":1}"#,
        ] {
            let read = ControlRequest::read(bytes);
            assert!(
                matches!(read, Err(UnreadableRequest::Malformed(_))),
                "{read:?}"
            );
        }
    }
}
