//! Who someone is: passwords, access tokens, refresh tokens and the secret behind the latter two.
//!
//! Nothing here knows HTTP, sockets or SQL.

pub mod password;
pub mod refresh;
pub mod secret;
pub mod token;
