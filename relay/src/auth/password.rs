//! Passwords: argon2id (RFC 9106) with the parameters that OWASP names, on blocking threads, few at a time.
//!
//! A log-in costs the same whether the user exists or not: without a stored hash, a hash of nobody's is computed.

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use confab_protocol::{Code, ErrorBody};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{Semaphore, TryAcquireError};

/// Memory of one hash in KiB, passes and lanes: OWASP's Password Storage Cheat Sheet, second of its equal choices.
const COSTS: (u32, u32, u32) = (19_456, 2, 1);

/// How many may wait for each one that is being hashed. At about 30 ms each, the last waits for one to two seconds.
const WAITING_PER_PERMIT: usize = 50;

/// What to tell those who find the queue full, in milliseconds.
const RETRY_AFTER_MS: u64 = 2_000;

/// A hash with the parameters above of a password that nobody has.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$Y29uZmFiLW5vYm9keQ$lFBRdkdhvrAYK8kpcKkR0Uzeu9ajPKoUkgG1rmGFbPA";

/// Hashes and checks passwords, bounded in parallel.
#[derive(Debug)]
pub struct Passwords {
    /// One for each hash that runs.
    running: Arc<Semaphore>,
    /// One for each hash that runs or waits.
    queue: Arc<Semaphore>,
    hashed: AtomicU64,
}

impl Passwords {
    /// At most `parallel` hashes at a time.
    pub fn new(parallel: usize) -> Self {
        let parallel = parallel.max(1);
        Self {
            running: Arc::new(Semaphore::new(parallel)),
            queue: Arc::new(Semaphore::new(parallel * (1 + WAITING_PER_PERMIT))),
            hashed: AtomicU64::new(0),
        }
    }

    /// A PHC string to keep for a new password.
    ///
    /// # Errors
    /// `rate_limited` if too many wait already; `internal` if there is no memory or no randomness.
    pub async fn hash(&self, password: String) -> Result<String, ErrorBody> {
        self.bounded(move || {
            let hash = argon2()?.hash_password(password.as_bytes()).map_err(|_| internal())?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether a password is the one whose PHC string is `stored`. `None` (there is no such user) takes as long and is
    /// never right.
    ///
    /// # Errors
    /// As [`Passwords::hash`].
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, ErrorBody> {
        self.bounded(move || {
            let exists = stored.is_some();
            let phc = stored.as_deref().unwrap_or(NOBODY);
            let phc = PasswordHash::new(phc).map_err(|_| internal())?;
            let right = argon2()?.verify_password(password.as_bytes(), &phc).is_ok();
            Ok(right && exists)
        })
        .await
    }

    /// How many hashes have been computed so far.
    pub fn hashed(&self) -> u64 {
        self.hashed.load(Ordering::Relaxed)
    }

    async fn bounded<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ErrorBody> + Send + 'static,
    ) -> Result<T, ErrorBody> {
        let queued = self.queue.clone().try_acquire_owned().map_err(|error| match error {
            TryAcquireError::NoPermits => ErrorBody::new(
                Code::RateLimited,
                "Too many people are logging in right now. Try again shortly.",
            )
            .after_ms(RETRY_AFTER_MS),
            TryAcquireError::Closed => internal(),
        })?;
        let running = self.running.clone().acquire_owned().await.map_err(|_| internal())?;
        self.hashed.fetch_add(1, Ordering::Relaxed);
        // The permits go with the work: a caller that goes away does not make room for another hash before its end.
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop((running, queued));
            result
        })
        .await
        .map_err(|_| internal())?
    }
}

fn argon2() -> Result<Argon2<'static>, ErrorBody> {
    let (memory, passes, lanes) = COSTS;
    let params = Params::new(memory, passes, lanes, None).map_err(|_| internal())?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn internal() -> ErrorBody {
    ErrorBody::new(Code::Internal, "The password could not be checked. Try again shortly.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_right_password_and_only_it() {
        let passwords = Passwords::new(1);
        let stored = passwords.hash("correct horse".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(passwords.verify("correct horse".into(), Some(stored.clone())).await.unwrap());
        assert!(!passwords.verify("correct horsf".into(), Some(stored.clone())).await.unwrap());
        assert_ne!(stored, passwords.hash("correct horse".into()).await.unwrap(), "salts differ");
    }

    /// The same work is done for a user that does not exist: same algorithm, same costs, once.
    #[tokio::test]
    async fn nobody_costs_as_much_as_somebody() {
        let passwords = Passwords::new(1);
        assert!(!passwords.verify("x".into(), None).await.unwrap());
        assert_eq!(passwords.hashed(), 1);
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let fresh = passwords.hash("x".into()).await.unwrap();
        let fresh = PasswordHash::new(&fresh).unwrap();
        assert_eq!(nobody.algorithm, fresh.algorithm);
        assert_eq!(nobody.params.to_string(), fresh.params.to_string());
        assert_eq!(nobody.hash.unwrap().len(), fresh.hash.unwrap().len());
    }

    #[tokio::test]
    async fn a_full_queue_refuses_and_says_when() {
        let passwords = Passwords::new(1);
        let all = passwords.queue.clone().acquire_many_owned(1 + WAITING_PER_PERMIT as u32).await.unwrap();
        let error = passwords.hash("x".into()).await.unwrap_err();
        assert_eq!(error.code, Code::RateLimited);
        assert_eq!(error.retry_after_ms, Some(RETRY_AFTER_MS));
        drop(all);
        assert!(passwords.hash("x".into()).await.is_ok());
    }
}
