//! Finding a place for the database, and another one when what lies there is damaged.

use crate::blocks::{self, Database};
use crate::{Blocks, Owed};
use confab_client::api::Storage;
use confab_client::browser::{Browser, Mark};
use confab_client::storage_problem;
use confab_store::view::Problem;
use confab_store::{Rescued, Salvage, Store, StoreError};
use rusqlite::{Connection, OpenFlags};
use sqlite_wasm_rs::WasmOsCallback;
use sqlite_wasm_rs::vfs::VfsFilesManager;
use sqlite_wasm_vfs::sahpool::{OpfsSAHError, OpfsSAHPoolCfgBuilder, OpfsSAHPoolUtil, install};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};

/// The database where there is only one.
const FILE: &str = "confab.db";
/// The folder in OPFS, and the name of the file system there.
const FILES: &str = "confab";

/// An open database, and what was taken over into it if the one before was damaged.
pub type Opened = (Store, Option<Rescued>);

/// A `Failure` of `engine.ts`.
fn failure(why: &str, problem: &Problem) -> JsValue {
    JsValue::from_str(&serde_json::json!({ "why": why, "problem": problem }).to_string())
}

fn broken(error: &StoreError) -> JsValue {
    failure("broken", &storage_problem(error))
}

fn told(code: &str, message: impl std::fmt::Display) -> Problem {
    Problem { code: code.into(), message: message.to_string(), retry_after_ms: None }
}

/// The files in OPFS. A file there cannot take another's name, so each rescue begins a file with the next number, and the
/// one before stays beside it.
struct Pool {
    util: OpfsSAHPoolUtil,
    number: Cell<u32>,
}

impl Pool {
    /// The file to go on with: the newest. What an interrupted rescue began is removed; a damaged one is the newest all
    /// the same, for the one before it holds work that was done since, or was given up.
    fn find(util: OpfsSAHPoolUtil) -> Result<Self, StoreError> {
        let pool = Self { util, number: Cell::new(1) };
        for number in pool.numbers().into_iter().rev() {
            let complete = match connect(&file(number), FILES).and_then(|c| Salvage::is_complete(&c)) {
                Err(error) if error.is_damage() => true,
                known => known?,
            };
            if number == 1 || complete {
                pool.number.set(number);
                break;
            }
            pool.remove(number);
        }
        Ok(pool)
    }

    /// The numbers of the files that there are, the oldest first.
    fn numbers(&self) -> Vec<u32> {
        let names = self.util.names().unwrap_or_default();
        let mut numbers: Vec<u32> = names.iter().filter_map(|name| number_of(name)).collect();
        numbers.sort_unstable();
        numbers
    }

    fn open(&self) -> Result<Opened, StoreError> {
        match open_file(&file(self.number.get())) {
            Err(error) if error.is_damage() => self.rescue().map(|(store, rescued)| (store, Some(rescued))),
            opened => Ok((opened?, None)),
        }
    }

    /// Begins the next file with what can be rescued from this one, which nobody has open.
    fn rescue(&self) -> Result<(Store, Rescued), StoreError> {
        let damaged = self.number.get();
        let salvage = Salvage::read(&connect(&file(damaged), FILES)?);
        // There is room for two.
        for older in self.numbers().into_iter().filter(|number| *number != damaged) {
            self.remove(older);
        }
        let mut store = open_file(&file(damaged + 1))?;
        let rescued = salvage.write(&mut store)?;
        self.number.set(damaged + 1);
        Ok((store, rescued))
    }

    fn remove(&self, number: u32) {
        // What cannot be removed takes room and does no other harm.
        let _ = self.util.remove(&file(number));
        let _ = self.util.remove(&format!("{}-journal", file(number)));
    }
}

fn file(number: u32) -> String {
    if number == 1 { FILE.to_owned() } else { format!("confab-{number}.db") }
}

fn number_of(name: &str) -> Option<u32> {
    let name = name.trim_start_matches('/');
    if name == FILE {
        return Some(1);
    }
    name.strip_prefix("confab-")?.strip_suffix(".db")?.parse().ok()
}

/// Takes the files in OPFS for this worker, and makes them the file system of [`open_file`].
///
/// # Errors
/// What the browser says: another worker has them, or this page gets none.
pub async fn install_files() -> Result<OpfsSAHPoolUtil, OpfsSAHError> {
    let config = OpfsSAHPoolCfgBuilder::new().directory(FILES).vfs_name(FILES).build();
    install::<WasmOsCallback>(&config, false).await
}

/// Opens the database of this name in OPFS.
///
/// # Errors
/// See [`StoreError`].
pub fn open_file(name: &str) -> Result<Store, StoreError> {
    connect(name, FILES).and_then(Store::from_connection)
}

/// Opens the database in OPFS.
pub async fn in_files() -> Result<(Browser, Opened), JsValue> {
    let util = install_files().await.map_err(|error| {
        let why = why(&error);
        failure(why, &told(if why == "locked" { "in_use" } else { "storage" }, error))
    })?;
    let pool = Rc::new(Pool::find(util).map_err(|error| broken(&error))?);
    let opened = pool.open().map_err(|error| broken(&error))?;
    let rescue = move || pool.rescue().map_err(|error| error.to_string());
    Ok((Browser::new(Storage::Persistent, Box::new(rescue)), opened))
}

/// Opens it in memory, with what the blocks hold.
pub async fn in_blocks(blocks: Option<Blocks>) -> Result<(Browser, Opened), JsValue> {
    let loaded = match &blocks {
        Some(blocks) => blocks.load().await.ok(),
        None => None,
    };
    let storage = if loaded.is_some() { Storage::IndexedDb } else { Storage::Memory };
    let bytes = loaded.map(|bytes| bytes.to_vec()).unwrap_or_default();
    let database = Rc::new(RefCell::new(Database::new(bytes)));
    blocks::register(database.clone()).map_err(|error| failure("broken", &told("storage", error)))?;
    let file = database.clone();
    // There is room for one: what cannot be rescued of the damaged one is gone.
    let rescue = move || {
        let salvage = Salvage::read(&connect(FILE, blocks::VFS_NAME)?);
        file.borrow_mut().clear();
        let mut store = Store::from_connection(connect(FILE, blocks::VFS_NAME)?)?;
        let rescued = salvage.write(&mut store)?;
        Ok::<_, StoreError>((store, rescued))
    };
    let opened = match connect(FILE, blocks::VFS_NAME).and_then(Store::from_connection) {
        Err(error) if error.is_damage() => rescue().map(|(store, rescued)| (store, Some(rescued))),
        opened => opened.map(|store| (store, None)),
    };
    let opened = opened.map_err(|error| broken(&error))?;
    let place = Browser::new(storage, Box::new(move || rescue().map_err(|error| error.to_string())));
    let Some(blocks) = blocks.map(Rc::new) else { return Ok((place, opened)) };
    let flush = move || {
        let changes = database.borrow_mut().take_changes();
        let blocks = blocks.clone();
        let saving: std::pin::Pin<Box<dyn Future<Output = Result<(), String>>>> = Box::pin(async move {
            let Some((size, numbers, bytes)) = changes else { return Ok(()) };
            blocks.save(size as f64, numbers, bytes).await.map(drop).map_err(|error| text(&error))
        });
        saving
    };
    Ok((place.with_flush(Box::new(flush)), opened))
}

/// Where the client notes that a log-out is owed.
pub fn mark(owed: Owed) -> Mark {
    let owed = Rc::new(owed);
    let other = owed.clone();
    Mark {
        read: Box::new(move || {
            let owed = owed.clone();
            Box::pin(async move {
                owed.read().await.map(|stands| stands.is_truthy()).map_err(|error| text(&error))
            })
        }),
        write: Box::new(move |stands| {
            let owed = other.clone();
            Box::pin(async move { owed.write(stands).await.map(drop).map_err(|error| text(&error)) })
        }),
    }
}

fn connect(file: &str, vfs: &str) -> Result<Connection, StoreError> {
    Ok(Connection::open_with_flags_and_vfs(file, OpenFlags::default(), vfs)?)
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
