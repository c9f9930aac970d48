//! Every bound of the wire, in one place. `welcome` tells them to the client, so that none needs to be guessed.

use serde::{Deserialize, Serialize};

/// Longest text of a message, in bytes of UTF-8.
pub const TEXT_BYTES: usize = 16 * 1024;
/// Longest frame that a client may send, in bytes. A text of [`TEXT_BYTES`] fits however it is escaped.
pub const CLIENT_FRAME_BYTES: usize = 128 * 1024;
/// Longest frame that the relay sends, in bytes. Pages stop well before it.
pub const RELAY_FRAME_BYTES: usize = 1024 * 1024;
/// A page of `changes` or `history` ends at the row that passes this many bytes.
pub const PAGE_BYTES: usize = 256 * 1024;
/// Most rows in a page of `changes`, `history` or heads.
pub const PAGE_ROWS: usize = 1000;
/// Most bytes of an HTTP body that holds JSON.
pub const HTTP_BODY_BYTES: usize = 16 * 1024;
/// Shortest and longest user name, in characters.
pub const USERNAME_CHARS: (usize, usize) = (3, 32);
/// Longest display name and longest device name, in characters.
pub const NAME_CHARS: usize = 64;
/// Longest title of a group, in characters.
pub const TITLE_CHARS: usize = 128;
/// Shortest and longest password, in characters. There is no rule about which (NIST SP 800-63B, 3.1.1.2).
pub const PASSWORD_CHARS: (usize, usize) = (8, 256);
/// Most members of a group.
pub const MEMBERS: usize = 2000;
/// Most users named in one `add_members` or `create_group`.
pub const MEMBERS_PER_COMMAND: usize = 200;
/// Most people mentioned in one message.
pub const MENTIONS: usize = 50;
/// Longest reaction, in bytes: room for any emoji sequence.
pub const EMOJI_BYTES: usize = 64;
/// Most reactions that one message keeps, all people and emoji together.
pub const REACTIONS: usize = 500;
/// Most different emoji that one message keeps.
pub const REACTION_KINDS: usize = 20;
/// Largest conversation in which delivered and read marks are shared with the other members.
pub const RECEIPT_MEMBERS: usize = 64;
/// A head counts unread messages up to this many.
pub const UNREAD: u32 = 100;
/// Most users in one `watch`.
pub const WATCH_USERS: usize = 500;
/// Most ranges in one `changes`.
pub const RANGES: usize = 64;
/// Most users that `find_users` answers with, and most ids in `users`.
pub const FOUND_USERS: usize = 50;
/// Most requests of one connection that wait for their answer. Further ones are refused with `rate_limited`.
pub const IN_FLIGHT: usize = 256;
/// A socket that has not said `hello` by then is closed, in milliseconds.
pub const HELLO_TIMEOUT_MS: u64 = 5_000;
/// The relay closes a socket from which nothing, not even a pong, came for this long, in milliseconds.
pub const IDLE_TIMEOUT_MS: u64 = 75_000;
/// Someone who is typing says so again this often, in milliseconds.
pub const TYPING_REPEAT_MS: u64 = 4_000;
/// A typing notice is forgotten after this long, in milliseconds.
pub const TYPING_TTL_MS: u64 = 7_000;

/// The limits as `welcome` tells them. The units are those of the constants of the same names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// [`TEXT_BYTES`]
    pub text_bytes: usize,
    /// [`CLIENT_FRAME_BYTES`]
    pub frame_bytes: usize,
    /// [`PAGE_ROWS`]
    pub page_rows: usize,
    /// [`NAME_CHARS`]
    pub name_chars: usize,
    /// [`TITLE_CHARS`]
    pub title_chars: usize,
    /// [`MEMBERS`]
    pub members: usize,
    /// [`MEMBERS_PER_COMMAND`]
    pub members_per_command: usize,
    /// [`MENTIONS`]
    pub mentions: usize,
    /// [`EMOJI_BYTES`]
    pub emoji_bytes: usize,
    /// [`REACTIONS`]
    pub reactions: usize,
    /// [`REACTION_KINDS`]
    pub reaction_kinds: usize,
    /// [`RECEIPT_MEMBERS`]
    pub receipt_members: usize,
    /// [`UNREAD`]
    pub unread: u32,
    /// [`WATCH_USERS`]
    pub watch_users: usize,
    /// [`RANGES`]
    pub ranges: usize,
    /// [`FOUND_USERS`]
    pub found_users: usize,
    /// [`IN_FLIGHT`]
    pub in_flight: usize,
    /// [`IDLE_TIMEOUT_MS`]
    pub idle_timeout_ms: u64,
    /// [`TYPING_REPEAT_MS`]
    pub typing_repeat_ms: u64,
    /// [`TYPING_TTL_MS`]
    pub typing_ttl_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            text_bytes: TEXT_BYTES,
            frame_bytes: CLIENT_FRAME_BYTES,
            page_rows: PAGE_ROWS,
            name_chars: NAME_CHARS,
            title_chars: TITLE_CHARS,
            members: MEMBERS,
            members_per_command: MEMBERS_PER_COMMAND,
            mentions: MENTIONS,
            emoji_bytes: EMOJI_BYTES,
            reactions: REACTIONS,
            reaction_kinds: REACTION_KINDS,
            receipt_members: RECEIPT_MEMBERS,
            unread: UNREAD,
            watch_users: WATCH_USERS,
            ranges: RANGES,
            found_users: FOUND_USERS,
            in_flight: IN_FLIGHT,
            idle_timeout_ms: IDLE_TIMEOUT_MS,
            typing_repeat_ms: TYPING_REPEAT_MS,
            typing_ttl_ms: TYPING_TTL_MS,
        }
    }
}
