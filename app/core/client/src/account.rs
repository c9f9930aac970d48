//! Signing in and out and keeping the session alive, over HTTP. What comes back is judged here and nowhere else.

use crate::convert::own;
use crate::owed;
use crate::platform::{HttpAnswer, Platform, Post};
use confab_protocol::http::{HttpError, Login, Logout, Refresh, Register, Session};
use confab_protocol::{Code, DeviceId};
use confab_store::view::Problem;
use serde::Serialize;
use std::rc::Rc;

/// How a request over HTTP can fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The relay did not answer, or something that is no relay did. Trying again may help.
    Later(Problem),
    /// The session has ended.
    Ended(Problem),
    /// The relay refused it.
    Refused(Problem),
}

impl Failure {
    /// For a person.
    pub fn problem(self) -> Problem {
        match self {
            Failure::Later(problem) | Failure::Ended(problem) | Failure::Refused(problem) => problem,
        }
    }
}

/// What to sign in with.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// A new account.
    Register { username: String, display_name: String, password: String, device_name: String },
    /// An account that there is.
    Login { username: String, password: String, device_name: String },
}

/// Registers or logs in. What is owed to the relay comes first: a new cookie would take the old one's place, and with it
/// the way to end its session.
pub async fn sign_in<P: Platform>(
    place: Rc<P>,
    relay: String,
    with: Credentials,
    turn: owed::Turn,
) -> Result<Session, Failure> {
    match owed::settle(place.clone(), relay.clone(), turn).await {
        Err(Failure::Later(problem)) => return Err(Failure::Later(problem)),
        Ok(()) | Err(Failure::Ended(_) | Failure::Refused(_)) => {}
    }
    let cookie = place.secrets().is_none();
    let answer = match with {
        Credentials::Register { username, display_name, password, device_name } => {
            let body = Register { username, display_name, password, device_name: named(device_name), cookie };
            post(&*place, &relay, "/api/register", None, &body).await?
        }
        Credentials::Login { username, password, device_name } => {
            let body = Login { username, password, device_name: named(device_name), cookie };
            post(&*place, &relay, "/api/login", None, &body).await?
        }
    };
    let session = session(&answer)?;
    owed::forgive_cookie(&*place).await;
    Ok(session)
}

/// A new access token for an account, and a new refresh token, which is safe before this returns.
pub async fn refresh<P: Platform>(place: Rc<P>, relay: String, account: String) -> Result<Session, Failure> {
    let refresh_token = match place.secrets() {
        None => None,
        Some(secrets) => match secrets.load(&account) {
            Ok(Some(token)) => Some(token),
            Ok(None) => return Err(Failure::Ended(own("session_ended", "Log in to go on."))),
            Err(message) => return Err(Failure::Later(own("secrets", message))),
        },
    };
    let answer = post(&*place, &relay, "/api/refresh", None, &Refresh { refresh_token }).await?;
    let fresh = session(&answer)?;
    keep(&*place, &account, &fresh).map_err(Failure::Later)?;
    Ok(fresh)
}

/// Keeps a session's refresh token, where that is not the browser's task.
pub fn keep<P: Platform>(place: &P, account: &str, session: &Session) -> Result<(), Problem> {
    match (place.secrets(), &session.refresh_token) {
        (Some(secrets), Some(token)) => {
            secrets.save(account, token).map_err(|message| own("secrets", message))
        }
        _ => Ok(()),
    }
}

/// Ends the session of this device.
pub async fn sign_out<P: Platform>(
    place: Rc<P>,
    relay: String,
    account: String,
    bearer: Option<String>,
) -> Result<(), Failure> {
    let refresh_token = place.secrets().and_then(|secrets| secrets.load(&account).ok().flatten());
    match end_session(&*place, &relay, refresh_token, bearer).await {
        // It had ended already.
        Err(Failure::Ended(_)) => Ok(()),
        other => other,
    }
}

/// Has the relay end the session of a token, or of the browser's cookie.
pub async fn end_session<P: Platform>(
    place: &P,
    relay: &str,
    refresh_token: Option<String>,
    bearer: Option<String>,
) -> Result<(), Failure> {
    let body = Logout { refresh_token, device: None };
    nothing(&post(place, relay, "/api/logout", bearer, &body).await?)
}

/// Logs another device of the same user out.
pub async fn end_device<P: Platform>(
    place: Rc<P>,
    relay: String,
    bearer: Option<String>,
    device: DeviceId,
) -> Result<(), Failure> {
    let body = Logout { refresh_token: None, device: Some(device) };
    nothing(&post(&*place, &relay, "/api/logout", bearer, &body).await?)
}

async fn post<P: Platform, B: Serialize>(
    place: &P,
    relay: &str,
    path: &'static str,
    bearer: Option<String>,
    body: &B,
) -> Result<HttpAnswer, Failure> {
    let body = serde_json::to_string(body)
        .map_err(|error| Failure::Refused(own("internal_client", error.to_string())))?;
    place.post(relay, Post { path, bearer, body }).await.map_err(Failure::Later)
}

fn session(answer: &HttpAnswer) -> Result<Session, Failure> {
    if !matches!(answer.status, 200 | 201) {
        return Err(failure(answer));
    }
    serde_json::from_str(&answer.body).map_err(|_| Failure::Later(stranger()))
}

fn nothing(answer: &HttpAnswer) -> Result<(), Failure> {
    if matches!(answer.status, 200..=299) { Ok(()) } else { Err(failure(answer)) }
}

/// A refusal counts only if it is a relay's own: a hotel's log-in page must not sign anybody out.
fn failure(answer: &HttpAnswer) -> Failure {
    let Ok(HttpError { error }) = serde_json::from_str(&answer.body) else {
        return Failure::Later(stranger());
    };
    let code = error.code;
    let problem = crate::convert::problem(error.into());
    match (answer.status, code) {
        (401, Code::Unauthenticated | Code::SessionEnded) => Failure::Ended(problem),
        (429 | 500.., _) => Failure::Later(problem),
        _ => Failure::Refused(problem),
    }
}

fn stranger() -> Problem {
    own("not_confab", "What answers there is not a Confab relay. Is the address right, and the network open?")
}

fn named(device_name: String) -> Option<String> {
    Some(device_name).filter(|name| !name.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> HttpAnswer {
        HttpAnswer { status, body: body.into() }
    }

    #[test]
    fn only_a_relay_can_end_a_session() {
        let ended = answer(401, r#"{"error":{"code":"session_ended","retry":"after_login","message":"x"}}"#);
        assert!(matches!(failure(&ended), Failure::Ended(_)));
        for other in [
            answer(401, "<html>Hotel Wi-Fi</html>"),
            answer(302, ""),
            answer(503, r#"{"error":{"code":"unavailable","retry":"later","message":"x"}}"#),
            answer(
                429,
                r#"{"error":{"code":"rate_limited","retry":"later","message":"x","retry_after_ms":5}}"#,
            ),
        ] {
            assert!(matches!(failure(&other), Failure::Later(_)), "{other:?}");
        }
        let refused = answer(401, r#"{"error":{"code":"bad_credentials","retry":"never","message":"x"}}"#);
        assert!(matches!(failure(&refused), Failure::Refused(_)));
    }

    #[test]
    fn a_page_that_says_200_is_no_session() {
        assert!(matches!(session(&answer(200, "<html>")), Err(Failure::Later(p)) if p.code == "not_confab"));
    }
}
