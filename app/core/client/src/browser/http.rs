//! HTTP by `fetch`. The browser adds the cookie that holds the refresh token.

use super::{offline, scope};
use crate::platform::{ATTEMPT_TIMEOUT_MS, HTTP_ANSWER_BYTES, HttpAnswer, Post};
use confab_store::view::Problem;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, Request, RequestInit, RequestRedirect, Response};

pub async fn post(url: String, post: Post) -> Result<HttpAnswer, Problem> {
    let request = request(&url, &post).map_err(|error| offline(&text(&error)))?;
    let answer = JsFuture::from(scope().fetch_with_request(&request)).await;
    // What the browser says of a failed fetch is about its inside ("Failed to fetch").
    let answer: Response = answer.map_err(|_| offline("The relay cannot be reached."))?.unchecked_into();
    let body = answer.text().map_err(|error| offline(&text(&error)))?;
    let body = JsFuture::from(body).await.map_err(|_| offline("The relay's answer broke off."))?;
    let mut body = body.as_string().unwrap_or_default();
    if body.len() > HTTP_ANSWER_BYTES {
        body.clear();
    }
    Ok(HttpAnswer { status: answer.status(), body })
}

fn request(url: &str, post: &Post) -> Result<Request, JsValue> {
    let headers = Headers::new()?;
    headers.set("content-type", "application/json")?;
    if let Some(token) = &post.bearer {
        headers.set("authorization", &format!("Bearer {token}"))?;
    }
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(&JsValue::from_str(&post.body));
    init.set_redirect(RequestRedirect::Error);
    init.set_signal(Some(&AbortSignal::timeout_with_f64(ATTEMPT_TIMEOUT_MS as f64)));
    Request::new_with_str_and_init(url, &init)
}

fn text(error: &JsValue) -> String {
    format!("The browser refused the request: {error:?}.")
}
