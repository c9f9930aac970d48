//! The WebSocket by tungstenite, pumped by a task of its own.

use super::unreached::unreached;
use crate::convert::own;
use crate::platform::{ATTEMPT_TIMEOUT_MS, Socket, SocketEvent};
use confab_protocol::{SUBPROTOCOL, limits};
use confab_store::view::Problem;
use futures::channel::mpsc::{self, Sender, UnboundedReceiver};
use futures::stream::{SplitSink, SplitStream};
use futures::{FutureExt, SinkExt, StreamExt};
use rustls::ClientConfig;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config};

type Wire = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Frames that wait for the loop. When it is full the socket is not read, and the relay slows down.
const WAITING_FRAMES: usize = 64;

/// `http://host` becomes `ws://host/ws`.
pub fn address(relay: &str) -> String {
    let rest = relay.strip_prefix("http").map_or_else(|| relay.to_owned(), |rest| format!("ws{rest}"));
    format!("{rest}/ws")
}

pub async fn connect(relay: String, tls: Arc<ClientConfig>) -> Result<Socket, Problem> {
    let mut request = address(&relay)
        .into_client_request()
        .map_err(|error| own("offline", format!("'{relay}' is not an address of a relay: {error}.")))?;
    request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    let config = WebSocketConfig::default()
        .read_buffer_size(16 * 1024)
        .max_message_size(Some(limits::RELAY_FRAME_BYTES))
        .max_frame_size(Some(limits::RELAY_FRAME_BYTES));
    let attempt = connect_async_tls_with_config(request, Some(config), true, Some(Connector::Rustls(tls)));
    let (wire, answer) = tokio::time::timeout(Duration::from_millis(ATTEMPT_TIMEOUT_MS), attempt)
        .await
        .map_err(|_| own("offline", "The relay did not answer in time."))?
        .map_err(|error| refused(&error))?;
    if answer.headers().get(SEC_WEBSOCKET_PROTOCOL).is_none_or(|name| name != SUBPROTOCOL) {
        return Err(own("not_confab", "What answers there does not speak Confab's protocol."));
    }
    let (outgoing, to_send) = mpsc::unbounded();
    let (came, incoming) = mpsc::channel(WAITING_FRAMES);
    tokio::spawn(pump(wire, to_send, came));
    Ok(Socket { outgoing, incoming: Box::pin(incoming) })
}

/// Carries frames both ways until either side is done. Reading goes on while writing waits.
async fn pump(wire: Wire, to_send: UnboundedReceiver<String>, came: Sender<SocketEvent>) {
    let (sink, stream) = wire.split();
    let mut write = Box::pin(write(sink, to_send).fuse());
    let mut read = Box::pin(read(stream, came).fuse());
    futures::select! {
        () = write => {}
        () = read => {}
    }
}

async fn write(mut sink: SplitSink<Wire, Message>, mut to_send: UnboundedReceiver<String>) {
    while let Some(text) = to_send.next().await {
        // What waits goes out together.
        let mut sent = sink.feed(Message::text(text)).await;
        while let (Ok(()), Some(Some(text))) = (&sent, to_send.next().now_or_never()) {
            sent = sink.feed(Message::text(text)).await;
        }
        if sent.is_err() || sink.flush().await.is_err() {
            // The reading side learns why and tells it.
            futures::future::pending::<()>().await;
        }
    }
    // The loop has dropped the socket. A peer that does not take the goodbye is not waited for.
    let _ = tokio::time::timeout(Duration::from_secs(1), sink.close()).await;
}

async fn read(mut stream: SplitStream<Wire>, mut came: Sender<SocketEvent>) {
    let mut closed = SocketEvent::Closed { code: None, reason: "The connection was lost.".into() };
    while let Some(message) = stream.next().await {
        match message {
            Ok(Message::Text(text)) => {
                if came.send(SocketEvent::Frame(text.as_str().to_owned())).await.is_err() {
                    return;
                }
            }
            Ok(Message::Close(frame)) => {
                closed = SocketEvent::Closed {
                    code: frame.as_ref().map(|f| f.code.into()),
                    reason: frame
                        .map(|f| f.reason.as_str().to_owned())
                        .filter(|text| !text.is_empty())
                        .unwrap_or_else(|| "The relay closed the connection.".into()),
                };
                break;
            }
            Ok(_) => {}
            Err(error) => {
                closed = SocketEvent::Closed { code: None, reason: reason(&error) };
                break;
            }
        }
    }
    let _ = came.send(closed).await;
}

fn refused(error: &Error) -> Problem {
    match error {
        Error::Http(answer) => {
            let status = answer.status().as_u16();
            own("offline", format!("The relay refused the connection (HTTP {status})."))
        }
        other => unreached("The relay", other),
    }
}

fn reason(error: &Error) -> String {
    match error {
        Error::Io(error) => format!("The connection was lost: {error}."),
        other => format!("The connection failed: {other}."),
    }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn the_address_of_the_socket_follows_the_relay() {
        assert_eq!(address("http://localhost:5000"), "ws://localhost:5000/ws");
        assert_eq!(address("https://chat.example"), "wss://chat.example/ws");
    }
}
