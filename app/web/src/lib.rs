//! The browser shell: Confab's core as WebAssembly, in a dedicated worker.
#![cfg(target_arch = "wasm32")]
use rusqlite::Connection;
use sqlite_wasm_vfs::sahpool::{OpfsSAHPoolCfgBuilder, install};
use wasm_bindgen::prelude::*;

/// Opens the database and counts.
#[wasm_bindgen]
pub async fn probe() -> Result<String, JsError> {
    let config = OpfsSAHPoolCfgBuilder::new().directory("confab").vfs_name("opfs").build();
    install::<sqlite_wasm_rs::WasmOsCallback>(&config, false).await?;
    let db = Connection::open_with_flags_and_vfs("confab.db", rusqlite::OpenFlags::default(), c"opfs")?;
    db.execute_batch("create table if not exists t(x text); create virtual table if not exists f using fts5(a); insert into t values('x')")?;
    let n: i64 = db.query_row("select count(*) from t", [], |r| r.get(0))?;
    let v: String = db.query_row("select sqlite_version()", [], |r| r.get(0))?;
    Ok(format!("{n} {v}"))
}
