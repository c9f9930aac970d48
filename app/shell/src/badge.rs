//! What waits in an account.

use confab_store::view::ConversationsView;

/// Unread conversations of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Badge {
    pub unread: u32,
    /// One of them mentions oneself.
    pub mentioned: bool,
}

impl From<&ConversationsView> for Badge {
    fn from(view: &ConversationsView) -> Self {
        Self {
            unread: view.unread_conversations,
            mentioned: view.rows.iter().any(|row| row.mention && !row.muted),
        }
    }
}
