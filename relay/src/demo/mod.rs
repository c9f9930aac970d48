//! A few people with a history, to look at: made through the same commands as everyone's, with the clock as an argument.

mod play;
mod script;

use crate::auth::password::Passwords;
use crate::clock::now_ms;
use crate::store::{Store, StoreError};
use confab_protocol::ErrorBody;

/// What they all log in with. It stands in the documentation: a relay with the demo is for looking, not for use.
const PASSWORD: &str = "confab-demo";

/// Why the demo was not made.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The password could not be hashed, or a command was refused.
    #[error("{0}")]
    Refused(#[from] ErrorBody),
    /// The script breaks a rule of its own.
    #[error("the demo's script is wrong: {0}")]
    Script(String),
}

/// Makes the demo's people and their history if nobody has an account yet, and logs how to log in as them.
///
/// # Errors
/// [`DemoError`]
pub async fn make(store: &dyn Store) -> Result<(), DemoError> {
    let reads = store.reader()?;
    if !reads.has_users()? {
        let password = Passwords::new(1).hash(PASSWORD.to_owned()).await?;
        play::perform(store, &password, now_ms())?;
    } else if reads.account(script::PEOPLE[0].0)?.is_none() {
        tracing::warn!("other people have accounts here: the demo's were not made");
        return Ok(());
    }
    let names: Vec<_> = script::PEOPLE.iter().map(|(username, _)| *username).collect();
    tracing::info!("demo: log in as {} with the password {PASSWORD}", names.join(", "));
    tracing::warn!("anyone who reaches this relay can do that: use a demo for nothing that matters");
    Ok(())
}
