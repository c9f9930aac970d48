//! A whole relay on port 0, and a client that says what it means.

use confab_relay::auth::token::AccessTokens;
use confab_relay::config::Config;
use confab_relay::run::{RunError, bind, run};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use std::net::SocketAddr;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub const SECRET: &str = "a secret for tests, long enough";
pub const PASSWORD: &str = "correct horse battery";

pub struct TestRelay {
    pub address: SocketAddr,
    pub folder: TempDir,
    stop: oneshot::Sender<()>,
    running: JoinHandle<Result<(), RunError>>,
    http: reqwest::Client,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|e| panic!("no JSON ({e}): {} {}", self.status, self.text))
    }

    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_else(|| panic!("no error: {}", self.text)).to_owned()
    }

    pub fn field(&self, name: &str) -> String {
        self.json()[name]
            .as_str()
            .unwrap_or_else(|| panic!("no {name}: {} {}", self.status, self.text))
            .to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The value of the refresh cookie that was set.
    pub fn cookie(&self) -> String {
        let cookie = self.header("set-cookie");
        let value = cookie.strip_prefix("confab_refresh=").unwrap_or_else(|| panic!("no cookie: {cookie:?}"));
        value.split(';').next().unwrap().to_owned()
    }
}

impl TestRelay {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::in_folder(folder, change).await
    }

    pub async fn in_folder(folder: TempDir, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::local(folder.path());
        config.jwt_secret = Some(SECRET.into());
        change(&mut config);
        let listener = bind(&config).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(run(config, listener, async move {
            let _ = stopped.await;
        }));
        let http = crate::web::client().build().unwrap();
        let relay = Self { address, folder, stop, running, http };
        // Connections wait in the listener's queue until the relay has started.
        assert_eq!(relay.get("/api/health", &[]).await.status, 200);
        relay
    }

    /// Stops it as SIGTERM would, and gives its folder back.
    pub async fn stop(self) -> TempDir {
        let _ = self.stop.send(());
        self.running.await.unwrap().unwrap();
        self.folder
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.post_with(path, body, &[]).await
    }

    pub async fn post_with(&self, path: &str, body: Value, headers: &[(&str, &str)]) -> Answer {
        let request =
            self.http.post(format!("http://{}{path}", self.address)).headers(header_map(headers)).json(&body);
        answer(request.send().await.unwrap()).await
    }

    /// A POST without a body.
    pub async fn post_bare(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = self.http.post(format!("http://{}{path}", self.address)).headers(header_map(headers));
        answer(request.send().await.unwrap()).await
    }

    pub async fn post_raw(&self, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
        let request = self
            .http
            .post(format!("http://{}{path}", self.address))
            .header("content-type", content_type)
            .body(body);
        answer(request.send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = self.http.get(format!("http://{}{path}", self.address)).headers(header_map(headers));
        answer(request.send().await.unwrap()).await
    }

    pub async fn register(&self, username: &str) -> Answer {
        let body = json!({"username": username, "display_name": username, "password": PASSWORD});
        let answer = self.post("/api/register", body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer
    }

    pub async fn login(&self, username: &str, password: &str) -> Answer {
        self.post("/api/login", json!({"username": username, "password": password})).await
    }

    pub async fn refresh(&self, token: &str) -> Answer {
        self.post("/api/refresh", json!({"refresh_token": token})).await
    }

    pub async fn logout(&self, access_token: &str, body: Value) -> Answer {
        self.post_with("/api/logout", body, &[("authorization", &format!("Bearer {access_token}"))]).await
    }

    /// A token of this relay's for `now`, which may lie in the past.
    pub fn token_of(&self, answer: &Answer, now: u64) -> String {
        let json = answer.json();
        let parse = |value: &Value| value.as_str().unwrap().parse().unwrap();
        let user = confab_protocol::UserId(parse(&json["user"]["id"]));
        let device = confab_protocol::DeviceId(parse(&json["device"]));
        AccessTokens::new(SECRET.as_bytes()).issue(user, device, now).unwrap()
    }
}

async fn answer(response: reqwest::Response) -> Answer {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, text: response.text().await.unwrap() }
}

fn header_map(pairs: &[(&str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in pairs {
        map.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
    }
    map
}
