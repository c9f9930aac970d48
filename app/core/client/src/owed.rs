//! Log-outs that the relay still has to be told of: it could not be reached when the person logged out.
//!
//! Until it was told, the session's proof is kept: refresh tokens among the [`Secrets`], under a name of their own; the
//! browser's cookie where it lies, with a mark beside it that says that it is nobody's any more.

use crate::account::{self, Failure};
use crate::convert::own;
use crate::platform::{Platform, Secrets};
use futures::lock::Mutex;
use std::rc::Rc;

/// One after another: a late answer to a log-out would take away the cookie of the log-in after it.
pub type Turn = Rc<Mutex<()>>;

/// More than so many are not kept; the oldest goes.
const MOST: usize = 16;

fn name(relay: &str) -> String {
    format!("log-outs owed to {relay}")
}

/// Notes that the session of an account is to be ended, in place of keeping it.
///
/// # Errors
/// In words, if it cannot be noted.
pub async fn note<P: Platform>(place: &P, relay: &str, account: &str) -> Result<(), String> {
    let Some(secrets) = place.secrets() else { return place.owe_logout(true).await };
    let token = secrets.load(account)?.ok_or("The session's token is not here any more.")?;
    let mut tokens = tokens(secrets, relay)?;
    tokens.push(token);
    if tokens.len() > MOST {
        tokens.remove(0);
    }
    keep(secrets, relay, &tokens)
}

/// Whether anything is owed to a relay, or may be: secrets that are not open yet have to be looked at again.
pub async fn any<P: Platform>(place: &P, relay: &str) -> bool {
    match place.secrets() {
        None => place.owes_logout().await,
        Some(secrets) => tokens(secrets, relay).map_or(true, |tokens| !tokens.is_empty()),
    }
}

/// Tells a relay of all that is owed to it.
///
/// # Errors
/// The first one's; it and those after it are still owed.
pub async fn settle<P: Platform>(place: Rc<P>, relay: String, turn: Turn) -> Result<(), Failure> {
    let _turn = turn.lock().await;
    let Some(secrets) = place.secrets() else {
        if !place.owes_logout().await {
            return Ok(());
        }
        return match account::end_session(&*place, &relay, None, None).await {
            Ok(()) | Err(Failure::Ended(_)) => {
                forgive_cookie(&*place).await;
                Ok(())
            }
            Err(failure) => Err(failure),
        };
    };
    for token in tokens(secrets, &relay).map_err(later)? {
        match account::end_session(&*place, &relay, Some(token.clone()), None).await {
            Err(Failure::Later(problem)) => return Err(Failure::Later(problem)),
            // What a relay refuses once it will refuse again.
            Err(Failure::Refused(problem)) => tracing::warn!(problem.message, "a session could not be ended"),
            Ok(()) | Err(Failure::Ended(_)) => {}
        }
        paid(secrets, &relay, &token).map_err(later)?;
    }
    Ok(())
}

fn later(message: String) -> Failure {
    Failure::Later(own("secrets", message))
}

/// The cookie is that of a session that somebody wants, or there is none any more.
pub async fn forgive_cookie<P: Platform>(place: &P) {
    if place.secrets().is_none()
        && place.owes_logout().await
        && let Err(error) = place.owe_logout(false).await
    {
        tracing::warn!(error, "a log-out that was made up for cannot be forgotten");
    }
}

/// Others of the same relay may have noted theirs meanwhile, so the list is read anew.
fn paid(secrets: &dyn Secrets, relay: &str, token: &str) -> Result<(), String> {
    let mut tokens = tokens(secrets, relay)?;
    tokens.retain(|other| other != token);
    keep(secrets, relay, &tokens)
}

fn tokens(secrets: &dyn Secrets, relay: &str) -> Result<Vec<String>, String> {
    let kept = secrets.load(&name(relay))?;
    Ok(kept.and_then(|kept| serde_json::from_str(&kept).ok()).unwrap_or_default())
}

fn keep(secrets: &dyn Secrets, relay: &str, tokens: &[String]) -> Result<(), String> {
    if tokens.is_empty() {
        return secrets.remove(&name(relay));
    }
    let text = serde_json::to_string(tokens).map_err(|error| error.to_string())?;
    secrets.save(&name(relay), &text)
}
