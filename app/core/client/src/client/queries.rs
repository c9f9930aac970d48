//! What screens ask of the local database.

use super::{Active, Core};
use crate::api::{Answer, ConversationView, May, PresenceRow, PresenceView, Request, TypingRow, UsersView};
use crate::convert::{failed, own};
use crate::platform::Platform;
use confab_protocol::{ConversationId, Kind, Role};
use confab_store::view::Problem;

/// Most seqs of a window, and most hits of a page of a search.
const LIMIT: u32 = 500;

impl<P: Platform> Core<P> {
    pub(super) fn query(&self, request: Request) -> Result<Answer, Problem> {
        if matches!(request, Request::Session) {
            return self.session_view().map(|view| Answer::Session(Box::new(view)));
        }
        let active =
            self.account.as_ref().ok_or_else(|| own("signed_out", "Nobody is signed in on this device."))?;
        let views = self.store.views(active.key);
        Ok(match request {
            Request::Conversations { hidden } => {
                Answer::Conversations(views.conversations(hidden, self.now().wall_ms).map_err(failed)?)
            }
            Request::Conversation { conversation } => self.conversation(active, conversation)?,
            Request::Window { conversation, at, limit } => Answer::Window(
                views
                    .window(conversation, at, limit.clamp(1, LIMIT))
                    .map_err(failed)?
                    .ok_or_else(not_found)?,
            ),
            Request::Members { conversation } => {
                Answer::Members(views.members(conversation).map_err(failed)?.ok_or_else(not_found)?)
            }
            Request::Search { text, conversation, next, limit } => {
                let limit = limit.clamp(1, LIMIT);
                Answer::Search(views.search(&text, conversation, next.as_deref(), limit).map_err(failed)?)
            }
            Request::Draft { conversation } => Answer::Draft(views.draft(conversation).map_err(failed)?),
            Request::KnownUsers => Answer::Users(UsersView { users: views.known_users().map_err(failed)? }),
            Request::Presence => self.presence(active)?,
            _ => return Err(own("unsupported", "This client does not know this request.")),
        })
    }

    fn conversation(&self, active: &Active, conversation: ConversationId) -> Result<Answer, Problem> {
        let header = self
            .store
            .views(active.key)
            .header(conversation, self.now().wall_ms)
            .map_err(failed)?
            .ok_or_else(not_found)?;
        let row = header.row;
        let peer_deleted = row.peer.as_ref().is_some_and(|peer| peer.deleted);
        let group = row.kind == Kind::Group;
        let admin = group && row.role >= Some(Role::Admin);
        let owner = group && row.role == Some(Role::Owner);
        let may = May {
            send: row.role.is_some() && !header.blocked && !peer_deleted && header.creation.is_none(),
            manage: admin,
            own: owner,
            // The owner hands over first, unless nobody else is left.
            leave: group && row.role.is_some() && (!owner || row.members <= 1),
            delete_others: admin,
        };
        let view = ConversationView {
            row,
            blocked: header.blocked,
            may,
            last_seq: header.last_seq,
            creation: header.creation,
        };
        Ok(Answer::Conversation(Box::new(view)))
    }

    fn presence(&self, active: &Active) -> Result<Answer, Problem> {
        let present = active.engine.present(self.now());
        let views = self.store.views(active.key);
        let users = present
            .users
            .into_iter()
            .map(|p| PresenceRow { user: p.user, online: p.online, last_seen: p.last_seen })
            .collect();
        let mut typing = Vec::new();
        for (conversation, user) in present.typing {
            let name = views.display_name(user).map_err(failed)?;
            typing.push(TypingRow { conversation, user, name });
        }
        Ok(Answer::Presence(PresenceView { users, typing }))
    }
}

fn not_found() -> Problem {
    own("not_found", "There is no such conversation here.")
}
