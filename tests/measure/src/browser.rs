//! The same in a worker of a browser, over a file in OPFS that is opened as the product opens it.

use crate::{Failure, Place};
use js_sys::Function;
use wasm_bindgen::prelude::*;

const FILE: &str = "measure.db";

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

/// Makes the cache. `say` is called with every line.
///
/// # Errors
/// What the browser or the store says, as text.
#[wasm_bindgen]
pub async fn prepare(messages: u32, rooms: u32, say: Function) -> Result<(), JsValue> {
    let place = place(say).await?;
    crate::prepare(&place, messages.into(), rooms.into()).map_err(told)
}

/// Measures the one that another worker made.
///
/// # Errors
/// As [`prepare`].
#[wasm_bindgen]
pub async fn run(messages: u32, rooms: u32, say: Function) -> Result<(), JsValue> {
    let place = place(say).await?;
    crate::run(&place, messages.into(), rooms.into()).map_err(told)
}

async fn place(say: Function) -> Result<Place<'static>, JsValue> {
    let start = now();
    confab_web::install_files().await.map_err(told)?;
    let place = Place {
        open: Box::new(|| confab_web::open_file(FILE)),
        now_ms: Box::new(now),
        say: Box::new(move |line| drop(say.call1(&JsValue::NULL, &line.into()))),
    };
    place.time("take the files", now() - start, "");
    Ok(place)
}

fn told(error: impl Into<Failure>) -> JsValue {
    JsValue::from_str(&error.into().to_string())
}
