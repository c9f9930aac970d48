//! Pages of heads.

use super::token::{self, Cursor};
use crate::store::chat::{ConversationKey, Position, UserKey};
use crate::store::{Reads, Result};
use confab_protocol::content::{Content, SystemEvent};
use confab_protocol::sync::{HeadsPage, Seen};
use confab_protocol::text::json_bytes;
use confab_protocol::{Head, UserId};
use std::collections::BTreeSet;

/// Most heads in a page. With a newest message of the largest size each, a page stays below its bound in bytes only by
/// [`PAGE_BYTES`].
const PAGE_HEADS: usize = 200;
/// A page ends at the head that passes this many bytes.
const PAGE_BYTES: usize = confab_protocol::limits::PAGE_BYTES;

/// The first page for a device that says the sync token `since` and has `seen` so much. `at` is a position that was
/// published before the reads began, so that they see all of it: it becomes the device's next token. What they see beyond
/// it is told again then.
///
/// The token says what the device has at least, `seen` what it may have at most. If both are in this relay's past, then
/// so is all that the device holds.
///
/// # Errors
/// What the database says.
pub fn first_page(
    reads: &dyn Reads,
    user: UserKey,
    since: Option<&str>,
    seen: Option<Seen>,
    at: Position,
) -> Result<HeadsPage> {
    let token = since.map(token::decode);
    let token_known = match token {
        None => true,
        Some(None) => false,
        Some(Some(position)) => is_past(reads, position, at)?,
    };
    let seen_known = match seen {
        None => true,
        // The run that goes on has not forgotten what it told.
        Some(seen) if seen.run == at.run => true,
        Some(Seen { run, commit }) => is_past(reads, Position { run, commit }, at)?,
    };
    let fork = !token_known || !seen_known;
    let since = token.flatten().filter(|_| !fork).map(|position| position.commit);
    page(reads, user, Cursor { at, since, after: ConversationKey(0), fork })
}

/// Whether this history has that commit.
fn is_past(reads: &dyn Reads, position: Position, at: Position) -> Result<bool> {
    // Of the run that goes on, the store knows only what it may still commit.
    let end = if position.run == at.run { Some(at.commit) } else { reads.run_end(position.run)? };
    Ok(end.is_some_and(|end| position.commit <= end))
}

/// The newest commit that can be in what is read after `at` was published: the writer publishes one batch before it
/// begins the next, so at most one is durable and not published yet.
pub fn newest(at: Position) -> u64 {
    at.commit + 1
}

/// The page at a cursor.
///
/// # Errors
/// What the database says.
pub fn page(reads: &dyn Reads, user: UserKey, cursor: Cursor) -> Result<HeadsPage> {
    let keys = reads.touched(user, cursor.since, cursor.after, PAGE_HEADS + 1)?;
    let mut heads = Vec::with_capacity(keys.len().min(PAGE_HEADS));
    let mut bytes = 0;
    let mut next = None;
    for (number, key) in keys.iter().enumerate() {
        if number == PAGE_HEADS || bytes > PAGE_BYTES {
            next = Some(token::encode_cursor(Cursor { after: keys[number - 1], ..cursor }));
            break;
        }
        if let Some(head) = reads.head(user, *key)? {
            bytes += weight(&head);
            heads.push(head);
        }
    }
    let named: BTreeSet<UserId> = heads.iter().flat_map(named).collect();
    let mut users = reads.profiles(&named.into_iter().collect::<Vec<_>>())?;
    if let (None, Some(since)) = (&next, cursor.since) {
        for user in reads.profiles_changed(user, since)? {
            if !users.iter().any(|other| other.id == user.id) {
                users.push(user);
            }
        }
    }
    let token = next.is_none().then(|| token::encode(cursor.at));
    Ok(HeadsPage { fork: cursor.fork, heads, users, next, token })
}

fn weight(head: &Head) -> usize {
    let text = match head.last.as_ref().and_then(|last| last.content.as_ref()) {
        Some(Content::Text { text, mentions }) => json_bytes(text) + mentions.len() * 300,
        _ => 0,
    };
    // A mark names a user, whose profile follows.
    600 + text + head.title.len() + head.marks.len() * 300
}

/// Every user whom a head names.
pub fn named(head: &Head) -> Vec<UserId> {
    let mut users: Vec<UserId> = head.marks.iter().map(|mark| mark.user).chain(head.peer).collect();
    if let Some(last) = &head.last {
        users.push(last.sender);
        users.extend(last.reactions.iter().flat_map(|reaction| &reaction.users));
        match &last.content {
            Some(Content::Text { mentions, .. }) => users.extend(mentions),
            Some(Content::System { event }) => match event {
                SystemEvent::Added { users: added } => users.extend(added),
                SystemEvent::Removed { user } | SystemEvent::RoleChanged { user, .. } => users.push(*user),
                _ => {}
            },
            _ => {}
        }
    }
    users
}
