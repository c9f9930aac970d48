//! The opening handshake (RFC 6455, section 4.2), from an HTTP request to the bare connection.

use super::wire::Wire;
use crate::http::server::Guarded;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use sha1::{Digest, Sha1};

/// Appended to the client's key (section 1.3).
const KEY_SUFFIX: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// Bytes of a key.
const KEY_BYTES: usize = 16;

/// A good request for an upgrade.
pub struct Upgrade {
    accept: HeaderValue,
    protocol: &'static str,
    upgraded: OnUpgrade,
}

/// What is wrong with a request for an upgrade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoUpgrade {
    /// It is an ordinary request.
    Http,
    /// It asks for another version of WebSocket.
    Version,
    /// It offers no subprotocol that is spoken here.
    Protocol,
}

impl Upgrade {
    /// Reads a request; `protocol` is the one subprotocol that is spoken.
    ///
    /// # Errors
    /// [`NoUpgrade`]
    pub fn of(request: &mut Request, protocol: &'static str) -> Result<Self, NoUpgrade> {
        let headers = request.headers();
        let asks = request.method() == Method::GET
            && request.version() == Version::HTTP_11
            && has_token(headers, &header::CONNECTION, "upgrade", true)
            && has_token(headers, &header::UPGRADE, "websocket", true);
        if !asks {
            return Err(NoUpgrade::Http);
        }
        if headers.get(header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
            return Err(NoUpgrade::Version);
        }
        let accept = headers.get(header::SEC_WEBSOCKET_KEY).and_then(accept).ok_or(NoUpgrade::Http)?;
        if !has_token(headers, &header::SEC_WEBSOCKET_PROTOCOL, protocol, false) {
            return Err(NoUpgrade::Protocol);
        }
        let upgraded = request.extensions_mut().remove::<OnUpgrade>().ok_or(NoUpgrade::Http)?;
        Ok(Self { accept, protocol, upgraded })
    }

    /// The answer after which the connection speaks WebSocket.
    pub fn answer(&self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, self.accept.clone());
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(self.protocol));
        response
    }

    /// The connection, once the answer has been written; `None` if it went before.
    pub async fn wire(self) -> Option<Wire<Guarded>> {
        let upgraded = match self.upgraded.await {
            Ok(upgraded) => upgraded,
            Err(error) => {
                tracing::debug!(%error, "a connection went while it was upgraded");
                return None;
            }
        };
        match upgraded.downcast::<TokioIo<Guarded>>() {
            Ok(parts) => Some(Wire::new(parts.io.into_inner(), &parts.read_buf)),
            Err(_) => {
                tracing::error!("a socket came over a connection that is not the listener's");
                None
            }
        }
    }
}

impl IntoResponse for NoUpgrade {
    /// Without a body.
    fn into_response(self) -> Response {
        match self {
            Self::Http => (StatusCode::UPGRADE_REQUIRED, [(header::UPGRADE, "websocket")]).into_response(),
            Self::Version => {
                (StatusCode::UPGRADE_REQUIRED, [(header::SEC_WEBSOCKET_VERSION, "13")]).into_response()
            }
            Self::Protocol => StatusCode::BAD_REQUEST.into_response(),
        }
    }
}

fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str, any_case: bool) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|value| if any_case { value.eq_ignore_ascii_case(token) } else { value == token })
}

/// The proof that the client's key was read; `None` if it is no key.
fn accept(key: &HeaderValue) -> Option<HeaderValue> {
    STANDARD.decode(key).ok().filter(|bytes| bytes.len() == KEY_BYTES)?;
    let digest = Sha1::new().chain_update(key).chain_update(KEY_SUFFIX).finalize();
    HeaderValue::from_str(&STANDARD.encode(digest)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_own_example() {
        let key = HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(accept(&key).unwrap(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        for bad in ["", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZQ==", "not base64"] {
            assert_eq!(accept(&HeaderValue::from_static(bad)), None, "{bad}");
        }
    }
}
