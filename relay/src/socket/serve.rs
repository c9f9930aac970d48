//! A socket's task.

use super::greet::{self, Greeting, Session};
use super::requests::Requests;
use crate::hub::connection::{Close, Connection};
use crate::hub::queue::{Class, Item};
use crate::relay::Relay;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use confab_protocol::error::close;
use confab_protocol::frame::{Request, Unreadable, answer, parse_request, refusal, stamped};
use confab_protocol::{Code, ErrorBody, limits};
use futures::{Sink, SinkExt};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

/// Malformed frames that a socket may send.
const BAD_FRAMES: u32 = 10;
/// How long the closing handshake may take.
const CLOSING: Duration = Duration::from_secs(2);

const GONE: Close = Close { code: 0, reason: "the client went" };

/// Serves a socket until it ends.
pub(super) async fn serve(relay: Arc<Relay>, mut socket: WebSocket, greeting: Greeting) {
    let _open = Arc::clone(&relay.sockets);
    let close = match greeted(&relay, &mut socket).await {
        Ok(session) => {
            drop(greeting);
            let close = talk(&session, &mut socket).await;
            drop(session);
            close
        }
        Err(close) => close,
    };
    if close == GONE {
        return;
    }
    tracing::debug!(code = close.code, reason = close.reason, "a socket is closed");
    let frame = CloseFrame { code: close.code, reason: Utf8Bytes::from_static(close.reason) };
    let goodbye = async {
        if socket.send(Message::Close(Some(frame))).await.is_ok() {
            // The peer's own close frame ends it; without it the reason may be lost in a reset.
            while let Some(Ok(_)) = socket.recv().await {}
        }
    };
    let _ = tokio::time::timeout(CLOSING, goodbye).await;
}

/// Waits for a good `hello`.
async fn greeted(relay: &Arc<Relay>, socket: &mut WebSocket) -> Result<Session, Close> {
    let timeout = Duration::from_millis(limits::HELLO_TIMEOUT_MS);
    match tokio::time::timeout(timeout, Box::pin(greeting(relay, socket))).await {
        Ok(session) => session,
        Err(_) => Err(Close { code: close::HELLO_TIMEOUT, reason: "no hello in time" }),
    }
}

async fn greeting(relay: &Arc<Relay>, socket: &mut WebSocket) -> Result<Session, Close> {
    let mut bad = 0;
    loop {
        let text = match socket.recv().await {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Binary(_))) => {
                let text = too_bad(&mut bad, binary())?;
                send(socket, text).await?;
                continue;
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
            Some(Err(error)) => return Err(broken(&error)),
            Some(Ok(Message::Close(_))) | None => return Err(GONE),
        };
        match first_words(relay, &text, &mut bad).await? {
            Heard::Hello(session) => return Ok(session),
            Heard::Else(text) => send(socket, text).await?,
            Heard::Refused(text, close) => {
                send(socket, text).await?;
                return Err(close);
            }
        }
    }
}

/// What a socket said that has not been greeted yet, and what to answer.
pub(super) enum Heard {
    /// A good hello. The welcome is queued.
    Hello(Session),
    /// Something else.
    Else(String),
    /// A hello that failed: answer, then close.
    Refused(String, Close),
}

/// Looks at a text frame of a socket that has not been greeted yet.
pub(super) async fn first_words(relay: &Arc<Relay>, text: &str, bad: &mut u32) -> Result<Heard, Close> {
    Ok(match parse_request(text) {
        Ok((id, Request::Hello(hello))) => match greet::hello(relay, hello).await {
            Ok((session, commit, welcome)) => {
                let text = id.and_then(|id| answer(id, &welcome).ok());
                if let Some(text) = text.map(|text| stamped(commit, &text)) {
                    session.connection.push(text.into(), Class::Answer);
                }
                Heard::Hello(session)
            }
            Err(refused) => Heard::Refused(refusal(id, &refused.error).unwrap_or_default(), refused.close),
        },
        Ok((id, _)) => {
            let error = ErrorBody::new(Code::Unauthenticated, "Say hello first.");
            Heard::Else(refusal(id, &error).unwrap_or_default())
        }
        Err(unreadable) => Heard::Else(too_bad(bad, unreadable)?),
    })
}

async fn send(socket: &mut WebSocket, text: String) -> Result<(), Close> {
    socket.send(Message::Text(text.into())).await.map_err(|_| GONE)
}

fn binary() -> Unreadable {
    let error = ErrorBody::new(Code::BadFrame, "Binary frames mean nothing here; send JSON as text.");
    Unreadable { id: None, error }
}

/// The refusal of a frame that could not be read, until there were too many of them.
#[allow(clippy::needless_pass_by_value, reason = "it is the last to see it")]
fn too_bad(bad: &mut u32, unreadable: Unreadable) -> Result<String, Close> {
    if unreadable.error.code == Code::BadFrame {
        *bad += 1;
        if *bad >= BAD_FRAMES {
            return Err(Close { code: close::BAD_FRAMES, reason: "too many malformed frames" });
        }
    }
    Ok(refusal(unreadable.id, &unreadable.error).unwrap_or_default())
}

/// Why a socket that can be read no more is closed.
fn broken(error: &axum::Error) -> Close {
    // axum hides tungstenite's error type; its text for a frame over the limit is stable and tested.
    if error.to_string().contains("too long") {
        Close { code: close::TOO_LARGE, reason: "a frame over the limit" }
    } else {
        GONE
    }
}

/// Reads frames and writes what is queued, in turn, so that neither starves the other.
async fn talk(session: &Session, socket: &mut WebSocket) -> Close {
    let connection = &session.connection;
    let mut requests = Requests::new(session);
    let mut bad = 0;
    loop {
        if let Err(close) = write(session, socket).await {
            return close;
        }
        let frame = tokio::select! {
            biased;
            frame = socket.recv() => frame,
            () = connection.wake.notified() => continue,
        };
        connection.heard_at.store(session.relay.now(), Relaxed);
        match frame {
            Some(Ok(Message::Text(text))) => {
                if let Err(close) = words(&mut requests, connection, &text, &mut bad).await {
                    return close;
                }
            }
            Some(Ok(Message::Binary(_))) => match too_bad(&mut bad, binary()) {
                Ok(text) => connection.push(text.into(), Class::Answer),
                Err(close) => return close,
            },
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Err(error)) => return broken(&error),
            Some(Ok(Message::Close(_))) | None => return GONE,
        }
    }
}

/// Does what a text frame of a greeted socket asks.
pub(super) async fn words(
    requests: &mut Requests<'_>,
    connection: &Connection,
    text: &str,
    bad: &mut u32,
) -> Result<(), Close> {
    match parse_request(text) {
        Ok((id, request)) => requests.handle(id, request).await,
        Err(unreadable) => connection.push(too_bad(bad, unreadable)?.into(), Class::Answer),
    }
    Ok(())
}

/// Writes everything that is queued. A client that takes nothing is waited for until the hub closes the connection.
async fn write(session: &Session, socket: &mut WebSocket) -> Result<(), Close> {
    let connection = &session.connection;
    loop {
        let items = connection.take();
        let closed = connection.closed();
        if !items.is_empty() {
            connection.writing_since.store(session.relay.now(), Relaxed);
            let written = if closed.is_some() {
                // What was queued before the close (when to come back) is still told, if that is quick.
                tokio::time::timeout(CLOSING, flush(items, socket)).await.unwrap_or(Err(()))
            } else {
                tokio::select! {
                    biased;
                    written = flush(items, socket) => written,
                    () = interrupted(connection) => Err(()),
                }
            };
            connection.writing_since.store(0, Relaxed);
            if written.is_err() {
                return Err(connection.closed().unwrap_or(GONE));
            }
        } else if let Some(close) = closed {
            return Err(close);
        } else {
            return Ok(());
        }
    }
}

/// Ends when a write is to be given up because the connection is to be closed and the client does not take what it
/// was sent before.
async fn interrupted(connection: &Connection) {
    connection.closing.notified().await;
    tokio::time::sleep(CLOSING).await;
}

async fn flush(
    items: impl IntoIterator<Item = Item>,
    socket: &mut (impl Sink<Message> + Unpin),
) -> Result<(), ()> {
    for item in items {
        let message = match item {
            Item::Text(text, _) => Message::Text(text),
            Item::Ping => Message::Ping(axum::body::Bytes::new()),
        };
        socket.feed(message).await.map_err(|_| ())?;
    }
    socket.flush().await.map_err(|_| ())
}
