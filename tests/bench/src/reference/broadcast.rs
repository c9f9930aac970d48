//! A bare broadcaster over axum: 2 KiB read buffer, TCP_NODELAY, bytes shared between the receivers.

use super::joined;
use anyhow::Result;
use axum::extract::State;
use axum::extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use axum::serve::ListenerExt as _;
use axum::{Router, serve};
use futures::{SinkExt as _, StreamExt as _};
use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

type Rooms = Arc<Mutex<HashMap<usize, Vec<UnboundedSender<Utf8Bytes>>>>>;

/// Serves until it is killed.
///
/// # Errors
/// What the socket says.
pub fn run(port: u16) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let router = Router::new()
            .route("/api/health", get(|| async { "ok" }))
            .route("/ws", get(upgrade))
            .with_state(Rooms::default());
        serve(listener, router).await?;
        Ok(())
    })
}

async fn upgrade(State(rooms): State<Rooms>, upgrade: WebSocketUpgrade) -> Response {
    upgrade
        .read_buffer_size(2048)
        .write_buffer_size(4096)
        .protocols([confab_protocol::SUBPROTOCOL])
        .on_upgrade(move |socket| talk(rooms, socket))
}

async fn talk(rooms: Rooms, mut socket: WebSocket) {
    let (outbox, mut inbox) = unbounded_channel();
    let mut room = 0;
    loop {
        tokio::select! {
            frame = socket.next() => match frame {
                Some(Ok(Message::Text(text))) => {
                    let mut rooms = rooms.lock().unwrap_or_else(PoisonError::into_inner);
                    if let Some(number) = joined(&text) {
                        room = number;
                        rooms.entry(room).or_default().push(outbox.clone());
                        let _ = outbox.send(Utf8Bytes::from_static("joined"));
                    } else if let Some(members) = rooms.get(&room) {
                        for member in members {
                            let _ = member.send(text.clone());
                        }
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            },
            Some(text) = inbox.recv() => {
                if deliver(&mut socket, text, &mut inbox).await.is_none() {
                    return;
                }
            }
        }
    }
}

/// All that waits, flushed once.
async fn deliver(
    socket: &mut WebSocket,
    first: Utf8Bytes,
    inbox: &mut UnboundedReceiver<Utf8Bytes>,
) -> Option<()> {
    socket.feed(Message::Text(first)).await.ok()?;
    while let Ok(text) = inbox.try_recv() {
        socket.feed(Message::Text(text)).await.ok()?;
    }
    socket.flush().await.ok()
}
