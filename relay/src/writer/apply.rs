//! A change becomes rows, revs and a delta.

use super::conversations::Conversation;
use crate::clock::Source;
use crate::rules::{Change, Seat};
use crate::store::chat::{Left, UserKey};
use crate::store::{Result, Writes};
use crate::sync::lineage;
use confab_protocol::{Delta, Member, Message, MessageId, Role, RunId, UserId};
use std::collections::HashMap;
use uuid::Uuid;

/// What a change needs besides itself.
pub(super) struct Context<'a> {
    pub writes: &'a dyn Writes,
    pub run: RunId,
    pub source: &'a dyn Source,
    /// The commit that is being made.
    pub commit: u64,
    pub now: u64,
    pub caller: UserId,
    /// Rows of users who have no seat yet.
    pub newcomers: &'a HashMap<UserId, Seat<UserKey>>,
    /// For a send: the message's id and the command's fingerprint.
    pub sent: Option<(MessageId, [u8; 16])>,
}

/// What came of it.
pub(super) struct Applied {
    pub seq: Option<u64>,
    pub delta: Delta,
    pub joined: Vec<UserId>,
    pub left: Vec<UserId>,
}

/// Stores the change. Each row that changes takes one rev.
pub(super) fn apply(context: &Context<'_>, to: &mut Conversation, change: Change) -> Result<Applied> {
    let before =
        Left { rev: to.row.rev, seq: to.row.seq, lineage: to.row.lineage, title: to.row.title.clone() };
    let mut applied = Applied {
        seq: None,
        delta: Delta {
            conversation: to.row.id,
            from: to.row.rev,
            to: to.row.rev,
            lineage: None,
            more: false,
            title: None,
            messages: Vec::new(),
            members: Vec::new(),
            users: Vec::new(),
        },
        joined: Vec::new(),
        left: Vec::new(),
    };
    if let Some(title) = change.title {
        to.row.title_rev = advance(context, to, Uuid::nil());
        to.row.title.clone_from(&title);
        applied.delta.title = Some(title);
    }
    for (user, role) in change.roles {
        seat(context, to, (user, role), &before, &mut applied)?;
    }
    if !applied.delta.members.is_empty() {
        to.count();
        let named: Vec<UserId> = applied.delta.members.iter().map(|member| member.user).collect();
        applied.delta.users = context.writes.profiles(&named)?;
    }
    if let Some(post) = change.post {
        let (id, fingerprint) = match context.sent {
            Some((id, fingerprint)) => (id, Some(fingerprint)),
            None => (MessageId(context.source.new_id()), None),
        };
        let rev = advance(context, to, id.0);
        to.row.seq += 1;
        let message = Message {
            id,
            seq: to.row.seq,
            rev,
            sender: context.caller,
            at: context.now,
            edited_at: None,
            reply_to: post.reply_to,
            content: Some(post.content),
            reactions: Vec::new(),
        };
        context.writes.insert_message(to.key(), &message, fingerprint)?;
        applied.seq = Some(message.seq);
        applied.delta.messages.push(message);
    }
    if let Some(mut message) = change.rewrite {
        message.rev = advance(context, to, message.id.0);
        context.writes.save_message(to.key(), &message)?;
        applied.delta.messages.push(message);
    }
    mention(context, to, &change.mentioned, &applied.delta)?;
    to.row.commit = context.commit;
    applied.delta.to = to.row.rev;
    applied.delta.lineage = Some(lineage::text(to.row.lineage));
    Ok(applied)
}

/// The next rev, for the row of this id.
fn advance(context: &Context<'_>, to: &mut Conversation, row: Uuid) -> u64 {
    to.row.rev += 1;
    to.row.lineage = lineage::advance(to.row.lineage, context.run, to.row.rev, row);
    to.row.rev
}

fn seat(
    context: &Context<'_>,
    to: &mut Conversation,
    (user, role): (UserId, Option<Role>),
    before: &Left,
    applied: &mut Applied,
) -> Result<()> {
    let Some(seat) = to.seats.get(&user).or_else(|| context.newcomers.get(&user)).copied() else {
        return Err(crate::store::StoreError::Failed("a role for someone who was not looked up".into()));
    };
    let rev = advance(context, to, user.0);
    let nowhere = Left::default();
    let left = if role.is_none() { before } else { &nowhere };
    context.writes.save_member(to.key(), seat.key, role, rev, context.commit, left)?;
    match (seat.role, role) {
        (None, Some(_)) => applied.joined.push(user),
        (Some(_), None) => applied.left.push(user),
        _ => {}
    }
    to.seats.insert(user, Seat { role, ..seat });
    applied.delta.members.push(Member { user, role, rev });
    Ok(())
}

fn mention(context: &Context<'_>, to: &Conversation, mentioned: &[UserId], delta: &Delta) -> Result<()> {
    let Some(message) = delta.messages.first() else { return Ok(()) };
    for user in mentioned.iter().filter(|user| **user != context.caller) {
        if let Some(seat) = to.seats.get(user) {
            context.writes.set_mention(to.key(), seat.key, message.seq)?;
        }
    }
    Ok(())
}
