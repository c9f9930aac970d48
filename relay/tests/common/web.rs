//! The HTTP client of the tests.

/// A client without a proxy. It speaks plain HTTP, but wants to know who would encrypt: reqwest is built without a choice.
pub fn client() -> reqwest::ClientBuilder {
    // Somebody else may have been first, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0)
}
