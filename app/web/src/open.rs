//! Finding a place for the database.

use crate::Blocks;
use crate::blocks::{self, Database};
use confab_client::api::Storage;
use confab_client::browser::Browser;
use confab_store::{Store, StoreError};
use rusqlite::{Connection, OpenFlags};
use sqlite_wasm_rs::WasmOsCallback;
use sqlite_wasm_vfs::sahpool::{OpfsSAHError, OpfsSAHPoolCfgBuilder, install};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};

const FILE: &str = "confab.db";
/// The folder in OPFS, and the name of the file system there.
const FILES: &str = "confab";

/// A `Failure` of `engine.ts`.
fn failure(why: &str, message: impl std::fmt::Display) -> JsValue {
    let problem = serde_json::json!({ "code": "storage", "message": message.to_string() });
    JsValue::from_str(&serde_json::json!({ "why": why, "problem": problem }).to_string())
}

/// Opens the database in OPFS.
pub async fn in_files() -> Result<Store, JsValue> {
    let config = OpfsSAHPoolCfgBuilder::new().directory(FILES).vfs_name(FILES).build();
    install::<WasmOsCallback>(&config, false).await.map_err(|error| failure(why(&error), error))?;
    open(FILES)
}

/// Opens it in memory, with what the blocks hold.
pub async fn in_blocks(blocks: Option<Blocks>) -> Result<(Browser, Store), JsValue> {
    let loaded = match &blocks {
        Some(blocks) => blocks.load().await.ok(),
        None => None,
    };
    let storage = if loaded.is_some() { Storage::IndexedDb } else { Storage::Memory };
    let bytes = loaded.map(|bytes| bytes.to_vec()).unwrap_or_default();
    let database = Rc::new(RefCell::new(Database::new(bytes)));
    blocks::register(database.clone()).map_err(|error| failure("broken", error))?;
    let store = open(blocks::VFS_NAME)?;
    let place = Browser::new(storage);
    let Some(blocks) = blocks.map(Rc::new) else { return Ok((place, store)) };
    let flush = move || {
        let changes = database.borrow_mut().take_changes();
        let blocks = blocks.clone();
        let saving: std::pin::Pin<Box<dyn Future<Output = Result<(), String>>>> = Box::pin(async move {
            let Some((size, numbers, bytes)) = changes else { return Ok(()) };
            blocks.save(size as f64, numbers, bytes).await.map(drop).map_err(|error| text(&error))
        });
        saving
    };
    Ok((place.with_flush(Box::new(flush)), store))
}

fn open(vfs: &str) -> Result<Store, JsValue> {
    let connection = Connection::open_with_flags_and_vfs(FILE, OpenFlags::default(), vfs);
    let broken = |error: StoreError| failure("broken", error);
    Store::from_connection(connection.map_err(|error| broken(error.into()))?).map_err(broken)
}

/// By the name of the browser's exception (whatwg File System, section 3): locked by another worker, or not to be had.
fn why(error: &OpfsSAHError) -> &'static str {
    let name = match error {
        OpfsSAHError::NotSupported => return "unsupported",
        OpfsSAHError::Opfs { value, .. } => {
            js_sys::Reflect::get(value, &"name".into()).ok().and_then(|n| n.as_string())
        }
        _ => None,
    };
    match name.as_deref() {
        Some("NoModificationAllowedError" | "InvalidStateError") => "locked",
        Some("SecurityError" | "NotAllowedError" | "NotSupportedError" | "TypeError" | "UnknownError") => {
            "unsupported"
        }
        _ => "broken",
    }
}

fn text(error: &JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.message()),
        None => format!("{error:?}"),
    }
}
