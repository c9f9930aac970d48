//! `/api/register`, `/api/login`, `/api/refresh`, `/api/logout`.

use super::body::{JsonBody, OptionalJsonBody};
use super::client::Client;
use super::error::ApiError;
use super::{State, cookie};
use crate::accounts::Opened;
use axum::Extension;
use axum::Json;
use axum::extract;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use confab_protocol::http::{Login, Logout, Refresh, Register, Session};
use confab_protocol::{Code, ErrorBody};

/// How a session's refresh token travels.
#[derive(Clone, Copy)]
enum Carrier {
    Body,
    Cookie { https: bool },
}

impl Carrier {
    fn of(cookie: bool, client: &Client) -> Self {
        if cookie { Self::Cookie { https: client.https } } else { Self::Body }
    }
}

/// `POST /api/register`
pub(super) async fn register(
    extract::State(state): extract::State<State>,
    Extension(client): Extension<Client>,
    JsonBody(request): JsonBody<Register>,
) -> Result<Response, ApiError> {
    let carrier = Carrier::of(request.cookie, &client);
    let opened = state.accounts.register(client.address, request).await?;
    Ok(session(StatusCode::CREATED, opened, carrier))
}

/// `POST /api/login`
pub(super) async fn login(
    extract::State(state): extract::State<State>,
    Extension(client): Extension<Client>,
    JsonBody(request): JsonBody<Login>,
) -> Result<Response, ApiError> {
    let carrier = Carrier::of(request.cookie, &client);
    let opened = state.accounts.login(client.address, request).await?;
    Ok(session(StatusCode::OK, opened, carrier))
}

/// `POST /api/refresh`
pub(super) async fn refresh(
    extract::State(state): extract::State<State>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    OptionalJsonBody(request): OptionalJsonBody<Refresh>,
) -> Result<Response, ApiError> {
    let in_body = request.refresh_token.as_deref();
    let carrier = Carrier::of(in_body.is_none(), &client);
    let token = in_body.or_else(|| cookie::read(&headers)).ok_or_else(no_token)?;
    match state.accounts.refresh(token).await {
        Ok(opened) => Ok(session(StatusCode::OK, opened, carrier)),
        Err(error) => {
            let gone = matches!(error.code, Code::SessionEnded | Code::Unauthenticated);
            let mut response = ApiError::from(error).into_response();
            if let Carrier::Cookie { https } = carrier
                && gone
            {
                set_cookie(&mut response, cookie::clear(https));
            }
            Ok(response)
        }
    }
}

/// `POST /api/logout`
pub(super) async fn logout(
    extract::State(state): extract::State<State>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    OptionalJsonBody(request): OptionalJsonBody<Logout>,
) -> Result<Response, ApiError> {
    let access_token = bearer(&headers);
    if let Some(device) = request.device {
        state.accounts.log_out(access_token.ok_or_else(no_token)?, Some(device)).await?;
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let refresh_token = request.refresh_token.as_deref().or_else(|| cookie::read(&headers));
    match (access_token, refresh_token) {
        (Some(access), None) => state.accounts.log_out(access, None).await?,
        (None, Some(refresh)) => state.accounts.log_out_by_refresh_token(refresh).await?,
        // One whose access token has expired since still gets out by the other.
        (Some(access), Some(refresh)) => match state.accounts.log_out(access, None).await {
            Err(error) if error.code == Code::Unauthenticated => {
                state.accounts.log_out_by_refresh_token(refresh).await?;
            }
            result => result?,
        },
        (None, None) => return Err(no_token().into()),
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    if cookie::read(&headers).is_some() {
        set_cookie(&mut response, cookie::clear(client.https));
    }
    Ok(response)
}

fn session(status: StatusCode, opened: Opened, carrier: Carrier) -> Response {
    let (in_body, in_cookie) = match carrier {
        Carrier::Body => (Some(opened.refresh_token), None),
        Carrier::Cookie { https } => (None, cookie::set(&opened.refresh_token, https)),
    };
    let body = Session {
        user: opened.user,
        device: opened.device,
        access_token: opened.access_token,
        refresh_token: in_body,
        expires_in: opened.expires_in,
    };
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    set_cookie(&mut response, in_cookie);
    response
}

fn set_cookie(response: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
}

/// The token of `Authorization: Bearer` (RFC 6750, section 2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn no_token() -> ErrorBody {
    ErrorBody::new(Code::Unauthenticated, "There is no token in this request. Log in first.")
}
