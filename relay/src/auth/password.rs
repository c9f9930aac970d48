//! Passwords: argon2id (RFC 9106) with the parameters that OWASP names, on blocking threads, few at a time.
//!
//! A log-in costs the same whether the user exists or not: without a stored hash, a hash of nobody's is computed.

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use confab_protocol::{Code, ErrorBody};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{Semaphore, TryAcquireError};

/// Memory of one hash in KiB, passes and lanes: OWASP's Password Storage Cheat Sheet, second of its equal choices.
const COSTS: (u32, u32, u32) = (19_456, 2, 1);

/// Random bytes of a salt (RFC 9106, section 3.1).
const SALT_BYTES: usize = 16;

/// So many blocks, of 1 KiB each, are returned to the system when they are freed (`DEFAULT_MMAP_THRESHOLD_MAX` in
/// mallopt(3), and a little more).
const RETURNED_BLOCKS: usize = 33 * 1024;

/// How many may wait for each one that is being hashed. At about 30 ms each, the last waits for one to two seconds.
const WAITING_PER_PERMIT: usize = 50;

/// What to tell those who find the queue full, in milliseconds.
const RETRY_AFTER_MS: u64 = 2_000;

/// A hash with the parameters above of a password that nobody has.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$Y29uZmFiLW5vYm9keQ$lFBRdkdhvrAYK8kpcKkR0Uzeu9ajPKoUkgG1rmGFbPA";

/// What there is to say about a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is not the one.
    Wrong,
    /// It is.
    Right,
    /// It is, and what is stored was made with other costs: this PHC string is to take its place.
    RightButOld(String),
}

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
        self.bounded(move || new_hash(&password)).await
    }

    /// Whether a password is the one whose PHC string is `stored`. `None` (there is no such user) takes as long and is
    /// never right.
    ///
    /// # Errors
    /// As [`Passwords::hash`].
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<Verdict, ErrorBody> {
        self.bounded(move || {
            let exists = stored.is_some();
            let phc = stored.as_deref().unwrap_or(NOBODY);
            let phc = PasswordHash::new(phc).map_err(|_| internal())?;
            // Two outputs are compared in constant time.
            let right = phc.hash == Some(digest(&password, &phc)?);
            if !(right && exists) {
                return Ok(Verdict::Wrong);
            }
            // Only here is the password at hand to hash it as it would be hashed today.
            if is_current(&phc)? { Ok(Verdict::Right) } else { new_hash(&password).map(Verdict::RightButOld) }
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

/// A PHC string with today's costs and a new salt.
fn new_hash(password: &str) -> Result<String, ErrorBody> {
    let mut phc = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params()?).map_err(|_| internal())?,
        salt: Some(salt()?),
        hash: None,
    };
    phc.hash = Some(digest(password, &phc)?);
    Ok(phc.to_string())
}

/// Whether a hash was made with today's algorithm and costs.
fn is_current(phc: &PasswordHash) -> Result<bool, ErrorBody> {
    let costs = ParamsString::try_from(&params()?).map_err(|_| internal())?;
    let version: u32 = Version::V0x13.into();
    Ok(phc.algorithm == Algorithm::Argon2id.ident() && phc.version == Some(version) && phc.params == costs)
}

fn params() -> Result<Params, ErrorBody> {
    let (memory, passes, lanes) = COSTS;
    Params::new(memory, passes, lanes, None).map_err(|_| internal())
}

fn salt() -> Result<Salt, ErrorBody> {
    let mut bytes = [0; SALT_BYTES];
    getrandom::fill(&mut bytes).map_err(|_| internal())?;
    Salt::new(&bytes).map_err(|_| internal())
}

/// The hash of a password with the algorithm, the costs and the salt of `phc`.
///
/// The memory is allocated here and not by the library: glibc keeps what was freed for later, up to 32 MiB a piece and
/// for each thread that ever hashed, which is hundreds of megabytes after a busy morning. What is reserved above that
/// bound, whether used or not, it gives back to the system at once.
fn digest(password: &str, phc: &PasswordHash) -> Result<Output, ErrorBody> {
    let algorithm = Algorithm::try_from(phc.algorithm.as_str()).map_err(|_| internal())?;
    let version = phc.version.and_then(|version| Version::try_from(version).ok()).unwrap_or_default();
    let params = Params::try_from(phc).map_err(|_| internal())?;
    let salt = phc.salt.ok_or_else(internal)?;
    let mut memory = Vec::new();
    let blocks = params.block_count();
    memory.try_reserve_exact(blocks.max(RETURNED_BLOCKS)).map_err(|_| internal())?;
    memory.resize(blocks, Block::new());
    let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
    Argon2::new(algorithm, version, params)
        .hash_password_into_with_memory(password.as_bytes(), &salt, &mut out, &mut memory)
        .map_err(|_| internal())?;
    Output::new(&out).map_err(|_| internal())
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
        let verify = |password: &str| passwords.verify(password.into(), Some(stored.clone()));
        assert_eq!(verify("correct horse").await.unwrap(), Verdict::Right);
        assert_eq!(verify("correct horsf").await.unwrap(), Verdict::Wrong);
        assert_ne!(stored, passwords.hash("correct horse".into()).await.unwrap(), "salts differ");
    }

    /// The same work is done for a user that does not exist: same algorithm, same costs, once.
    #[tokio::test]
    async fn nobody_costs_as_much_as_somebody() {
        let passwords = Passwords::new(1);
        assert_eq!(passwords.verify("x".into(), None).await.unwrap(), Verdict::Wrong);
        assert_eq!(passwords.hashed(), 1);
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let fresh = passwords.hash("x".into()).await.unwrap();
        let fresh = PasswordHash::new(&fresh).unwrap();
        assert_eq!(nobody.algorithm, fresh.algorithm);
        assert_eq!(nobody.params.to_string(), fresh.params.to_string());
        assert_eq!(nobody.hash.unwrap().len(), fresh.hash.unwrap().len());
    }

    /// Hashes made by the library itself, and by others who follow the PHC string format, are good too.
    #[tokio::test]
    async fn hashes_of_the_library_and_with_other_costs_are_read() {
        use argon2::password_hash::PasswordHasher;
        let costs = Params::new(8_192, 3, 2, None).unwrap();
        for (argon2, is_current) in
            [(Argon2::default(), true), (Argon2::new(Algorithm::Argon2id, Version::V0x13, costs), false)]
        {
            let stored = argon2.hash_password(b"correct horse").unwrap().to_string();
            let passwords = Passwords::new(1);
            let verify = |password: &str| passwords.verify(password.into(), Some(stored.clone()));
            assert_eq!(verify("correct horsf").await.unwrap(), Verdict::Wrong);
            match verify("correct horse").await.unwrap() {
                Verdict::Right => assert!(is_current),
                Verdict::RightButOld(renewed) => {
                    assert!(!is_current);
                    let again = passwords.verify("correct horse".into(), Some(renewed)).await.unwrap();
                    assert_eq!(again, Verdict::Right);
                }
                Verdict::Wrong => panic!("it is right"),
            }
        }
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
