//! What a thread that draws notices has to do, and what stands on the screen. Whoever shows notices may hang for as long
//! as it likes: both are bounded.

use crate::notices::{About, Notice};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Most conversations that something is to be done about.
const PENDING: usize = 64;
/// Most notices that stand at once: each may cost whoever waits for its click a thread.
const STANDING: usize = 32;

/// Most that wait for a click, where each shown notice is another one: those of one conversation, and all.
const WAITING_EACH: usize = 4;
const WAITING: usize = 2 * STANDING;

/// Something to do about a conversation's notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// Show it, in place of any former one.
    Show(Notice),
    /// Withdraw it.
    Seen(About),
}

impl Work {
    fn about(&self) -> About {
        match self {
            Self::Show(notice) => notice.about,
            Self::Seen(about) => *about,
        }
    }
}

/// What is still to do, at most one thing a conversation: the newer takes the place of the older.
#[derive(Debug, Default)]
pub struct Pending {
    todo: Mutex<VecDeque<Work>>,
    more: Condvar,
}

impl Pending {
    /// Adds something and wakes whoever waits for it. Where there is too much already the oldest notice is not shown.
    pub fn put(&self, work: Work) {
        let mut todo = self.todo();
        if let Some(older) = todo.iter_mut().find(|older| older.about() == work.about()) {
            *older = work;
        } else {
            if todo.len() >= PENDING {
                // Rather one that is never shown than one that stays for ever.
                let oldest = todo.iter().position(|work| matches!(work, Work::Show(_))).unwrap_or(0);
                todo.remove(oldest);
            }
            todo.push_back(work);
        }
        drop(todo);
        self.more.notify_one();
    }

    /// The oldest; waits until there is something.
    pub fn take(&self) -> Work {
        let mut todo = self.todo();
        loop {
            if let Some(work) = todo.pop_front() {
                return work;
            }
            todo = self.more.wait(todo).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn todo(&self) -> MutexGuard<'_, VecDeque<Work>> {
        self.todo.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The numbers of notices that stand, those shown last at the end.
#[derive(Debug, Default)]
pub struct Standing(VecDeque<(About, u32)>);

impl Standing {
    /// The number of the one about this.
    pub fn number(&self, about: About) -> Option<u32> {
        self.0.iter().find(|(standing, _)| *standing == about).map(|(_, number)| *number)
    }

    /// One was shown. Gives the number of the oldest if there are too many now: it is forgotten and is to be withdrawn.
    pub fn shown(&mut self, about: About, number: u32) -> Option<u32> {
        self.remove(about);
        self.0.push_back((about, number));
        if self.0.len() <= STANDING {
            return None;
        }
        self.0.pop_front().map(|(_, oldest)| oldest)
    }

    /// It is to be withdrawn: it stands no more.
    pub fn remove(&mut self, about: About) -> Option<u32> {
        let at = self.0.iter().position(|(standing, _)| *standing == about)?;
        self.0.remove(at).map(|(_, number)| number)
    }

    /// The one with this number went by itself; another that has taken its place stays.
    pub fn gone(&mut self, about: About, number: u32) {
        self.0.retain(|standing| *standing != (about, number));
    }
}

/// Who waits for a click on what.
#[derive(Debug, Default)]
pub struct Waiting(Mutex<Vec<About>>);

impl Waiting {
    /// A place for one more, for as long as it is held; none if there are too many.
    pub fn place(of: &Arc<Self>, about: About) -> Option<WaitingPlace> {
        let mut waiting = of.waiting();
        let same = waiting.iter().filter(|one| **one == about).count();
        if waiting.len() >= WAITING || same >= WAITING_EACH {
            return None;
        }
        waiting.push(about);
        drop(waiting);
        Some(WaitingPlace { of: of.clone(), about })
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<About>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// See [`Waiting::place`].
#[derive(Debug)]
pub struct WaitingPlace {
    of: Arc<Waiting>,
    about: About,
}

impl Drop for WaitingPlace {
    fn drop(&mut self) {
        let mut waiting = self.of.waiting();
        if let Some(at) = waiting.iter().position(|one| *one == self.about) {
            waiting.swap_remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use confab_protocol::ConversationId;
    use uuid::Uuid;

    fn about(conversation: usize) -> About {
        About { account: 1, conversation: ConversationId(Uuid::from_u128(conversation as u128)) }
    }

    fn show(conversation: usize, count: u32) -> Work {
        let (title, body) = ("Harbour crew".into(), "The tide is early".into());
        Work::Show(Notice { about: about(conversation), title, body, count })
    }

    fn all(pending: &Pending) -> Vec<Work> {
        pending.todo().drain(..).collect()
    }

    #[test]
    fn the_newer_takes_the_place_of_the_older() {
        let pending = Pending::default();
        for work in [show(1, 1), show(2, 1), show(1, 2), show(3, 1), Work::Seen(about(3))] {
            pending.put(work);
        }
        assert_eq!(all(&pending), [show(1, 2), show(2, 1), Work::Seen(about(3))]);
    }

    #[test]
    fn what_waits_is_bounded_and_no_withdrawal_is_lost_to_a_notice() {
        let pending = Pending::default();
        pending.put(Work::Seen(about(0)));
        for conversation in 1..10_000 {
            pending.put(show(conversation, 1));
        }
        let left = all(&pending);
        assert_eq!(left.len(), PENDING);
        assert_eq!(left.first(), Some(&Work::Seen(about(0))));
        assert_eq!(left.last(), Some(&show(9_999, 1)));
        for conversation in 0..10_000 {
            pending.put(Work::Seen(about(conversation)));
        }
        assert_eq!(all(&pending).len(), PENDING);
    }

    #[test]
    fn whoever_waits_is_woken() {
        let pending = Arc::new(Pending::default());
        let of = pending.clone();
        let waiting = std::thread::spawn(move || of.take());
        pending.put(show(1, 1));
        assert_eq!(waiting.join().unwrap(), show(1, 1));
    }

    #[test]
    fn too_many_standing_cost_the_oldest_and_not_the_smallest() {
        let mut standing = Standing::default();
        for place in 0..STANDING {
            // The smallest comes last.
            assert_eq!(standing.shown(about(STANDING - place), place as u32), None);
        }
        // Shown again, the first is the newest.
        assert_eq!(standing.shown(about(STANDING), 0), None);
        assert_eq!(standing.shown(about(STANDING + 1), 100), Some(1));
        assert_eq!(standing.number(about(STANDING)), Some(0));
        assert_eq!(standing.number(about(STANDING - 1)), None);
        assert_eq!(standing.number(about(1)), Some(STANDING as u32 - 1));
        standing.gone(about(1), 7);
        assert!(standing.number(about(1)).is_some(), "another has taken its place");
        standing.gone(about(1), STANDING as u32 - 1);
        assert_eq!(standing.remove(about(1)), None);
        assert_eq!(standing.remove(about(STANDING + 1)), Some(100));
    }

    #[test]
    fn neither_a_lively_conversation_nor_many_make_too_many_wait() {
        let waiting = Arc::new(Waiting::default());
        let lively: Vec<_> = (0..100).filter_map(|_| Waiting::place(&waiting, about(0))).collect();
        assert_eq!(lively.len(), WAITING_EACH);
        let all: Vec<_> = (1..1000).filter_map(|number| Waiting::place(&waiting, about(number))).collect();
        assert_eq!(all.len(), WAITING - WAITING_EACH);
        drop(lively);
        assert!(Waiting::place(&waiting, about(0)).is_some());
    }
}
