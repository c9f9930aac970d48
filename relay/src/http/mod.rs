//! The HTTP side: `/api/`, the socket's door `/ws`, and the web client's files.
//!
//! Parses, calls and answers. It must not know SQL, nor decide about accounts or conversations.

mod accounts;
mod body;
mod client;
mod cookie;
mod error;
mod files;
mod headers;
mod health;
pub mod origin;
pub mod server;

pub use client::Client;

use crate::accounts::Accounts;
use crate::relay::{ClientAddress, Relay};
use axum::Router;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use confab_protocol::Code;
use error::ApiError;
use ipnet::IpNet;
use server::Peer;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// What the endpoints share.
#[derive(Clone)]
pub struct State {
    /// The relay.
    pub relay: Arc<Relay>,
    /// Its accounts.
    pub accounts: Arc<Accounts>,
    /// Whose forwarding headers are believed.
    pub trusted_proxies: Arc<[IpNet]>,
    /// Origins besides the relay's own.
    pub allowed_origins: Arc<[String]>,
}

impl axum::extract::FromRef<State> for Arc<Relay> {
    fn from_ref(state: &State) -> Self {
        Arc::clone(&state.relay)
    }
}

/// All routes.
pub fn router(state: State) -> Router {
    let api = Router::new()
        .route("/register", post(accounts::register))
        .route("/login", post(accounts::login))
        .route("/refresh", post(accounts::refresh))
        .route("/logout", post(accounts::logout))
        .route("/health", get(health::health))
        .method_not_allowed_fallback(wrong_method)
        .fallback(no_such_endpoint)
        .layer(middleware::from_fn(headers::of_api))
        .layer(middleware::from_fn_with_state(state.clone(), only_own_pages));
    Router::new()
        .nest("/api", api)
        // The one path that nest leaves out.
        .route("/api/", any(no_such_endpoint))
        .route("/ws", get(crate::socket::upgrade))
        .fallback(files::serve)
        .with_state(state.clone())
        .layer(middleware::from_fn_with_state(state, know_client))
        .layer(middleware::from_fn(log))
}

/// Notes who is at the other end. Outermost, so that everything further in may ask.
async fn know_client(
    axum::extract::State(state): axum::extract::State<State>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer =
        request.extensions().get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    let client = Client::of(peer, request.headers(), &state.trusted_proxies);
    request.extensions_mut().insert(ClientAddress(client.address));
    request.extensions_mut().insert(client);
    next.run(request).await
}

/// Refuses what the page of another site sends: it could ride on a person's cookie or flood from many browsers.
async fn only_own_pages(
    axum::extract::State(state): axum::extract::State<State>,
    axum::Extension(client): axum::Extension<Client>,
    request: Request,
    next: Next,
) -> Response {
    let reads_only = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads_only || origin::is_allowed(request.headers(), &client, &state.allowed_origins) {
        next.run(request).await
    } else {
        ApiError::new(Code::Forbidden, "A page of another site cannot use this relay.").into_response()
    }
}

/// One line a request at `debug`: the path alone, since queries and headers may hold secrets.
async fn log(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = next.run(request).await;
    tracing::debug!(%method, path, status = response.status().as_u16(), "request");
    response
}

async fn no_such_endpoint() -> ApiError {
    ApiError::new(Code::NotFound, "There is no such endpoint.")
}

async fn wrong_method() -> ApiError {
    ApiError::new(Code::Unsupported, "This endpoint does not take this method.")
        .with_status(StatusCode::METHOD_NOT_ALLOWED)
}
