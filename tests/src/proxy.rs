//! A proxy between a client and the relay that counts what passes, and cuts or holds back where it is told to.
//!
//! It passes whole units on: an HTTP message with its body, or a WebSocket frame (RFC 6455, section 5.2).

use crate::units::{Unit, Units};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

/// Where a unit goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the relay.
    Up,
    /// To the client.
    Down,
}

/// Where to cut, once.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    pub direction: Direction,
    /// The unit, counted from 1 over all connections.
    pub unit: usize,
    /// In the middle of it instead of after it.
    pub torn: bool,
}

#[derive(Default)]
struct State {
    cut: Option<Cut>,
    passed: [usize; 2],
    held: [bool; 2],
    /// Connections made before this one are dead.
    oldest: u64,
    next: u64,
    open: Vec<(u64, TcpStream, TcpStream)>,
    /// Texts of frames to the client, if they are kept.
    texts: Option<Vec<String>>,
}

struct Shared {
    relay: SocketAddr,
    state: Mutex<State>,
    changed: Condvar,
}

/// See the module. Its threads end with the connections that they serve; the listener ends with the process.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Proxy {
    /// Before a relay with this address (`http://host:port`).
    pub fn start(relay: &str) -> Self {
        let relay = relay.trim_start_matches("http://").parse().unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { relay, state: Mutex::default(), changed: Condvar::new() });
        let accepting = shared.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                accepting.accept(client);
            }
        });
        Self { address, shared }
    }

    /// What clients connect to.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn cut(&self, cut: Cut) {
        self.shared.state().cut = Some(cut);
    }

    /// Whether the cut is still to come.
    pub fn cut_is_due(&self) -> bool {
        self.shared.state().cut.is_some()
    }

    /// Lets nothing through in this direction until [`Proxy::sever`].
    pub fn hold(&self, direction: Direction) {
        self.shared.state().held[direction as usize] = true;
    }

    /// Breaks every connection. What was held back is lost; later connections are let through.
    pub fn sever(&self) {
        let mut state = self.shared.state();
        state.held = [false; 2];
        state.sever();
        self.shared.changed.notify_all();
    }

    /// Keeps the texts of the frames to the client from now on.
    pub fn listen(&self) {
        self.shared.state().texts = Some(Vec::new());
    }

    /// The texts that were kept.
    pub fn heard(&self) -> Vec<String> {
        self.shared.state().texts.take().unwrap_or_default()
    }
}

impl State {
    fn sever(&mut self) {
        self.oldest = self.next;
        for (_, client, relay) in self.open.drain(..) {
            let _ = client.shutdown(Shutdown::Both);
            let _ = relay.shutdown(Shutdown::Both);
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn accept(self: &Arc<Self>, client: TcpStream) {
        // The relay may be down: the client finds its connection closed.
        let Ok(relay) = TcpStream::connect(self.relay) else { return };
        client.set_nodelay(true).unwrap();
        relay.set_nodelay(true).unwrap();
        let number = {
            let mut state = self.state();
            let number = state.next;
            state.next += 1;
            state.open.push((number, client.try_clone().unwrap(), relay.try_clone().unwrap()));
            number
        };
        let ways = [
            (Direction::Up, client.try_clone().unwrap(), relay.try_clone().unwrap()),
            (Direction::Down, relay, client),
        ];
        for (direction, from, to) in ways {
            let shared = self.clone();
            std::thread::spawn(move || {
                shared.pump(number, direction, &from, &to);
                let _ = from.shutdown(Shutdown::Both);
                let _ = to.shutdown(Shutdown::Both);
                shared.state().open.retain(|(one, ..)| *one != number);
            });
        }
    }

    fn pump(&self, number: u64, direction: Direction, mut from: &TcpStream, mut to: &TcpStream) {
        let mut units = Units::default();
        let mut bytes = [0; 64 * 1024];
        loop {
            match from.read(&mut bytes) {
                Ok(0) | Err(_) => return,
                Ok(read) => units.waiting.extend_from_slice(&bytes[..read]),
            }
            while let Some(unit) = units.next() {
                let Some((part, cut)) = self.admit(number, direction, &unit) else { return };
                if to.write_all(&unit.bytes[..part]).is_err() {
                    return;
                }
                if cut {
                    return self.state().sever();
                }
            }
        }
    }

    /// Waits until the unit may pass. How many of its bytes do, and whether the connections are cut behind them; `None`
    /// if they are cut already.
    fn admit(&self, number: u64, direction: Direction, unit: &Unit) -> Option<(usize, bool)> {
        let way = direction as usize;
        let held = self.changed.wait_while(self.state(), |state| state.held[way] && number >= state.oldest);
        let mut state = held.unwrap();
        if number < state.oldest {
            return None;
        }
        state.passed[way] += 1;
        if let (Direction::Down, Some(texts), Some(text)) = (direction, &mut state.texts, unit.text()) {
            texts.push(text);
        }
        let passed = state.passed[way];
        match state.cut.take_if(|cut| cut.direction == direction && cut.unit == passed) {
            Some(cut) if cut.torn => Some((unit.bytes.len() / 2, true)),
            cut => Some((unit.bytes.len(), cut.is_some())),
        }
    }
}
