//! The text of a frame.

use std::ops::Deref;
use std::sync::Arc;

/// The text of a frame, encoded once and shared by every queue that it waits in.
///
/// One word, and made of a `String` without copying it: a page of changes is large, and queues are many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameText(Arc<String>);

impl From<String> for FrameText {
    fn from(text: String) -> Self {
        Self(Arc::new(text))
    }
}

impl Deref for FrameText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}
