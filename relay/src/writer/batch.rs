//! A batch of the writer: store, commit, tell.

use super::Job;
use super::conversations::Conversations;
use super::marks::Marks;
use super::pace::Pace;
use crate::clock::Source;
use crate::hub::connection::Connection;
use crate::hub::event::{Event, Receivers};
use crate::hub::{FrameText, Hub};
use crate::store::chat::{ConversationKey, Position, UserKey};
use crate::store::{Result as StoreResult, StoreError, Writes};
use crate::sync::heads::named;
use confab_protocol::sync::Push;
use confab_protocol::{Code, ErrorBody, RunId, UserId, frame};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Instant;

/// Commit numbers are taken in blocks of so many, so that a commit does not change the page that says which are taken.
const COMMITS: u64 = 1024;

/// Something to tell once the batch is durable.
pub(super) enum Told {
    /// Ready as it is.
    Event(Event),
    /// A head, to be read after the commit if the user is connected.
    Head { user: UserId, key: UserKey, conversation: ConversationKey, except: Option<u64> },
}

/// What the writer holds.
pub(super) struct Core {
    pub writes: Box<dyn Writes>,
    pub hub: Arc<Hub>,
    pub run: RunId,
    pub source: Arc<dyn Source>,
    /// The last commit that is durable.
    committed: u64,
    /// The last commit number that is taken.
    taken: u64,
    pub conversations: Conversations,
    pub marks: Marks,
    pub pace: Pace,
    /// Some have begun or ceased to share how far they have read, and not all conversations know it yet.
    pub sharing: bool,
    /// Of this batch.
    pub told: Vec<Told>,
    /// Of this batch: something is to be stored.
    pub changed: bool,
    /// The clock at the batch's beginning.
    pub now: u64,
    /// The store took the latest batch that changed something.
    pub storing: Arc<AtomicBool>,
}

impl Core {
    /// Records the start of a run.
    pub fn begin(
        writes: Box<dyn Writes>,
        hub: Arc<Hub>,
        run: RunId,
        source: Arc<dyn Source>,
    ) -> StoreResult<Self> {
        let now = source.now_ms();
        writes.begin()?;
        let committed = writes.begin_run(run, now)?;
        let sharing = writes.sharing()?.is_some();
        writes.commit()?;
        hub.begin(Position { run, commit: committed });
        Ok(Self {
            writes,
            hub,
            run,
            source,
            committed,
            taken: committed,
            conversations: Conversations::default(),
            marks: Marks::default(),
            pace: Pace::default(),
            sharing,
            told: Vec::new(),
            changed: false,
            now,
            storing: Arc::new(AtomicBool::new(true)),
        })
    }

    /// The commit that is being made.
    pub fn commit(&self) -> u64 {
        self.committed + 1
    }

    /// In how many milliseconds a batch is to run though no job comes; `None` if there is no need.
    pub fn due_in_ms(&self) -> Option<u64> {
        // While the disk refuses, the next job is waited for.
        if self.sharing && self.storing.load(Relaxed) {
            return Some(0);
        }
        self.marks.due_in_ms(self.source.now_ms())
    }

    /// One transaction.
    ///
    /// # Errors
    /// After a failed fsync nobody knows what is stored: the relay must not go on. Those who wait come back and ask.
    pub fn batch(&mut self, batch: &mut Vec<Job>) -> StoreResult<()> {
        self.now = self.source.now_ms();
        self.told.clear();
        self.marks.begin();
        self.changed = false;
        match self.store(batch) {
            Ok(()) => {
                self.publish();
                answer(batch, None);
            }
            Err(error) => {
                if let StoreError::NotDurable(_) = error {
                    return Err(error);
                }
                self.storing.store(false, Relaxed);
                self.writes.rollback();
                self.conversations.forget();
                tracing::error!(%error, jobs = batch.len(), "a batch could not be stored");
                let refusal = ErrorBody::new(
                    Code::StorageFailed,
                    match error {
                        StoreError::Full => "The relay's disk is full. Nothing was stored; try again later.",
                        _ => "The relay could not store this. Try again later.",
                    },
                )
                .after_ms(5_000);
                self.marks.refuse(&refusal);
                answer(batch, Some(&refusal));
            }
        }
        batch.clear();
        self.conversations.shrink();
        Ok(())
    }

    /// Sees to it that this commit's number is taken. A run that ends in good order gives back what it did not use.
    fn take_commit(&self, stops: bool) -> StoreResult<u64> {
        let commit = self.commit();
        let taken = match (stops, commit > self.taken) {
            (true, _) => commit,
            (false, true) => commit + COMMITS - 1,
            (false, false) => return Ok(self.taken),
        };
        self.writes.take_commits(taken)?;
        Ok(taken)
    }

    fn store(&mut self, batch: &mut [Job]) -> StoreResult<()> {
        let stops = batch.iter().any(|job| matches!(job, Job::Stop(_)));
        self.writes.begin()?;
        for job in batch {
            match job {
                Job::Command { from, id, command } => self.command(from, *id, command)?,
                Job::Mark { from, id, mark } => self.mark(from, *id, mark),
                Job::Transact(job) => {
                    self.writes.savepoint()?;
                    if job.run(&*self.writes)? {
                        self.writes.release()?;
                        self.changed = true;
                    } else {
                        self.writes.undo();
                    }
                }
                Job::Present { session, user, gone_at } => {
                    match gone_at {
                        None => self.writes.set_present(*session, *user)?,
                        Some(at) => self.writes.set_gone(*session, *user, *at)?,
                    }
                    self.changed = true;
                }
                Job::Alive(now) => {
                    self.writes.set_alive(*now)?;
                    self.changed = true;
                }
                Job::Stop(_) => {
                    // The devices that are still connected were last seen now.
                    self.writes.set_alive(self.now)?;
                    self.changed = true;
                }
            }
        }
        self.store_marks()?;
        self.go_on_sharing()?;
        let borne = self.conversations.save(&*self.writes, self.commit())?;
        if self.changed {
            if !borne {
                self.writes.note_commit(self.commit())?;
            }
            let taken = self.take_commit(stops)?;
            let before = Instant::now();
            self.writes.commit()?;
            self.pace.note(before.elapsed());
            self.taken = taken;
            self.committed += 1;
            self.storing.store(true, Relaxed);
        } else {
            self.writes.rollback();
        }
        Ok(())
    }

    /// Hands the batch to the hub, in order.
    fn publish(&mut self) {
        let told = std::mem::take(&mut self.told);
        let mut events = Vec::with_capacity(told.len());
        for told in told {
            match told {
                Told::Event(event) => events.push(event),
                Told::Head { user, key, conversation, except } => {
                    if self.hub.has_others(user, except) {
                        events.extend(self.head(user, key, conversation, except));
                    }
                }
            }
        }
        let position = Position { run: self.run, commit: self.committed };
        self.hub.publish(events, position, self.now);
    }

    fn head(
        &self,
        user: UserId,
        key: UserKey,
        conversation: ConversationKey,
        except: Option<u64>,
    ) -> Option<Event> {
        let head = match self.writes.head(key, conversation) {
            Ok(head) => head?,
            Err(error) => {
                // The delta that follows says that something is there to be pulled.
                tracing::error!(%error, "a head could not be read");
                return None;
            }
        };
        let users: BTreeSet<UserId> = named(&head).into_iter().collect();
        let users = self.writes.profiles(&users.into_iter().collect::<Vec<_>>()).unwrap_or_default();
        let text = crate::hub::encode_at(self.committed, &Push::Head { head: Box::new(head), users });
        Some(Event::Must { receivers: Receivers::One(user), except, text })
    }

    /// Refuses a request, after what was told before it.
    pub fn refuse(&mut self, to: &Arc<Connection>, id: Option<u64>, error: &ErrorBody) {
        let text = Some(refusal(id, error));
        self.told.push(Told::Event(Event::Answer { to: Arc::clone(to), text }));
    }
}

pub(super) fn refusal(id: Option<u64>, error: &ErrorBody) -> FrameText {
    frame::refusal(id, error).unwrap_or_default().into()
}

/// Answers the jobs that wait for the commit itself.
fn answer(batch: &mut Vec<Job>, failed: Option<&ErrorBody>) {
    for job in batch.drain(..) {
        match (job, failed) {
            (Job::Transact(job), failed) => job.answer(failed),
            (Job::Command { from, id, .. }, Some(error)) => from.push_answer(refusal(id, error)),
            (Job::Stop(stopped), _) => {
                let _ = stopped.send(());
            }
            _ => {}
        }
    }
}
