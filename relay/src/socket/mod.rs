//! The WebSocket at `/ws`: the upgrade, the greeting, the loop, the closing.
//!
//! A socket's task reads a frame, hands commands to the writer and answers reads itself, one after the other, so that
//! a client has one page at most in the relay's memory. It must not know the rules or SQL.

mod dialogue;
mod frames;
mod greet;
mod requests;
mod serve;
mod upgrade;
mod wire;

pub use dialogue::{Dialogue, Said};
pub use greet::Greetings;

use crate::http::{Client, origin};
use crate::relay::Relay;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use confab_protocol::http::HttpError;
use confab_protocol::{Code, ErrorBody, SUBPROTOCOL};
use std::sync::Arc;
use upgrade::{NoUpgrade, Upgrade};

/// `GET /ws`.
pub async fn upgrade(
    State(relay): State<Arc<Relay>>,
    Extension(client): Extension<Client>,
    mut request: Request,
) -> Response {
    if !origin::is_allowed(request.headers(), &client, &relay.options.origins) {
        let message = "A page of another site cannot use this relay.";
        return refuse(StatusCode::FORBIDDEN, Code::Forbidden, message);
    }
    let Some(greeting) = relay.greetings.enter(client.address) else {
        let message = "Too many connections of this address have not said hello yet. Try again in a moment.";
        return refuse(StatusCode::TOO_MANY_REQUESTS, Code::RateLimited, message);
    };
    let upgrade = match Upgrade::of(&mut request, SUBPROTOCOL) {
        Ok(upgrade) => upgrade,
        Err(wrong) => return not_upgraded(wrong),
    };
    let response = upgrade.answer();
    tokio::spawn(async move {
        if let Some(wire) = upgrade.wire().await {
            serve::serve(relay, wire, greeting).await;
        }
    });
    response
}

/// Says what is wrong with a request for a socket.
fn not_upgraded(wrong: NoUpgrade) -> Response {
    let message = match wrong {
        NoUpgrade::Http => "This address speaks WebSocket only.",
        NoUpgrade::Version => "This relay speaks version 13 of WebSocket.",
        NoUpgrade::Protocol => "Offer the subprotocol confab.v1 (Sec-WebSocket-Protocol).",
    };
    let error = ErrorBody::new(Code::Unsupported, message);
    let (parts, _) = wrong.into_response().into_parts();
    (parts.status, parts.headers, Json(HttpError { error })).into_response()
}

fn refuse(status: StatusCode, code: Code, message: &str) -> Response {
    (status, Json(HttpError { error: ErrorBody::new(code, message) })).into_response()
}
