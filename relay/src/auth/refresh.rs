//! Refresh tokens: opaque, good for one use, and what a second use means.
//!
//! A token names its session, a generation and a nonce, under a MAC of the relay's. The database keeps only the two
//! newest nonces of a session: whether any other token was ever real is told by its MAC, so that an old one that turns
//! up again, which somebody must have copied, is known as such and ends the session (RFC 9700, section 4.14.2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use confab_protocol::DeviceId;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

/// Random bytes that tell tokens of the same generation apart.
pub type Nonce = [u8; 16];

const ID: usize = 16;
const GENERATION: usize = 8;
const NONCE: usize = 16;
const BODY: usize = ID + GENERATION + NONCE;
const MAC: usize = 32;

/// A refresh token that this relay made, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presented {
    /// The session.
    pub device: DeviceId,
    /// How many tokens of this session came before it.
    pub generation: u64,
    /// Which of its generation.
    pub nonce: Nonce,
}

/// What a session remembers of its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The generation of the newest token.
    pub generation: u64,
    /// The nonce of the newest token.
    pub nonce: Nonce,
    /// The nonce of the one before it, of the generation below.
    pub previous_nonce: Option<Nonce>,
}

impl Rotation {
    /// That of a new session.
    pub fn first(nonce: Nonce) -> Self {
        Self { generation: 0, nonce, previous_nonce: None }
    }

    /// The rotation after a genuine token was presented, or `None` if presenting it gives a theft away: somebody had
    /// already used it, or its replacement had been handed out.
    ///
    /// - The newest token makes way for the next generation.
    /// - The one before it, presented while its successor is unused, says that the answer with the successor was
    ///   lost. Another successor takes the lost one's place, which is worth nothing from then on.
    /// - One from a later generation than this relay knows was given out after a backup that has been put back was
    ///   made. The session goes on from it.
    pub fn after(&self, presented: &Presented, fresh: Nonce) -> Option<Self> {
        let newest = presented.generation == self.generation && presented.nonce == self.nonce;
        if newest || presented.generation > self.generation {
            return Some(Self {
                generation: presented.generation + 1,
                nonce: fresh,
                previous_nonce: Some(presented.nonce),
            });
        }
        let lost_answer = presented.generation.checked_add(1) == Some(self.generation)
            && self.previous_nonce == Some(presented.nonce);
        lost_answer.then_some(Self { nonce: fresh, ..*self })
    }
}

/// Makes refresh tokens and takes them apart, with one key.
pub struct RefreshTokens {
    mac: Hmac<Sha256>,
}

impl RefreshTokens {
    /// With a key derived from the relay's secret, so that no token can pass for one of another kind.
    pub fn new(secret: &[u8]) -> Self {
        let key = hmac(secret).chain_update(b"confab refresh v1").finalize().into_bytes();
        Self { mac: hmac(&key) }
    }

    /// The newest token of a session.
    pub fn make(&self, device: DeviceId, rotation: &Rotation) -> String {
        let mut bytes = [0u8; BODY + MAC];
        bytes[..ID].copy_from_slice(device.as_bytes());
        bytes[ID..ID + GENERATION].copy_from_slice(&rotation.generation.to_be_bytes());
        bytes[ID + GENERATION..BODY].copy_from_slice(&rotation.nonce);
        let mac = self.mac.clone().chain_update(&bytes[..BODY]).finalize().into_bytes();
        bytes[BODY..].copy_from_slice(&mac);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// A token's parts, if this relay made it.
    pub fn read(&self, token: &str) -> Option<Presented> {
        let mut bytes = [0u8; BODY + MAC];
        let length = URL_SAFE_NO_PAD.decode_slice(token, &mut bytes).ok()?;
        if length != bytes.len() {
            return None;
        }
        self.mac.clone().chain_update(&bytes[..BODY]).verify_slice(&bytes[BODY..]).ok()?;
        let mut id = [0u8; ID];
        id.copy_from_slice(&bytes[..ID]);
        let mut generation = [0u8; GENERATION];
        generation.copy_from_slice(&bytes[ID..ID + GENERATION]);
        let mut nonce = [0u8; NONCE];
        nonce.copy_from_slice(&bytes[ID + GENERATION..BODY]);
        Some(Presented {
            device: DeviceId(Uuid::from_bytes(id)),
            generation: u64::from_be_bytes(generation),
            nonce,
        })
    }
}

impl std::fmt::Debug for RefreshTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RefreshTokens(..)")
    }
}

fn hmac(key: &[u8]) -> Hmac<Sha256> {
    // HMAC takes keys of any length (RFC 2104), so the error has no instance.
    Hmac::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&Default::default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DEVICE: DeviceId = DeviceId(Uuid::from_u128(7));

    fn presented(rotation: &Rotation) -> Presented {
        Presented { device: DEVICE, generation: rotation.generation, nonce: rotation.nonce }
    }

    fn nonce(n: u8) -> Nonce {
        [n; 16]
    }

    #[test]
    fn a_token_reads_back_and_a_changed_one_does_not() {
        let tokens = RefreshTokens::new(b"a secret of the relay");
        let rotation = Rotation { generation: 9, nonce: nonce(3), previous_nonce: None };
        let token = tokens.make(DEVICE, &rotation);
        assert_eq!(tokens.read(&token), Some(presented(&rotation)));
        assert_eq!(RefreshTokens::new(b"another secret").read(&token), None);
        for place in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            assert_eq!(tokens.read(std::str::from_utf8(&changed).unwrap()), None, "{place}");
        }
        for bad in ["", "\0", "=", &token[1..], &format!("{token}AAAA"), &"A".repeat(9000)] {
            assert_eq!(tokens.read(bad), None);
        }
    }

    #[test]
    fn the_newest_token_rotates() {
        let first = Rotation::first(nonce(1));
        let second = first.after(&presented(&first), nonce(2)).unwrap();
        assert_eq!(second, Rotation { generation: 1, nonce: nonce(2), previous_nonce: Some(nonce(1)) });
    }

    #[test]
    fn a_lost_answer_may_be_fetched_again_and_again() {
        let first = Rotation::first(nonce(1));
        let lost = first.after(&presented(&first), nonce(2)).unwrap();
        let lost_again = lost.after(&presented(&first), nonce(3)).unwrap();
        let got = lost_again.after(&presented(&first), nonce(4)).unwrap();
        assert_eq!(got.generation, 1);
        assert!(got.after(&presented(&got), nonce(5)).is_some());
        assert_eq!(got.after(&presented(&lost), nonce(5)), None, "a replaced successor is worth nothing");
    }

    #[test]
    fn an_old_token_gives_a_theft_away_once_its_successor_was_used() {
        let first = Rotation::first(nonce(1));
        let second = first.after(&presented(&first), nonce(2)).unwrap();
        let third = second.after(&presented(&second), nonce(3)).unwrap();
        assert_eq!(third.after(&presented(&first), nonce(4)), None);
        assert!(third.after(&presented(&second), nonce(4)).is_some(), "the third is unused");
    }

    #[test]
    fn a_token_from_after_the_backup_goes_on() {
        let backup = Rotation { generation: 3, nonce: nonce(3), previous_nonce: Some(nonce(2)) };
        let later = Presented { device: DEVICE, generation: 8, nonce: nonce(8) };
        let next = backup.after(&later, nonce(9)).unwrap();
        assert_eq!(next, Rotation { generation: 9, nonce: nonce(9), previous_nonce: Some(nonce(8)) });
        let older = Presented { device: DEVICE, generation: 7, nonce: nonce(7) };
        assert_eq!(next.after(&older, nonce(10)), None);
    }

    proptest! {
        /// Thief and owner both hold a token. Whoever goes first and whatever answers are lost: once both have gone on
        /// from it, the session ends.
        #[test]
        fn two_who_share_a_token_cannot_both_go_on(
            moves in proptest::collection::vec((any::<bool>(), any::<bool>()), 2..40),
        ) {
            let first = Rotation::first(nonce(0));
            let mut state = first;
            let mut held = [presented(&first), presented(&first)];
            let mut rotated = [0, 0];
            for (turn, &(who, lost)) in moves.iter().enumerate() {
                let who = usize::from(who);
                match state.after(&held[who], nonce(turn as u8 + 1)) {
                    Some(next) => {
                        state = next;
                        if !lost {
                            held[who] = presented(&next);
                            rotated[who] += 1;
                        }
                    }
                    None => return Ok(()),
                }
            }
            prop_assert!(rotated[0] < 2 || rotated[1] < 2, "{:?}", rotated);
        }
    }
}
