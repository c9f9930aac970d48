//! What the relay says: each answer and push goes where it is understood.

use crate::apply::Source;
use crate::cache::Result;
use crate::engine::{Ctx, Engine};
use crate::io::{Problem, Reply, Topic};
use crate::link::{EARLY_PUSHES, Phase, answer};
use crate::others::PushedMarks;
use crate::requests::Asked;
use crate::sane;
use confab_protocol::frame::{Devices, RelayFrame, Request, Stamped, parse_stamped, read};
use confab_protocol::sync::{HeadsRequest, Push, Renewed, Seen, UsersFound, Watched};
use confab_protocol::{Ack, ConversationId, Delta, ErrorBody, HeadsPage, HistoryPage, Retry, RunId, Welcome};
use serde_json::value::RawValue;

/// An answer that is not of the shape that its request calls for, or that cannot be true.
struct Misread;

impl From<serde_json::Error> for Misread {
    fn from(_: serde_json::Error) -> Self {
        Misread
    }
}

impl Engine {
    pub(crate) fn frame(&mut self, ctx: &mut Ctx<'_>, socket: u64, text: &str) -> Result<()> {
        if socket != self.link.socket || !matches!(self.link.phase, Phase::Hello { .. } | Phase::Online) {
            return Ok(());
        }
        self.link.last_heard = ctx.ms();
        self.link.pinged = false;
        match parse_stamped(text) {
            Ok(Stamped { commit, frame }) => {
                self.link.frame_commit = commit.unwrap_or(0);
                self.link.commit = self.link.commit.max(self.link.frame_commit);
                let (before, commit) = (self.seeing(), self.link.commit);
                self.understood(ctx, frame)?;
                // The frame may have been the reason to close the socket, and yet have been taken.
                let run = if matches!(self.link.phase, Phase::Online) { self.seeing() } else { before };
                match run {
                    Some(run) => self.remember_seen(ctx, Seen { run, commit }),
                    None => Ok(()),
                }
            }
            Err(_) => {
                self.misread(ctx);
                Ok(())
            }
        }
    }

    /// The run whose commits count as seen. None before all of a fork has been compared: until then, what is held may be
    /// of a history that only the old statement tells of.
    fn seeing(&self) -> Option<RunId> {
        self.link.run.filter(|_| self.catchup.fork.is_none())
    }

    /// Nothing that is held now is newer than this.
    fn remember_seen(&mut self, ctx: &mut Ctx<'_>, seen: Seen) -> Result<()> {
        if self.link.seen != Some(seen) {
            self.link.seen = Some(seen);
            ctx.cache.see(seen)?;
        }
        Ok(())
    }

    fn understood(&mut self, ctx: &mut Ctx<'_>, frame: RelayFrame<'_>) -> Result<()> {
        match frame {
            RelayFrame::Ok { id, body } => match self.requests.take(id) {
                Some(asked) => self.answered(ctx, asked, body),
                None => Ok(()),
            },
            RelayFrame::Error { id, error } => match self.requests.take(id) {
                Some(asked) => self.refused(ctx, asked, error),
                None => Ok(()),
            },
            RelayFrame::Push(push) if !sane::push(&push) => {
                self.misread(ctx);
                Ok(())
            }
            RelayFrame::Push(push) => {
                if let Phase::Hello { early, .. } = &mut self.link.phase {
                    if let Push::GoingAway { retry_after_ms } = *push {
                        self.link.retry_after = Some(retry_after_ms);
                    } else if early.len() < EARLY_PUSHES {
                        early.push((self.link.frame_commit, *push));
                    } else {
                        self.renew_socket(ctx, "offline", "Too much came before the relay's welcome.");
                    }
                    return Ok(());
                }
                self.pushed(ctx, *push)
            }
        }
    }

    /// The relay does not speak this protocol, or one of us has a bug. Nothing it says can be built upon.
    fn misread(&mut self, ctx: &mut Ctx<'_>) {
        self.link.failures = self.link.failures.max(3);
        self.renew_socket(
            ctx,
            "not_confab",
            "The relay sent something that this client does not understand.",
        );
    }

    fn answered(&mut self, ctx: &mut Ctx<'_>, asked: Asked, body: &RawValue) -> Result<()> {
        let done = self.try_answered(ctx, asked, body)?;
        if done.is_err() {
            self.misread(ctx);
        }
        Ok(())
    }

    fn try_answered(
        &mut self,
        ctx: &mut Ctx<'_>,
        asked: Asked,
        body: &RawValue,
    ) -> Result<std::result::Result<(), Misread>> {
        macro_rules! read_as {
            ($t:ty) => {
                read_as!($t, |_| true)
            };
            ($t:ty, $sane:expr) => {
                match read::<$t>(body) {
                    Ok(value) if $sane(&value) => value,
                    Ok(_) => return Ok(Err(Misread)),
                    Err(error) => return Ok(Err(error.into())),
                }
            };
        }
        match asked {
            Asked::Hello => {
                let welcome = read_as!(Welcome, sane::welcome);
                self.welcome(ctx, welcome)?;
            }
            Asked::Heads => {
                let page = read_as!(HeadsPage, sane::heads);
                self.heads(ctx, &page)?;
            }
            Asked::Renew => {
                // The driver told the token's time; nothing to learn.
                let _ = read_as!(Renewed);
                self.link.renewing = false;
            }
            Asked::Ping => {}
            Asked::Changes { conversation, since, owed, region } => {
                let delta = read_as!(Delta, sane::delta);
                self.changes(ctx, conversation, (since, owed), &region, &delta)?;
            }
            Asked::Check { page, waiting } => {
                let delta = read_as!(Delta, sane::delta);
                self.page_checked(ctx, page, waiting, delta)?;
            }
            Asked::History { newest, waiting, .. } => {
                let page = read_as!(HistoryPage, sane::page);
                self.history(ctx, Box::new(page), newest, waiting)?;
            }
            Asked::Command(id) => {
                let ack = read_as!(Ack, sane::ack);
                self.acknowledged(ctx, id, &ack)?;
            }
            Asked::Mark(mark) => self.mark_answered(ctx, mark, None)?,
            Asked::Watch => {
                let watched = read_as!(Watched);
                self.presence(ctx, watched.presence);
            }
            Asked::FindUsers(ticket) => {
                let found = read_as!(UsersFound);
                answer(ctx, ticket, Ok(Reply::Users(found.users)));
            }
            Asked::Devices(ticket) => {
                let devices = read_as!(Devices);
                answer(ctx, ticket, Ok(Reply::Devices(devices.devices)));
            }
        }
        Ok(Ok(()))
    }

    fn refused(&mut self, ctx: &mut Ctx<'_>, asked: Asked, error: ErrorBody) -> Result<()> {
        match asked {
            Asked::Hello | Asked::Renew => self.hello_refused(ctx, error),
            Asked::Heads => self.wait(ctx, Some(error.into())),
            Asked::Ping | Asked::Watch => {}
            Asked::Changes { conversation, .. } => self.not_pulled(ctx, conversation, &error)?,
            Asked::History { conversation, waiting, .. } => {
                for ticket in waiting {
                    answer(ctx, ticket, Err(error.clone().into()));
                }
                self.not_pulled(ctx, conversation, &error)?;
            }
            Asked::Check { page, waiting } => {
                for ticket in waiting {
                    answer(ctx, ticket, Err(error.clone().into()));
                }
                self.not_pulled(ctx, page.conversation, &error)?;
            }
            Asked::Command(id) => self.command_refused(ctx, id, error)?,
            Asked::Mark(mark) => self.mark_answered(ctx, mark, Some(&error))?,
            Asked::FindUsers(ticket) | Asked::Devices(ticket) => answer(ctx, ticket, Err(error.into())),
        }
        Ok(())
    }

    fn not_pulled(&mut self, ctx: &mut Ctx<'_>, id: ConversationId, error: &ErrorBody) -> Result<()> {
        match error.retry {
            // There is nothing there for us: removed, and the push that says so is lost or on its way.
            Retry::Never => self.apply_removed(ctx, id),
            Retry::AfterLogin => {
                self.token_refused(ctx, error.clone().into());
                Ok(())
            }
            Retry::Resync => self.resync(ctx, id),
            Retry::Later | Retry::Unknown => {
                self.pull_refused(ctx, id, error.retry_after_ms);
                Ok(())
            }
        }
    }

    fn welcome(&mut self, ctx: &mut Ctx<'_>, welcome: Welcome) -> Result<()> {
        let mut account = ctx.cache.account()?;
        if account.user != welcome.user.id {
            // The token is another person's. Nothing of theirs may get into this cache.
            let problem = Problem::new("signed_out", "The relay takes this session for another user's.");
            self.auth_lost(ctx, problem);
            return Ok(());
        }
        let lifetime = welcome.expires_at.saturating_sub(welcome.now);
        let early = self.welcomed(ctx.now, welcome.device, lifetime);
        self.limits = welcome.limits;
        account.device = Some(welcome.device);
        account.share_read = welcome.share_read;
        if account.blocked != welcome.blocked {
            ctx.changed(Topic::People);
        }
        account.blocked = welcome.blocked;
        ctx.cache.put_account(&account)?;
        self.apply_users(ctx, std::slice::from_ref(&welcome.user))?;
        self.catchup.fork = welcome.page.fork.then(Default::default);
        self.catchup.missed = std::mem::take(&mut self.link.lost) && !welcome.page.fork;
        self.link.run = Some(welcome.run);
        self.outbox.dirty = true;
        self.marks.soon(ctx.ms());
        ctx.changed(Topic::Session);
        self.heads(ctx, &welcome.page)?;
        let page = self.link.frame_commit;
        for (commit, mut push) in early {
            if commit < page {
                // Marks may go back, so older ones must not come after the page's, which has what they told.
                match &mut push {
                    Push::Marks { marks, .. } => marks.clear(),
                    Push::Head { head, .. } => head.marks.clear(),
                    _ => {}
                }
            }
            self.link.frame_commit = commit;
            self.pushed(ctx, push)?;
        }
        Ok(())
    }

    fn heads(&mut self, ctx: &mut Ctx<'_>, page: &HeadsPage) -> Result<()> {
        self.apply_users(ctx, &page.users)?;
        for head in &page.heads {
            self.apply_head(ctx, head)?;
            if self.catchup.missed {
                let end = ctx.cache.ranges(head.conversation)?.end();
                self.catchup.came_meanwhile(end, head);
            }
        }
        self.catchup.dirty = true;
        match &page.next {
            Some(next) => {
                self.catchup.heads_pending = true;
                self.ask(ctx, &Request::Heads(HeadsRequest { next: next.clone() }), Asked::Heads);
            }
            None => {
                self.catchup.heads_pending = false;
                self.catchup.missed = false;
                self.catchup.pushed_marks = PushedMarks::default();
                self.end_of_fork(ctx)?;
                self.link.distrust |= self.catchup.owes_unlisted();
                self.store_token(ctx, page.token.as_deref())?;
                self.leave_if_lost(ctx);
            }
        }
        Ok(())
    }

    /// The token stands for heads and changes that are stored, or owed, in this very transaction.
    fn store_token(&mut self, ctx: &mut Ctx<'_>, token: Option<&str>) -> Result<()> {
        if let Some(token) = token
            && !self.link.distrust
        {
            let mut account = ctx.cache.account()?;
            account.token = Some(token.to_owned());
            ctx.cache.put_account(&account)?;
        }
        Ok(())
    }

    fn pushed(&mut self, ctx: &mut Ctx<'_>, push: Push) -> Result<()> {
        match push {
            Push::Delta(delta) => {
                let unlisted = self.catchup.fork.as_ref().is_some_and(|f| !f.contains(&delta.conversation));
                if unlisted {
                    // Not compared yet, so its numbers say nothing of what is held. Its head is still to come.
                    self.not_listed(delta.conversation, delta.to);
                    return Ok(());
                }
                self.apply_delta(ctx, &delta, &Source::Live { incoming: true })?;
                self.leave_if_lost(ctx);
            }
            Push::Head { head, users } => {
                self.apply_users(ctx, &users)?;
                let before = ctx.cache.conversation(head.conversation)?.map_or(0, |held| held.last_seq);
                self.apply_head(ctx, &head)?;
                self.remember_marks(head.conversation, &head.marks);
                // Its first message came live too, though it has to be pulled.
                self.catchup.announce(head.conversation, before, &head);
            }
            Push::Removed { conversation } => self.apply_removed(ctx, conversation)?,
            Push::Behind { conversations } => {
                for (id, rev) in conversations {
                    let Some(mut held) = ctx.cache.conversation(id)? else {
                        self.not_listed(id, rev);
                        continue;
                    };
                    if rev > held.rev {
                        // They came live, though not to here.
                        self.catchup.came_early(id, held.last_seq);
                    }
                    held.head_rev = held.head_rev.max(rev);
                    ctx.cache.put_conversation(&held)?;
                }
                self.leave_if_lost(ctx);
                self.catchup.dirty = true;
                ctx.changed(Topic::Session);
            }
            Push::Marks { conversation, marks } => self.pushed_marks(ctx, conversation, &marks)?,
            Push::Presence { presence } => self.presence(ctx, presence),
            Push::Typing { conversation, user, on } => self.others_typing(ctx, conversation, user, on),
            Push::Users { users } => self.apply_users(ctx, &users)?,
            Push::Settings { share_read, blocked } => {
                let account = ctx.cache.account()?;
                if account.blocked.iter().any(|user| !blocked.contains(user)) {
                    self.live.say_again();
                }
                if account.blocked != blocked {
                    ctx.changed(Topic::People);
                }
                ctx.cache.put_account(&crate::cache::Account { share_read, blocked, ..account })?;
                ctx.changed(Topic::Session);
            }
            Push::Token { token } => {
                if !self.catchup.heads_pending {
                    self.store_token(ctx, Some(&token))?;
                }
            }
            Push::GoingAway { retry_after_ms } => self.link.retry_after = Some(retry_after_ms),
            Push::Error(error) => {
                ctx.out.push(crate::io::Output::Trouble { problem: error.into(), refused: None })
            }
            Push::Unknown => {}
        }
        Ok(())
    }

    /// Something is told of a conversation that no head has told of. It may be on a page of heads that is still to come, and
    /// may have been read before this; if all have come, only a new welcome can tell.
    pub(crate) fn not_listed(&mut self, id: ConversationId, rev: u64) {
        if self.catchup.heads_pending {
            self.catchup.owed_to_unlisted(id, rev);
        } else {
            self.link.distrust = true;
        }
    }

    fn leave_if_lost(&mut self, ctx: &mut Ctx<'_>) {
        if self.link.distrust {
            self.renew_socket(ctx, "offline", "The relay told of a conversation that is not known here.");
        }
    }
}
