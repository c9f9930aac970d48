//! Identifiers. All are UUIDs (RFC 9562), written in lower case with hyphens.
//!
//! Clients make the ids of messages, commands and groups before anything else, as UUIDv7. The id of a direct
//! conversation is computed from its two users as a UUIDv8, so that nobody can claim it and both can know it offline.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}", self.0)
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}", self.0)
            }
        }
        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
        impl $name {
            /// The id's sixteen bytes, in network order: how it is stored.
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
            /// Whether this is a UUIDv7, the only version that a client may make.
            pub fn is_v7(&self) -> bool {
                self.0.get_version_num() == 7 && self.0.get_variant() == uuid::Variant::RFC4122
            }
        }
    };
}

id!(
    /// A person with an account on a relay. Made by the relay.
    UserId
);
id!(
    /// One signed-in installation; a session on the relay. Made by the relay.
    DeviceId
);
id!(
    /// A conversation: UUIDv8 from [`ConversationId::direct`] for a direct one, the creator's UUIDv7 for a group.
    ConversationId
);
id!(
    /// A message. For one that a person sent it equals the id of the command that sent it.
    MessageId
);
id!(
    /// One thing that a person did and that must reach the relay exactly once. UUIDv7, made by the client.
    CommandId
);
id!(
    /// One start of a relay. Made by the relay at every start.
    RunId
);

impl ConversationId {
    /// The id of the direct conversation between two users, the same whoever asks.
    ///
    /// It is the first sixteen bytes of SHA-256 over the 17 ASCII bytes `confab direct v1\n` followed by the
    /// sixteen bytes of the smaller and of the larger user id (compared as bytes), with the version set to 8 and
    /// the variant to RFC 9562 (section 5.8). A user with themselves is allowed: that is the place for notes.
    pub fn direct(a: UserId, b: UserId) -> Self {
        let (low, high) = if a <= b { (a, b) } else { (b, a) };
        let mut hash = Sha256::new();
        hash.update(b"confab direct v1\n");
        hash.update(low.as_bytes());
        hash.update(high.as_bytes());
        let digest = hash.finalize();
        let mut bytes = [0u8; 16];
        bytes.copy_from_slice(&digest[..16]);
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

impl From<CommandId> for MessageId {
    fn from(id: CommandId) -> Self {
        Self(id.0)
    }
}

impl From<MessageId> for CommandId {
    fn from(id: MessageId) -> Self {
        Self(id.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    #[test]
    fn a_direct_id_is_the_same_from_both_sides_and_is_v8() {
        let id = ConversationId::direct(user(7), user(9));
        assert_eq!(id, ConversationId::direct(user(9), user(7)));
        assert_ne!(id, ConversationId::direct(user(7), user(8)));
        assert_eq!(id.0.get_version_num(), 8);
        assert!(!id.is_v7());
    }

    /// The vector that docs/protocol.md gives to those who write a client.
    #[test]
    fn the_documented_vector_holds() {
        let a: UserId = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        let b: UserId = "01890a5d-ac96-774b-bcce-b302099a8058".parse().unwrap();
        assert_eq!(ConversationId::direct(a, b).to_string(), "38729496-e64e-8fdd-aef4-d8c3aded16b9");
    }
}
