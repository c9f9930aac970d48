//! Why a relay was not reached, for people.

use crate::convert::own;
use confab_store::view::Problem;
use std::error::Error;

/// The innermost cause says most ("connection refused"); the outer ones repeat the address. The code is `certificate` if
/// the relay's was not taken, else `offline`. `whom` begins the sentence.
pub fn unreached(whom: &str, error: &(dyn Error + 'static)) -> Problem {
    let mut cause = error;
    let mut certificate = speaks_of_a_certificate(cause);
    while let Some(inner) = cause.source() {
        cause = inner;
        certificate |= speaks_of_a_certificate(cause);
    }
    if certificate {
        return own(
            "certificate",
            format!("{whom} shows a certificate that this device does not trust: {cause}."),
        );
    }
    own("offline", format!("{whom} cannot be reached: {cause}."))
}

/// The libraries on the way wrap rustls' error differently, but all repeat its words ("invalid peer certificate: …").
fn speaks_of_a_certificate(error: &(dyn Error + 'static)) -> bool {
    error.to_string().to_ascii_lowercase().contains("certificate")
}
