//! Access tokens: JWTs (RFC 7519) signed with HS256, good for ten minutes.
//!
//! They are judged by their signature and their time alone, so that a socket's `hello` costs no read of the password
//! table. That a session has ended meanwhile is the store's to know; whoever accepts a token asks it.

use confab_protocol::{Code, DeviceId, ErrorBody, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// How long an access token lasts, in milliseconds.
pub const ACCESS_TOKEN_MS: u64 = 10 * 60 * 1000;

/// Longest token that is looked at, in bytes. Ours have about 250.
const MAX_BYTES: usize = 1024;

/// What an access token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Who.
    pub user: UserId,
    /// By which session.
    pub device: DeviceId,
    /// Until when, in milliseconds since 1970.
    pub expires_at: u64,
}

/// Why an access token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is none of ours: another key, another algorithm, or no token at all.
    #[error("This access token is not valid. Log in again.")]
    Invalid,
    /// It was good once.
    #[error("This access token has expired. Refresh it, then try again.")]
    Expired,
}

impl From<TokenError> for ErrorBody {
    fn from(error: TokenError) -> Self {
        ErrorBody::new(Code::Unauthenticated, error.to_string())
    }
}

/// The claims as they stand in the token (RFC 7519, section 4.1), times in seconds. `sid` as in OpenID Connect.
#[derive(Serialize, Deserialize)]
struct Wire {
    sub: UserId,
    sid: DeviceId,
    iat: u64,
    exp: u64,
}

/// Makes and checks access tokens with one key.
pub struct AccessTokens {
    header: Header,
    signing: EncodingKey,
    verifying: DecodingKey,
    validation: Validation,
}

impl AccessTokens {
    /// With the relay's secret as the key.
    pub fn new(secret: &[u8]) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        // The time is an argument here, not the machine's clock, so that tests and simulations own it.
        validation.validate_exp = false;
        validation.required_spec_claims = HashSet::new();
        Self {
            header: Header::new(Algorithm::HS256),
            signing: EncodingKey::from_secret(secret),
            verifying: DecodingKey::from_secret(secret),
            validation,
        }
    }

    /// A token for a user's session. `now` in milliseconds since 1970.
    ///
    /// # Errors
    /// [`Code::Internal`] if signing fails, which HMAC does not.
    pub fn issue(&self, user: UserId, device: DeviceId, now: u64) -> Result<String, ErrorBody> {
        let claims = Wire { sub: user, sid: device, iat: now / 1000, exp: (now + ACCESS_TOKEN_MS) / 1000 };
        encode(&self.header, &claims, &self.signing)
            .map_err(|_| ErrorBody::new(Code::Internal, "The access token could not be signed."))
    }

    /// What a token says, if it is ours and its time has not passed. `now` in milliseconds since 1970.
    ///
    /// # Errors
    /// [`TokenError`], which is `unauthenticated` on the wire.
    pub fn verify(&self, token: &str, now: u64) -> Result<Claims, TokenError> {
        if token.len() > MAX_BYTES {
            return Err(TokenError::Invalid);
        }
        let wire =
            decode::<Wire>(token, &self.verifying, &self.validation).map_err(|_| TokenError::Invalid)?.claims;
        let expires_at = wire.exp.saturating_mul(1000);
        if expires_at <= now {
            return Err(TokenError::Expired);
        }
        Ok(Claims { user: wire.sub, device: wire.sid, expires_at })
    }
}

impl std::fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccessTokens(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const NOW: u64 = 1_790_000_000_000;

    fn alice() -> (UserId, DeviceId) {
        (UserId(Uuid::from_u128(1)), DeviceId(Uuid::from_u128(2)))
    }

    #[test]
    fn a_token_says_who_and_until_when() {
        let tokens = AccessTokens::new(b"a secret of the relay");
        let (user, device) = alice();
        let token = tokens.issue(user, device, NOW).unwrap();
        assert_eq!(
            tokens.verify(&token, NOW),
            Ok(Claims { user, device, expires_at: NOW + ACCESS_TOKEN_MS })
        );
    }

    #[test]
    fn a_token_ends_to_the_millisecond() {
        let tokens = AccessTokens::new(b"a secret of the relay");
        let (user, device) = alice();
        let token = tokens.issue(user, device, NOW).unwrap();
        assert!(tokens.verify(&token, NOW + ACCESS_TOKEN_MS - 1).is_ok());
        assert_eq!(tokens.verify(&token, NOW + ACCESS_TOKEN_MS), Err(TokenError::Expired));
    }

    #[test]
    fn what_we_did_not_sign_is_refused() {
        let tokens = AccessTokens::new(b"a secret of the relay");
        let (user, device) = alice();
        let foreign = AccessTokens::new(b"another secret").issue(user, device, NOW).unwrap();
        let own = tokens.issue(user, device, NOW).unwrap();
        let (head, signature) = own.rsplit_once('.').unwrap();
        let (header, body) = head.split_once('.').unwrap();
        // {"alg":"none","typ":"JWT"}
        let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
        let other_body = foreign.split('.').nth(1).unwrap().replace('a', "b");
        for bad in [
            foreign,
            format!("{none}.{body}."),
            format!("{none}.{body}.{signature}"),
            format!("{header}.{other_body}.{signature}"),
            format!("{head}."),
            head.to_owned(),
            String::new(),
            "...".to_owned(),
            "\0".repeat(40),
            format!("{own}{}", "a".repeat(5000)),
        ] {
            assert_eq!(tokens.verify(&bad, NOW), Err(TokenError::Invalid), "{bad}");
        }
    }

    /// A token signed with our key but by another algorithm of the family is none of ours either.
    #[test]
    fn another_algorithm_with_the_same_key_is_refused() {
        let secret = b"a secret of the relay";
        let (user, device) = alice();
        let claims = Wire { sub: user, sid: device, iat: NOW / 1000, exp: NOW / 1000 + 60 };
        let token =
            encode(&Header::new(Algorithm::HS512), &claims, &EncodingKey::from_secret(secret)).unwrap();
        assert_eq!(AccessTokens::new(secret).verify(&token, NOW), Err(TokenError::Invalid));
    }
}
