//! `/api/health`: for load balancers, monitors and people.

use super::State;
use axum::Json;
use axum::extract;
use confab_protocol::SUBPROTOCOL;
use confab_protocol::http::Health;

/// The version of this relay.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// `GET /api/health`. 200 even while the disk is full: the relay still serves what it has.
pub(super) async fn health(extract::State(state): extract::State<State>) -> Json<Health> {
    let status = if state.relay.writer.is_storing() { "ok" } else { "degraded" };
    Json(Health {
        status: status.to_owned(),
        version: VERSION.to_owned(),
        protocols: vec![SUBPROTOCOL.to_owned()],
    })
}
