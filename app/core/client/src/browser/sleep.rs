//! Timers.

use futures::channel::oneshot;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &JsValue, ms: i32) -> f64;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: f64);
}

/// Waits. Browsers take no more than 24.8 days at once; whoever sleeps longer looks at the clock again anyway.
pub fn sleep(ms: u64) -> impl Future<Output = ()> + 'static {
    let (fire, fired) = oneshot::channel();
    let callback = Closure::once(move || {
        let _ = fire.send(());
    });
    let timer = set_timeout(callback.as_ref(), i32::try_from(ms).unwrap_or(i32::MAX));
    Sleep { timer, fired, _callback: callback }
}

struct Sleep {
    timer: f64,
    fired: oneshot::Receiver<()>,
    _callback: Closure<dyn FnMut()>,
}

impl Future for Sleep {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.fired).poll(cx).map(|_| ())
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        clear_timeout(self.timer);
    }
}
