//! HTTP by reqwest.

use super::tls;
use super::unreached::unreached;
use crate::platform::{HTTP_ANSWER_BYTES, HttpAnswer, Post};
use confab_store::view::Problem;
use rustls::ClientConfig;
use std::time::Duration;

/// A client as the account's own, for whoever asks a relay before there is an account. A request may take `timeout`.
///
/// # Errors
/// In words, if TLS cannot be set up.
pub fn client(timeout: Duration) -> Result<reqwest::Client, String> {
    client_with(&*tls::config()?, timeout)
}

/// A client that follows no redirect: a relay does not send any, and a token must not travel.
pub fn client_with(tls: &ClientConfig, timeout: Duration) -> Result<reqwest::Client, String> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .timeout(timeout)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| format!("HTTP could not be set up: {error}."))
}

pub async fn post(client: reqwest::Client, url: String, post: Post) -> Result<HttpAnswer, Problem> {
    let mut request = client.post(url).header("content-type", "application/json").body(post.body);
    if let Some(token) = post.bearer {
        request = request.bearer_auth(token);
    }
    let mut answer = request.send().await.map_err(|error| unreached("The relay", &error))?;
    let status = answer.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| unreached("The relay", &error))? {
        if body.len() + chunk.len() > HTTP_ANSWER_BYTES {
            break;
        }
        body.extend_from_slice(&chunk);
    }
    Ok(HttpAnswer { status, body: String::from_utf8_lossy(&body).into_owned() })
}
