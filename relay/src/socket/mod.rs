//! The WebSocket at `/ws`: the upgrade, the greeting, the loop, the closing.
//!
//! A socket's task reads a frame, hands commands to the writer and answers reads itself, one after the other, so that
//! a client has one page at most in the relay's memory. It must not know the rules or SQL.

mod dialogue;
mod greet;
mod requests;
mod serve;

pub use dialogue::{Dialogue, Said};
pub use greet::Greetings;

use crate::http::{Client, origin};
use crate::relay::Relay;
use axum::Extension;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use confab_protocol::{Code, ErrorBody, SUBPROTOCOL, limits};
use std::sync::Arc;

/// What one connection reads ahead, in bytes. tungstenite's default is 128 KiB, for each.
const READ_BUFFER: usize = 2048;
/// Written frames are gathered up to this many bytes before the system is called.
const WRITE_BUFFER: usize = 16 * 1024;
/// Most that can wait in a socket's own buffer, in bytes: one frame besides a full buffer.
const MAX_WRITE_BUFFER: usize = WRITE_BUFFER + limits::RELAY_FRAME_BYTES * 2;

/// `GET /ws`.
pub async fn upgrade(
    State(relay): State<Arc<Relay>>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    socket: WebSocketUpgrade,
) -> Response {
    if !origin::is_allowed(&headers, &client, &relay.options.origins) {
        return refuse(
            StatusCode::FORBIDDEN,
            Code::Forbidden,
            "A page of another site cannot use this relay.",
        );
    }
    let Some(greeting) = relay.greetings.enter(client.address) else {
        return refuse(
            StatusCode::TOO_MANY_REQUESTS,
            Code::RateLimited,
            "Too many connections of this address have not said hello yet. Try again in a moment.",
        );
    };
    let socket = socket
        .protocols([SUBPROTOCOL])
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(MAX_WRITE_BUFFER)
        .max_message_size(limits::CLIENT_FRAME_BYTES)
        .max_frame_size(limits::CLIENT_FRAME_BYTES);
    if socket.selected_protocol().is_none() {
        return refuse(
            StatusCode::BAD_REQUEST,
            Code::Unsupported,
            "Offer the subprotocol confab.v1 (Sec-WebSocket-Protocol).",
        );
    }
    socket.on_upgrade(move |socket| serve::serve(relay, socket, greeting))
}

fn refuse(status: StatusCode, code: Code, message: &str) -> Response {
    let error = confab_protocol::http::HttpError { error: ErrorBody::new(code, message) };
    (status, axum::Json(error)).into_response()
}
