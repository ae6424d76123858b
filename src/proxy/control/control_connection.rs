//! One connection: a greeting, a request and an answer, each with its time.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::answering::answer;
use super::asker::Asker;
use crate::control::{
    ControlAnswer, ControlFault, ControlRefusal, ControlRequest, Greeting, UnreadableRequest, frame,
};
use crate::proxy::process::Proxy;

/// How long the command may take to send its request.
const ASKED: Duration = Duration::from_secs(5);

/// How long the answer may take to be found: a store has time limits of its own.
const FOUND: Duration = Duration::from_secs(15);

/// How long the command may take to read the answer.
const READ: Duration = Duration::from_secs(15);

/// Serves the connection to its end.
pub(super) async fn serve(proxy: &Arc<Proxy>, mut stream: UnixStream, asker: Asker) {
    let answer = match timeout(ASKED, ask(&mut stream)).await {
        Ok(Ok(request)) => found(proxy, request, asker).await,
        // It is gone.
        Ok(Err(AskError::System)) => return,
        Ok(Err(AskError::Refused(refusal))) => ControlAnswer::Refused(refusal),
        Err(_) => refused(ControlFault::TooSlow, "the request did not arrive in time"),
    };
    // A command that does not read is not waited for.
    let _ = timeout(READ, write(&mut stream, &answer)).await;
}

/// Says why nobody is answered, as far as that takes no time.
pub(super) fn turn_away(stream: &UnixStream) {
    let why = "only root and the user that the proxy runs as are answered";
    let parts = [
        frame::encode(&Greeting::own(), frame::MAX_REQUEST),
        frame::encode(
            &refused(ControlFault::NotPermitted, why),
            frame::MAX_REQUEST,
        ),
    ];
    for part in parts.into_iter().flatten() {
        let _ = stream.try_write(&part);
    }
}

async fn found(proxy: &Arc<Proxy>, request: ControlRequest, asker: Asker) -> ControlAnswer {
    match timeout(FOUND, answer(proxy, request, asker)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(refusal)) => ControlAnswer::Refused(refusal),
        Err(_) => refused(
            ControlFault::TooSlow,
            "it could not be answered in time; what was asked for may have happened nevertheless",
        ),
    }
}

/// Why there is no request.
enum AskError {
    System,
    Refused(ControlRefusal),
}

impl From<io::Error> for AskError {
    fn from(_: io::Error) -> Self {
        Self::System
    }
}

async fn ask(stream: &mut UnixStream) -> Result<ControlRequest, AskError> {
    let malformed = |why: String| {
        let why = format!("the request is malformed: {why}");
        AskError::Refused(ControlRefusal::new(ControlFault::Malformed, why))
    };
    let greeting = frame::encode(&Greeting::own(), frame::MAX_REQUEST);
    stream
        .write_all(&greeting.map_err(|error| malformed(error.to_string()))?)
        .await?;
    let mut head = [0; frame::HEAD];
    stream.read_exact(&mut head).await?;
    let length = frame::length(head, frame::MAX_REQUEST);
    let mut body = vec![0; length.map_err(|error| malformed(error.to_string()))?];
    stream.read_exact(&mut body).await?;
    ControlRequest::read(&body).map_err(|error| match error {
        UnreadableRequest::Malformed(why) => malformed(why),
        UnreadableRequest::Command(_) => {
            let version = env!("CARGO_PKG_VERSION");
            let why = format!("{error} in version {version}, which the process runs");
            AskError::Refused(ControlRefusal::new(ControlFault::UnknownCommand, why))
        }
    })
}

async fn write(stream: &mut UnixStream, answer: &ControlAnswer) -> io::Result<()> {
    let too_long = |error: frame::FrameError| refused(ControlFault::TooLong, error.to_string());
    let frame = frame::encode(answer, frame::MAX_ANSWER)
        .or_else(|error| frame::encode(&too_long(error), frame::MAX_ANSWER));
    stream.write_all(&frame.map_err(io::Error::other)?).await?;
    stream.shutdown().await
}

fn refused(fault: ControlFault, why: impl Into<String>) -> ControlAnswer {
    ControlAnswer::Refused(ControlRefusal::new(fault, why))
}
