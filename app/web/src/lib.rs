//! The browser shell: Confab's core as WebAssembly, in a worker of the tab that owns the database.
//!
//! It finds a place for the database (OPFS, else memory kept in IndexedDB, else memory), starts the client over it, and
//! passes requests, answers and events through as JSON. `app/ui/src/bridge/browser` is its other half.
//!
//! This crate must not know: which tab asks or how tabs agree on an owner, what a request means, or any screen.
#![cfg(target_arch = "wasm32")]

mod blocks;
mod open;

pub use open::{install_files, open_file};

use confab_client::Handle;
use confab_client::api::Request;
use confab_client::browser::Browser;
use confab_store::view::Problem;
use futures::StreamExt;
use std::future::Future;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

#[wasm_bindgen]
extern "C" {
    /// `Blocks` of `blocks.ts`.
    pub type Blocks;
    #[wasm_bindgen(method, catch)]
    async fn load(this: &Blocks) -> Result<js_sys::Uint8Array, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn save(this: &Blocks, size: f64, numbers: Vec<u32>, bytes: Vec<u8>) -> Result<JsValue, JsValue>;

    /// `Owed` of `owed.ts`.
    pub type Owed;
    #[wasm_bindgen(method, catch)]
    async fn read(this: &Owed) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn write(this: &Owed, owed: bool) -> Result<JsValue, JsValue>;
}

/// A running client.
#[wasm_bindgen]
pub struct Core {
    handle: Handle,
}

#[wasm_bindgen]
impl Core {
    /// Starts over a database in OPFS.
    ///
    /// # Errors
    /// A `Failure` of `engine.ts` as JSON: `locked` for a while after another worker's death, `unsupported` where the
    /// browser gives this page no files.
    #[wasm_bindgen(js_name = openFiles)]
    pub async fn open_files(relay: String, owed: Owed) -> Result<Core, JsValue> {
        let (place, opened) = open::in_files().await?;
        Ok(Self::start(place.with_mark(open::mark(owed)), opened, relay))
    }

    /// Starts over a database in memory, which is kept in these blocks if there are any.
    ///
    /// # Errors
    /// As [`Core::open_files`].
    #[wasm_bindgen(js_name = openBlocks)]
    pub async fn open_blocks(relay: String, owed: Owed, blocks: Option<Blocks>) -> Result<Core, JsValue> {
        let (place, opened) = open::in_blocks(blocks).await?;
        Ok(Self::start(place.with_mark(open::mark(owed)), opened, relay))
    }

    fn start(place: Browser, opened: open::Opened, relay: String) -> Self {
        let client = concat!("confab-web ", env!("CARGO_PKG_VERSION")).to_owned();
        let (handle, running) = confab_client::browser::client(place, opened, relay, client);
        spawn_local(running);
        Self { handle }
    }

    /// A request as JSON, answered with `{"ok": …}` or `{"problem": …}` as JSON.
    pub fn ask(&self, screen: u32, request: &str) -> js_sys::Promise {
        let asked = serde_json::from_str::<Request>(request).map(|r| self.handle.request_from(screen, r));
        wasm_bindgen_futures::future_to_promise(async move {
            let reply = match asked {
                Ok(answered) => reply(answered).await,
                Err(error) => problem(&Problem {
                    code: "internal_client".into(),
                    message: format!("The client does not know this request: {error}."),
                    retry_after_ms: None,
                }),
            };
            Ok(JsValue::from_str(&reply))
        })
    }

    /// A tab is gone.
    pub fn gone(&self, screen: u32) {
        self.handle.screen_gone(screen);
    }

    /// Calls back with every event as JSON.
    pub fn listen(&self, listener: js_sys::Function) {
        let mut events = self.handle.listen();
        spawn_local(async move {
            while let Some(event) = events.next().await {
                if let Ok(text) = serde_json::to_string(&event) {
                    // What goes wrong in a listener is told by the browser, and is no matter of the client.
                    let _ = listener.call1(&JsValue::NULL, &JsValue::from_str(&text));
                }
            }
        });
    }

    /// A page shows what is held here.
    pub fn painted(&self) {
        self.handle.painted();
    }

    /// The system says that there is a network again.
    #[wasm_bindgen(js_name = networkHint)]
    pub fn network_hint(&self) {
        self.handle.network_hint();
    }

    /// The system says that there is no network.
    #[wasm_bindgen(js_name = networkLost)]
    pub fn network_lost(&self) {
        self.handle.network_lost();
    }
}

async fn reply(answered: impl Future<Output = Result<confab_client::api::Answer, Problem>>) -> String {
    match answered.await {
        Ok(answer) => format!(r#"{{"ok":{}}}"#, answer.json()),
        Err(refusal) => problem(&refusal),
    }
}

fn problem(problem: &Problem) -> String {
    serde_json::json!({ "problem": problem }).to_string()
}
