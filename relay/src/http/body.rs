//! Reading a JSON body, with every way it can be wrong answered in JSON.

use super::error::ApiError;
use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use confab_protocol::Code;
use confab_protocol::limits::HTTP_BODY_BYTES;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// A body that dribbles in holds a connection no longer than this.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// A JSON body of at most [`HTTP_BODY_BYTES`].
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ApiError> {
        if !is_json(&request) {
            return Err(ApiError::new(Code::Unsupported, "Send the body as application/json.")
                .with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        parse(&read(request.into_body()).await?).map(Self)
    }
}

/// A JSON body, or the default of its type where there is none.
pub struct OptionalJsonBody<T>(pub T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalJsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if request.body().is_end_stream() {
            return Ok(Self(T::default()));
        }
        JsonBody::from_request(request, state).await.map(|JsonBody(value)| Self(value))
    }
}

fn is_json(request: &Request) -> bool {
    let Some(value) = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok())
    else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

async fn read(body: Body) -> Result<Bytes, ApiError> {
    let too_large = || {
        ApiError::new(
            Code::TooLarge,
            format!("The body has more than {HTTP_BODY_BYTES} bytes, the most allowed."),
        )
    };
    if body.size_hint().lower() > HTTP_BODY_BYTES as u64 {
        return Err(too_large());
    }
    match tokio::time::timeout(BODY_TIMEOUT, axum::body::to_bytes(body, HTTP_BODY_BYTES)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        // The limit is the one error of reading that the caller is still there to hear of.
        Ok(Err(_)) => Err(too_large()),
        Err(_) => Err(ApiError::new(Code::Invalid, "The body did not arrive in time.")
            .with_status(StatusCode::REQUEST_TIMEOUT)),
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(bytes).map_err(|error| {
        // What serde says may repeat a value, and the value may be a password: tell the place and the kind only.
        let what = match error.classify() {
            serde_json::error::Category::Data => "lacks a field or has one of the wrong type",
            _ => "is not JSON",
        };
        ApiError::new(
            Code::Invalid,
            format!("The body {what} (line {}, column {}).", error.line(), error.column()),
        )
    })
}
