//! The wire between one person and a relay, with somebody on it who rewrites what the relay says.

use futures::{SinkExt, StreamExt};
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;

/// After so long something has gone wrong.
const STUCK: Duration = Duration::from_secs(60);

/// What is made of a frame of the relay's: nothing to leave it as it is, or what goes on in its place.
pub type Rewrite = Arc<dyn Fn(&str) -> Option<Vec<Message>> + Send + Sync>;

/// What is wrong with the wire.
#[derive(Clone, Default)]
struct Fault {
    rewrite: Option<Rewrite>,
    /// A frame was rewritten.
    rewritten: bool,
}

/// What is wrong, and who waits for it to have shown.
#[derive(Default)]
struct Faulty(Mutex<Fault>, Condvar);

type Faults = Arc<Faulty>;

impl Faulty {
    fn lock(&self) -> MutexGuard<'_, Fault> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A wire. It stands until it is dropped.
pub struct Line {
    address: SocketAddr,
    faults: Faults,
    /// Connections live as long as their number is the latest.
    age: watch::Sender<u64>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// The wire was cut, or either end of it is gone.
struct Cut;

impl<T: std::error::Error> From<T> for Cut {
    fn from(_: T) -> Self {
        Self
    }
}

impl Line {
    /// A wire to a relay (`http://127.0.0.1:…`).
    pub fn to(relay: &str) -> Self {
        let far = relay.trim_start_matches("http://").parse().unwrap();
        let faults = Faults::default();
        let (age, ages) = watch::channel(0);
        let (stop, stopped) = oneshot::channel::<()>();
        let (tell, told) = std::sync::mpsc::channel();
        let of = faults.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                tokio::select! {
                    () = carry(listener, far, of, ages) => {}
                    _ = stopped => {}
                }
            });
        });
        let address = told.recv().unwrap();
        Self { address, faults, age, stop: Some(stop), thread: Some(thread) }
    }

    /// Where it begins.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Cuts what there is; from then on what the relay says is rewritten.
    pub fn rewrite(&self, rewrite: Rewrite) {
        *self.faults.lock() = Fault { rewrite: Some(rewrite), rewritten: false };
        self.cut();
    }

    /// Waits until a frame was rewritten.
    #[track_caller]
    pub fn wait_until_rewritten(&self) {
        let waiting = self.faults.1.wait_timeout_while(self.faults.lock(), STUCK, |fault| !fault.rewritten);
        assert!(
            waiting.is_ok_and(|(_, late)| !late.timed_out()),
            "the relay said nothing that could be rewritten"
        );
    }

    /// Cuts what there is; from then on nothing is wrong with it.
    pub fn mend(&self) {
        *self.faults.lock() = Fault::default();
        self.cut();
    }

    fn cut(&self) {
        self.age.send_modify(|age| *age += 1);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn carry(listener: TcpListener, far: SocketAddr, faults: Faults, mut ages: watch::Receiver<u64>) {
    while let Ok((near, _)) = listener.accept().await {
        let age = *ages.borrow_and_update();
        let mut ages = ages.clone();
        let wire = Wire { far, faults: faults.clone() };
        tokio::spawn(async move {
            tokio::select! {
                _ = wire.whole(near) => {}
                _ = ages.wait_for(|now| *now != age) => {}
            }
        });
    }
}

struct Wire {
    far: SocketAddr,
    faults: Faults,
}

impl Wire {
    async fn whole(&self, near: TcpStream) -> Result<(), Cut> {
        near.set_nodelay(true)?;
        let mut begin = [0; 8];
        // Looked at, not taken.
        while near.peek(&mut begin).await? < begin.len() {
            tokio::task::yield_now().await;
        }
        if begin.starts_with(b"GET /ws ") { self.socket(near).await } else { self.http(near).await }
    }

    async fn http(&self, mut near: TcpStream) -> Result<(), Cut> {
        let mut far = TcpStream::connect(self.far).await?;
        tokio::io::copy_bidirectional(&mut near, &mut far).await?;
        Ok(())
    }

    async fn socket(&self, near: TcpStream) -> Result<(), Cut> {
        let mut request = format!("ws://{}/ws", self.far).into_client_request()?;
        request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("confab.v1"));
        let (far, _) = tokio_tungstenite::connect_async(request).await?;
        #[allow(clippy::result_large_err)] // tungstenite's type.
        let accept = |_: &Request, mut answer: Response| {
            answer.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("confab.v1"));
            Ok(answer)
        };
        let near = tokio_tungstenite::accept_hdr_async(near, accept).await?;
        let (mut to_near, mut from_near) = near.split();
        let (mut to_far, mut from_far) = far.split();
        let up = async {
            while let Some(message) = from_near.next().await {
                to_far.send(message?).await?;
            }
            Ok::<(), Cut>(())
        };
        let down = async {
            while let Some(message) = from_far.next().await {
                for message in self.rewritten(message?) {
                    to_near.send(message).await?;
                }
            }
            Ok::<(), Cut>(())
        };
        tokio::select! { done = up => done, done = down => done }
    }

    fn rewritten(&self, message: Message) -> Vec<Message> {
        let mut fault = self.faults.lock();
        let Some(rewrite) = fault.rewrite.clone() else { return vec![message] };
        let other = message.to_text().ok().filter(|_| message.is_text()).and_then(|text| rewrite(text));
        match other {
            Some(other) => {
                fault.rewritten = true;
                self.faults.1.notify_all();
                other
            }
            None => vec![message],
        }
    }
}
