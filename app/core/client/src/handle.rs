//! The front of a running client: ask, listen, say that a screen is gone.

use crate::api::{Answer, Event, Request};
use crate::convert::own;
use crate::watch::Screen;
use confab_store::view::Problem;
use futures::channel::{mpsc, oneshot};
use std::future::Future;

/// What reaches the loop from outside.
pub(crate) enum Ask {
    Request { screen: Screen, request: Request, answer: oneshot::Sender<Result<Answer, Problem>> },
    Listen(mpsc::UnboundedSender<Event>),
    ScreenGone(Screen),
    NetworkHint,
    NetworkLost,
    Pause,
    Resume,
    Painted,
    Stop,
}

/// A way to a running client. Cheap to clone; works from any thread. When the last one is dropped the client stops.
#[derive(Clone, Debug)]
pub struct Handle {
    asks: mpsc::UnboundedSender<Ask>,
}

impl Handle {
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<Ask>) {
        let (asks, receiver) = mpsc::unbounded();
        (Self { asks }, receiver)
    }

    /// Asks. A change is answered once it is on disk.
    ///
    /// # Errors
    /// The problem, as the screens get it; `internal_client` if the client has stopped.
    pub fn request(&self, request: Request) -> impl Future<Output = Result<Answer, Problem>> + Send + use<> {
        self.request_from(0, request)
    }

    /// The same for one of several tabs or windows, which the shell numbers.
    ///
    /// # Errors
    /// As [`Handle::request`].
    pub fn request_from(
        &self,
        screen: Screen,
        request: Request,
    ) -> impl Future<Output = Result<Answer, Problem>> + Send + use<> {
        let (answer, answered) = oneshot::channel();
        // Into the queue at once, so that requests keep the order of the calls.
        let _ = self.asks.unbounded_send(Ask::Request { screen, request, answer });
        async move {
            answered
                .await
                .unwrap_or_else(|_| Err(own("internal_client", "The client has stopped. Start it again.")))
        }
    }

    /// Every event from now on.
    pub fn listen(&self) -> mpsc::UnboundedReceiver<Event> {
        let (tell, events) = mpsc::unbounded();
        let _ = self.asks.unbounded_send(Ask::Listen(tell));
        events
    }

    /// A tab or window was closed: what it showed is watched no more.
    pub fn screen_gone(&self, screen: Screen) {
        let _ = self.asks.unbounded_send(Ask::ScreenGone(screen));
    }

    /// A screen shows what is held here: from now on the network may take the machine's time.
    pub fn painted(&self) {
        let _ = self.asks.unbounded_send(Ask::Painted);
    }

    /// The system says that there is no network any more. It may be wrong: the client only tries again.
    pub fn network_lost(&self) {
        let _ = self.asks.unbounded_send(Ask::NetworkLost);
    }

    /// The app goes to the background, where the system will stop it: the client hands its socket back and rests, but
    /// takes requests as ever.
    pub fn pause(&self) {
        let _ = self.asks.unbounded_send(Ask::Pause);
    }

    /// The app is in the foreground again: the client connects at once and catches up.
    pub fn resume(&self) {
        let _ = self.asks.unbounded_send(Ask::Resume);
    }

    /// Stops the client once it has done what was asked before.
    pub fn stop(&self) {
        let _ = self.asks.unbounded_send(Ask::Stop);
    }

    /// The system says that there is a network again, or that the device woke up.
    pub fn network_hint(&self) {
        let _ = self.asks.unbounded_send(Ask::NetworkHint);
    }
}
