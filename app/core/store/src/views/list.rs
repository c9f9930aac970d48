//! The conversation list and a conversation's header.

use super::{Header, Views};
use crate::convert::{Id, kind_from, level_from, role_from, uint};
use crate::error::Result;
use crate::rows::{self, conversations};
use crate::summary::Last;
use crate::view::{ConversationRow, ConversationsView, Draft, LastMessage, Receipt, RefusedCreation};
use confab_engine::EntryState;
use confab_protocol::limits::RECEIPT_MEMBERS;
use confab_protocol::{Command, ConversationId, Kind, Mark, Notify, UserId};
use rusqlite::{Row, params};
use std::collections::HashMap;

const COLUMNS: &str = "c.conv, c.id, c.kind, c.title, c.peer, c.members, c.role, c.hidden_seq, c.last_seq, \
     s.last, s.unread, s.unread_more, s.mention, s.sort_at, s.pending, s.failed, d.draft, c.known, c.notify, c.muted_until";

/// A row as it comes from the tables.
struct Raw {
    conv: i64,
    row: ConversationRow,
    peer: Option<UserId>,
    last: Option<String>,
    draft: Option<String>,
    last_seq: u64,
    known: bool,
}

/// Own settings on their way to the relay.
#[derive(Default)]
struct Pending {
    hidden: HashMap<ConversationId, u64>,
    notify: HashMap<ConversationId, Notify>,
}

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let hidden_seq = uint(row.get(7)?);
    let last_seq = uint(row.get(8)?);
    Ok(Raw {
        conv: row.get(0)?,
        peer: row.get::<_, Option<Id>>(4)?.map(|id| UserId(id.0)),
        last: row.get(9)?,
        draft: row.get(16)?,
        last_seq,
        known: row.get(17)?,
        row: ConversationRow {
            id: ConversationId(row.get::<_, Id>(1)?.0),
            kind: kind_from(row.get(2)?),
            title: row.get(3)?,
            peer: None,
            last: None,
            unread: row.get(10)?,
            unread_more: row.get(11)?,
            mention: row.get(12)?,
            draft: None,
            hidden: hidden_seq > 0 && last_seq <= hidden_seq,
            notify: Notify { level: level_from(row.get(18)?), muted_until: uint(row.get(19)?) },
            muted: false,
            members: row.get(5)?,
            role: role_from(row.get(6)?),
            sort_at: uint(row.get(13)?),
            pending: row.get(14)?,
            failed: row.get(15)?,
        },
    })
}

impl Views<'_> {
    /// The conversation list, with the hidden ones if asked for. `now_ms`, in milliseconds since 1970-01-01 UTC, says
    /// what is muted.
    ///
    /// # Errors
    /// The database's.
    pub fn conversations(&self, hidden: bool, now_ms: u64) -> Result<ConversationsView> {
        let me = self.me_id()?;
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM summaries s JOIN conversations c ON c.conv = s.conv
             LEFT JOIN drafts d ON d.account = c.account AND d.conversation = c.id
             WHERE s.account = ?1 ORDER BY s.sort_at DESC, c.id DESC"
        ))?;
        let mut found = statement.query([self.account])?;
        let pending = self.pending_settings()?;
        let mut view = ConversationsView { rows: Vec::new(), unread_conversations: 0, stale_at: None };
        while let Some(row) = found.next()? {
            let row = self.finish(raw(row)?, me, &pending, now_ms)?;
            if row.hidden && !hidden {
                continue;
            }
            let Notify { muted_until, .. } = row.notify;
            view.unread_conversations += u32::from(row.unread > 0 && row.notify.tells(row.mention, now_ms));
            if muted_until > now_ms && muted_until < Notify::FOREVER_MS {
                view.stale_at = Some(view.stale_at.map_or(muted_until, |at| at.min(muted_until)));
            }
            view.rows.push(row);
        }
        Ok(view)
    }

    /// One conversation's line and header, with the time as in [`Views::conversations`].
    ///
    /// # Errors
    /// The database's.
    pub fn header(&self, id: ConversationId, now_ms: u64) -> Result<Option<Header>> {
        let Some(conv) = conversations::number(self.db, self.account, id)? else { return Ok(None) };
        let me = self.me()?;
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM conversations c JOIN summaries s ON s.conv = c.conv
             LEFT JOIN drafts d ON d.account = c.account AND d.conversation = c.id
             WHERE c.conv = ?1"
        ))?;
        let mut found = statement.query([conv])?;
        let Some(row) = found.next()? else { return Ok(None) };
        let raw = raw(row)?;
        let (last_seq, known, peer) = (raw.last_seq, raw.known, raw.peer);
        let row = self.finish(raw, me.user.id, &self.pending_settings()?, now_ms)?;
        let blocked = peer.is_some_and(|peer| me.blocked.contains(&peer));
        let creation = if known { None } else { self.refused_creation(id)? };
        Ok(Some(Header { row, blocked, last_seq, creation }))
    }

    fn refused_creation(&self, id: ConversationId) -> Result<Option<RefusedCreation>> {
        for entry in rows::outbox::of(self.db, self.account, id)? {
            if let (Command::CreateGroup(group), EntryState::Failed(problem)) = (&entry.command, &entry.state)
            {
                return Ok(Some(RefusedCreation { command: group.command, problem: problem.into() }));
            }
        }
        Ok(None)
    }

    /// Settings of conversations that the relay has not accepted yet, the latest of each.
    fn pending_settings(&self) -> Result<Pending> {
        let mut pending = Pending::default();
        for entry in rows::outbox::lane(self.db, self.account, None, 1000)? {
            match &entry.command {
                Command::Hide(hide) => drop(pending.hidden.insert(hide.conversation, hide.hidden_seq)),
                Command::SetNotify(set) => drop(pending.notify.insert(set.conversation, set.notify)),
                _ => {}
            }
        }
        Ok(pending)
    }

    fn finish(&self, raw: Raw, me: UserId, pending: &Pending, now_ms: u64) -> Result<ConversationRow> {
        let mut row = raw.row;
        if let Some(peer) = raw.peer {
            row.peer = rows::people::user(self.db, self.account, peer)?;
        }
        if row.kind == Kind::Direct {
            row.title = match raw.peer {
                Some(peer) if peer != me => self.display_name(peer)?,
                _ => String::new(),
            };
        }
        if let Some(hidden_seq) = pending.hidden.get(&row.id) {
            row.hidden = *hidden_seq > 0 && raw.last_seq <= *hidden_seq;
        }
        if let Some(notify) = pending.notify.get(&row.id) {
            row.notify = *notify;
        }
        if row.notify.muted_until <= now_ms {
            row.notify.muted_until = 0;
        }
        row.muted = !row.notify.tells(true, now_ms);
        // Something of one's own that waits is newer than any hiding.
        row.hidden &= row.pending == 0;
        if row.pending > 0 || row.kind == Kind::Group {
            self.overlay_title(&mut row)?;
        }
        if let Some(json) = &raw.draft {
            let draft: Draft = serde_json::from_str(json)?;
            row.draft = Some(draft.text).filter(|text| !text.is_empty());
        }
        if let Some(json) = &raw.last {
            let last: Last = serde_json::from_str(json)?;
            row.last = Some(self.last_message(raw.conv, row.members, last, me)?);
        }
        Ok(row)
    }

    /// A rename that the relay has not accepted yet.
    fn overlay_title(&self, row: &mut ConversationRow) -> Result<()> {
        let mut statement = self.db.prepare_cached(
            "SELECT command FROM outbox WHERE account = ?1 AND conversation = ?2 AND op = 'rename' AND state < 2
             ORDER BY n DESC LIMIT 1",
        )?;
        let mut found = statement.query(params![self.account, Id(row.id.0)])?;
        if let Some(found) = found.next()?
            && let Command::Rename(rename) = serde_json::from_str(&found.get::<_, String>(0)?)?
        {
            row.title = rename.title;
        }
        Ok(())
    }

    fn last_message(&self, conv: i64, members: u32, last: Last, me: UserId) -> Result<LastMessage> {
        let own = last.sender == me;
        let receipt = if own && last.seq > 0 {
            self.receipts(conv, members, me)?.of(last.seq)
        } else {
            Receipt { delivered: 0, read: 0, of: 0 }
        };
        Ok(LastMessage {
            sender: last.sender,
            sender_name: self.display_name(last.sender)?,
            own,
            at: last.at,
            text: last.text,
            what: last.what,
            event: last.event.map(|event| self.event_row(&event, me)).transpose()?,
            state: last.state,
            receipt,
        })
    }

    /// The marks of the others that are members now.
    pub(super) fn receipts(&self, conv: i64, members: u32, me: UserId) -> Result<Receipts> {
        if members as usize > RECEIPT_MEMBERS {
            return Ok(Receipts { marks: Vec::new(), of: 0 });
        }
        let mut marks = rows::people::marks(self.db, conv)?;
        marks.retain(|mark| mark.user != me);
        let gone: Vec<UserId> = rows::people::members(self.db, conv)?
            .into_iter()
            .filter(|member| member.role.is_none())
            .map(|member| member.user)
            .collect();
        marks.retain(|mark| !gone.contains(&mark.user));
        Ok(Receipts { marks, of: members.saturating_sub(1) })
    }
}

/// Who has received and read how far.
pub(super) struct Receipts {
    marks: Vec<Mark>,
    of: u32,
}

impl Receipts {
    /// How many of them have the message with this seq.
    pub fn of(&self, seq: u64) -> Receipt {
        let count = |has: &dyn Fn(&Mark) -> bool| {
            u32::try_from(self.marks.iter().filter(|mark| has(mark)).count()).unwrap_or(u32::MAX)
        };
        Receipt {
            // What was read has been received, whether or not that was told.
            delivered: count(&|mark| mark.delivered >= seq || mark.read >= seq).min(self.of),
            read: count(&|mark| mark.read >= seq).min(self.of),
            of: self.of,
        }
    }
}
