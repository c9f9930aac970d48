//! The web client's files, out of the binary. There is no file system behind these addresses: what is not in the table
//! does not exist, however it is spelled.

use super::client::Client;
use super::error::ApiError;
use super::headers;
use axum::Extension;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use confab_protocol::Code;

/// A file of the client.
struct File {
    /// As in the address, with the slash.
    path: &'static str,
    /// Changes with the content.
    tag: &'static str,
    plain: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

/// By path, in order.
static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/client_files.rs"));

const INDEX: &str = "/index.html";

/// What a relay without a client says to a browser.
const NO_CLIENT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Confab</title>\
<h1>Confab's relay is running</h1><p>It was built without the web client. Build app/ui, then the relay again.</p></html>\n";

/// Any address that is no endpoint.
pub(super) async fn serve(
    method: Method,
    uri: Uri,
    Extension(client): Extension<Client>,
    request: HeaderMap,
) -> Response {
    if !matches!(method, Method::GET | Method::HEAD) {
        return ApiError::new(Code::Unsupported, "This address can only be read.")
            .with_status(StatusCode::METHOD_NOT_ALLOWED)
            .into_response();
    }
    let policy = headers::policy(client.host(&request).as_deref(), client.https);
    let mut response = match choose(FILES, uri.path()) {
        Choice::File(file) => answer(file, &request),
        Choice::NoClient => page(StatusCode::OK, "text/html; charset=utf-8", NO_CLIENT),
        Choice::Nothing => {
            page(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", "There is nothing here.\n")
        }
    };
    headers::of_page(response.headers_mut(), policy);
    response
}

enum Choice {
    File(&'static File),
    NoClient,
    Nothing,
}

fn choose(files: &'static [File], path: &str) -> Choice {
    let find = |path: &str| files.binary_search_by(|file| file.path.cmp(path)).ok().map(|at| &files[at]);
    if let Some(file) = find(if path == "/" { INDEX } else { path }) {
        return Choice::File(file);
    }
    if !is_screen(path) {
        return Choice::Nothing;
    }
    find(INDEX).map_or(Choice::NoClient, Choice::File)
}

/// Whether a path may be one of the client's own screens (`/c/…`), which all begin with the same page: letters, digits
/// and hyphens between slashes, and no name with a dot, which would be a file that is missing.
fn is_screen(path: &str) -> bool {
    path.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_' | b'@'))
        && !path.starts_with("/assets/")
        && path.len() <= 512
}

fn answer(file: &'static File, request: &HeaderMap) -> Response {
    let (encoding, bytes) = encoded(file, request);
    let tag = format!("\"{}{}\"", file.tag, encoding.map(|e| format!("-{e}")).unwrap_or_default());
    let same = request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|given| given.trim().trim_start_matches("W/") == tag);
    let mut response = if same {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Bytes::from_static(bytes).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(file.path)));
        if let Some(encoding) = encoding {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    };
    let headers = response.headers_mut();
    // The names of assets hold a hash of their content; all else is asked for again, at the cost of a 304.
    let cache =
        if file.path.starts_with("/assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    if file.brotli.is_some() || file.gzip.is_some() {
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    response
}

/// The smallest form that the browser takes (RFC 9110, section 12.5.3).
fn encoded(file: &File, request: &HeaderMap) -> (Option<&'static str>, &'static [u8]) {
    if let Some(bytes) = file.brotli.filter(|_| accepts(request, "br")) {
        return (Some("br"), bytes);
    }
    if let Some(bytes) = file.gzip.filter(|_| accepts(request, "gzip")) {
        return (Some("gzip"), bytes);
    }
    (None, file.plain)
}

fn accepts(request: &HeaderMap, encoding: &str) -> bool {
    let values = request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let quality = parts.find_map(|part| part.strip_prefix("q=")?.trim().parse::<f32>().ok());
        named && quality.is_none_or(|quality| quality > 0.0)
    })
}

fn page(status: StatusCode, content_type: &'static str, text: &'static str) -> Response {
    let mut response = (status, text).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static CLIENT: &[File] = &[
        File { path: "/assets/a-1.js", tag: "1", plain: b"plain", brotli: Some(b"br"), gzip: Some(b"gz") },
        File { path: "/index.html", tag: "2", plain: b"<p>", brotli: None, gzip: None },
    ];

    fn chosen(path: &str) -> Option<&'static str> {
        match choose(CLIENT, path) {
            Choice::File(file) => Some(file.path),
            _ => None,
        }
    }

    fn asset(pairs: &[(header::HeaderName, &str)]) -> Response {
        let headers = pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        answer(&CLIENT[0], &headers)
    }

    #[test]
    fn files_screens_and_nothing() {
        assert_eq!(chosen("/"), Some("/index.html"));
        assert_eq!(chosen("/assets/a-1.js"), Some("/assets/a-1.js"));
        assert_eq!(chosen("/c/01890a5d-ac96-774b-bcce-b302099a8057"), Some("/index.html"));
        for path in [
            "/assets/a-2.js",
            "/assets/gone",
            "/favicon.ico",
            "/../../etc/passwd",
            "/%2e%2e/%2e%2e/etc/passwd",
            "/..%5c..%5cwindows",
            "/c/%00",
            "/index.html%00.png",
            "/.env",
            "/.git/config",
            "//evil.example/x",
        ] {
            assert_eq!(chosen(path), None, "{path}");
        }
        assert!(matches!(choose(&[], "/"), Choice::NoClient));
        assert!(matches!(choose(&[], "/x.js"), Choice::Nothing));
    }

    #[test]
    fn the_best_encoding_that_is_taken() {
        let encoding = |accepted: &str| {
            let response = asset(&[(header::ACCEPT_ENCODING, accepted)]);
            assert_eq!(response.headers()[header::VARY], "accept-encoding");
            response.headers().get(header::CONTENT_ENCODING).map(|v| v.to_str().unwrap().to_owned())
        };
        assert_eq!(encoding("gzip, deflate, br, zstd").as_deref(), Some("br"));
        assert_eq!(encoding("gzip;q=0.8, br;q=0").as_deref(), Some("gzip"));
        assert_eq!(encoding("deflate"), None);
        assert_eq!(encoding("brotli"), None);
    }

    #[test]
    fn a_file_that_one_has_is_not_sent_again() {
        let first = asset(&[(header::ACCEPT_ENCODING, "br")]);
        let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
        let again =
            asset(&[(header::ACCEPT_ENCODING, "br"), (header::IF_NONE_MATCH, &format!("\"x\", W/{tag}"))]);
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        let other_form = asset(&[(header::ACCEPT_ENCODING, "gzip"), (header::IF_NONE_MATCH, &tag)]);
        assert_eq!(other_form.status(), StatusCode::OK);
        assert_eq!(first.headers()[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_eq!(answer(&CLIENT[1], &HeaderMap::new()).headers()[header::CACHE_CONTROL], "no-cache");
    }
}
