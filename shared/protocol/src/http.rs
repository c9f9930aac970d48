//! Bodies of the HTTP endpoints under `/api/`. An error is `{"error": ErrorBody}` with a fitting status.

use crate::error::ErrorBody;
use crate::ids::DeviceId;
use crate::model::User;
use serde::{Deserialize, Serialize};

/// `POST /api/register`: 201 with [`Session`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Register {
    /// See [`crate::text::username`].
    pub username: String,
    /// See [`crate::text::display_name`].
    pub display_name: String,
    /// See [`crate::text::password`].
    pub password: String,
    /// What to call this device in the list of one's devices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_name: Option<String>,
    /// `true` in a browser: the refresh token comes as an HttpOnly cookie and not in the body.
    #[serde(default)]
    pub cookie: bool,
}

/// `POST /api/login`: 200 with [`Session`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Login {
    /// Who.
    pub username: String,
    /// The password.
    pub password: String,
    /// As in [`Register::device_name`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_name: Option<String>,
    /// As in [`Register::cookie`].
    #[serde(default)]
    pub cookie: bool,
}

/// `POST /api/refresh`: 200 with [`Session`]. Without a token in the body the cookie counts, and a new one is set.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Refresh {
    /// The newest refresh token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
}

/// `POST /api/logout`: 204. Ends the session of the access token (`Authorization: Bearer`), of the refresh token, or
/// of the cookie; with `device`, another session of the same user.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Logout {
    /// The refresh token, if there is no access token at hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// Another of one's devices. Needs an access token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
}

/// A session's tokens.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    /// Who.
    pub user: User,
    /// This session.
    pub device: DeviceId,
    /// A JWT (RFC 7519) for `Authorization: Bearer` and `hello`.
    pub access_token: String,
    /// For `POST /api/refresh`, once. Absent where it is a cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// How long the access token lasts, in seconds.
    pub expires_in: u64,
}

/// `GET /api/health`: 200.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Health {
    /// `ok`, or `degraded` while the store refuses writes.
    pub status: String,
    /// The relay's version.
    pub version: String,
    /// The WebSocket subprotocols that it speaks.
    #[serde(default)]
    pub protocols: Vec<String>,
}

/// The body of every HTTP error.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HttpError {
    /// What happened.
    pub error: ErrorBody,
}
