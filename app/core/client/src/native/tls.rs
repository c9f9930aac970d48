//! Whom to trust, the same for HTTP and for the socket.
//!
//! It is whom the system trusts, so that a relay with the certificate of one's own company or house works. Where the
//! system says nothing (no certificates installed; Android, which tells only Java), it is whom Mozilla trusts.

use rustls::{ClientConfig, ConfigBuilder, RootCertStore, client::WantsClientCert};
use std::sync::Arc;

/// How to talk TLS.
pub fn config() -> Result<Arc<ClientConfig>, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        || ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();
    let system = builder().and_then(trust_the_system).inspect_err(
        |error| tracing::debug!(%error, "the system's certificates cannot be used; those that came with the app are"),
    );
    let trusting = match system {
        Ok(trusting) => trusting,
        Err(_) => {
            let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
            builder()
                .map_err(|error| format!("TLS could not be set up: {error}."))?
                .with_root_certificates(roots)
        }
    };
    Ok(Arc::new(trusting.with_no_client_auth()))
}

type Untrusting = ConfigBuilder<ClientConfig, rustls::WantsVerifier>;
type Trusting = ConfigBuilder<ClientConfig, WantsClientCert>;

#[cfg(not(target_os = "android"))]
fn trust_the_system(builder: Untrusting) -> Result<Trusting, rustls::Error> {
    use rustls_platform_verifier::BuilderVerifierExt;
    builder.with_platform_verifier()
}

#[cfg(target_os = "android")]
fn trust_the_system(_builder: Untrusting) -> Result<Trusting, rustls::Error> {
    Err(rustls::Error::General("Android tells only Java whom it trusts".into()))
}
