//! The browser's WebSocket. It has no backpressure of its own: what comes waits in a queue until the loop takes it.

use super::offline;
use super::sleep::sleep;
use crate::platform::{ATTEMPT_TIMEOUT_MS, Socket, SocketEvent};
use confab_protocol::SUBPROTOCOL;
use confab_store::view::Problem;
use futures::channel::mpsc::{self, UnboundedReceiver, UnboundedSender};
use futures::future::LocalBoxFuture;
use futures::{FutureExt, Stream, StreamExt};
use std::pin::Pin;
use std::task::{Context, Poll};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::{CloseEvent, MessageEvent, WebSocket};

enum Told {
    Open,
    Event(SocketEvent),
}

pub async fn connect(relay: String) -> Result<Socket, Problem> {
    let address = relay.strip_prefix("http").map(|rest| format!("ws{rest}/ws")).unwrap_or_default();
    let socket = WebSocket::new_with_str(&address, SUBPROTOCOL)
        .map_err(|error| offline(&format!("The browser refused the connection: {error:?}.")))?;
    let (tell, mut told) = mpsc::unbounded();
    let guard = Guard::new(socket.clone(), tell);
    futures::select! {
        first = told.next() => match first {
            Some(Told::Open) => {}
            Some(Told::Event(SocketEvent::Closed { .. })) | None => return Err(offline("The relay cannot be reached.")),
            Some(Told::Event(SocketEvent::Frame(_))) => return Err(offline("The browser delivered out of order.")),
        },
        () = sleep(ATTEMPT_TIMEOUT_MS).fuse() => return Err(offline("The relay did not answer in time.")),
    }
    let (outgoing, mut to_send) = mpsc::unbounded::<String>();
    spawn_local(async move {
        while let Some(text) = to_send.next().await {
            // Fails only on a socket that is closed, which is told by its own event.
            let _ = socket.send_with_str(&text);
        }
        let _ = socket.close();
    });
    Ok(Socket {
        outgoing,
        incoming: Box::pin(Incoming {
            told,
            _guard: guard,
            held: None,
            gathering: None,
            gathered: false,
            given_at: 0.0,
        }),
    })
}

/// Keeps the callbacks alive, and closes the socket when nobody listens any more.
struct Guard {
    socket: WebSocket,
    _open: Closure<dyn FnMut()>,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _close: Closure<dyn FnMut(CloseEvent)>,
}

impl Guard {
    fn new(socket: WebSocket, tell: UnboundedSender<Told>) -> Self {
        let to = tell.clone();
        let open = Closure::<dyn FnMut()>::new(move || {
            let _ = to.unbounded_send(Told::Open);
        });
        let to = tell.clone();
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            // A binary frame is none of Confab's.
            if let Some(text) = event.data().as_string() {
                let _ = to.unbounded_send(Told::Event(SocketEvent::Frame(text)));
            }
        });
        let close = Closure::<dyn FnMut(CloseEvent)>::new(move |event: CloseEvent| {
            let reason = match event.reason() {
                said if !said.is_empty() => said,
                _ if event.was_clean() => "The relay closed the connection.".into(),
                _ => "The connection was lost.".into(),
            };
            // 1005 and 1006 stand for "no code came" (RFC 6455, section 7.4.1).
            let code = Some(event.code()).filter(|code| !matches!(code, 1005 | 1006));
            let _ = tell.unbounded_send(Told::Event(SocketEvent::Closed { code, reason }));
        });
        socket.set_onopen(Some(open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(close.as_ref().unchecked_ref()));
        Self { socket, _open: open, _message: message, _close: close }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        let _ = self.socket.close();
    }
}

/// Frames that follow one another faster than this are gathered, in milliseconds.
const CLOSE_MS: f64 = 100.0;

/// The frames. The browser hands each over in a task of its own, so that a flood would be handled one frame and one
/// commit at a time: after the first of several, the others are given the time to arrive and come together.
struct Incoming {
    told: UnboundedReceiver<Told>,
    _guard: Guard,
    /// One that waits for those behind it.
    held: Option<SocketEvent>,
    gathering: Option<LocalBoxFuture<'static, ()>>,
    /// They have been gathered: give them all.
    gathered: bool,
    /// When the last one was given.
    given_at: f64,
}

impl Incoming {
    fn next_told(&mut self, cx: &mut Context<'_>) -> Poll<Option<SocketEvent>> {
        loop {
            match self.told.poll_next_unpin(cx) {
                Poll::Ready(Some(Told::Event(event))) => return Poll::Ready(Some(event)),
                Poll::Ready(Some(Told::Open)) => {}
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn give(&mut self, event: SocketEvent) -> Poll<Option<SocketEvent>> {
        self.given_at = js_sys::Date::now();
        Poll::Ready(Some(event))
    }
}

impl Stream for Incoming {
    type Item = SocketEvent;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<SocketEvent>> {
        let this = &mut *self;
        loop {
            if let Some(pause) = &mut this.gathering {
                if pause.poll_unpin(cx).is_pending() {
                    return Poll::Pending;
                }
                this.gathering = None;
                this.gathered = true;
            }
            if let Some(event) = this.held.take() {
                return this.give(event);
            }
            let event = match this.next_told(cx) {
                Poll::Ready(Some(event)) => event,
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => {
                    this.gathered = false;
                    return Poll::Pending;
                }
            };
            // A clock that was set back says "long ago", which costs one commit.
            let close = (0.0..CLOSE_MS).contains(&(js_sys::Date::now() - this.given_at));
            if this.gathered || !close {
                return this.give(event);
            }
            this.held = Some(event);
            this.gathering = Some(sleep(0).boxed_local());
        }
    }
}
