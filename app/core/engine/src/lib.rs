//! The sans-IO client engine.
