//! The commands. Which window may call which is in `capabilities/`; Tauri has checked it before anything comes here.
//!
//! Requests are handed on before a command returns to the event loop, so that they keep the order in which the page
//! made them; only the answers wait.

use confab_client::api::{Event, Request};
use confab_shell::Shell;
use confab_shell::api::{AccountNumber, ShellEvent, ShellRequest};
use confab_store::view::Problem;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tauri::ipc::{
    Channel, Invoke, InvokeBody, InvokeError, InvokeMessage, InvokeResponseBody, JavaScriptChannelId,
};
use tauri::{Manager, Wry};

/// Most troubles that wait for a page.
const MOST_UNTOLD: usize = 32;

/// The shell, or why there is none.
pub struct Held(pub Result<Shell, Problem>);

/// The pages that listen. A page that was loaded anew replaces the one before it.
#[derive(Default)]
pub struct Listeners(Mutex<Channels>);

#[derive(Default)]
struct Channels {
    accounts: BTreeMap<AccountNumber, Channel<InvokeResponseBody>>,
    shell: Option<Channel<InvokeResponseBody>>,
    /// What went wrong before a page listened: a damaged database is found before there is any.
    untold: Vec<(AccountNumber, Event)>,
}

impl Listeners {
    /// Tells the page what an account's client says.
    pub fn client(&self, account: AccountNumber, event: &Event) {
        let mut channels = self.channels();
        let told = channels.accounts.get(&account).is_some_and(|channel| send(channel, event).is_ok());
        if told {
            return;
        }
        channels.accounts.remove(&account);
        // Whatever else was missed, a page asks for as it begins.
        if matches!(event, Event::Trouble { .. }) && channels.untold.len() < MOST_UNTOLD {
            channels.untold.push((account, event.clone()));
        }
    }

    /// Tells the page what the shell says.
    pub fn shell(&self, event: ShellEvent) {
        let mut channels = self.channels();
        if channels.shell.as_ref().is_some_and(|channel| send(channel, &event).is_err()) {
            channels.shell = None;
        }
    }

    fn channels(&self) -> MutexGuard<'_, Channels> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn send(channel: &Channel<InvokeResponseBody>, event: &impl serde::Serialize) -> tauri::Result<()> {
    channel.send(InvokeResponseBody::Json(serde_json::to_string(event)?))
}

#[derive(Deserialize)]
struct Ask {
    account: AccountNumber,
    request: Request,
}

#[derive(Deserialize)]
struct Listen {
    account: Option<AccountNumber>,
    channel: String,
}

#[derive(Deserialize)]
struct OfShell {
    request: ShellRequest,
}

#[derive(Deserialize)]
struct Network {
    there: bool,
}

/// A notification, by its number.
#[cfg(mobile)]
#[derive(Deserialize)]
struct Touched {
    number: i32,
}

/// Answers a command of a page; `false` if there is no such command.
pub fn invoked(invoke: Invoke<Wry>) -> bool {
    let Invoke { message, resolver, .. } = invoke;
    match message.command() {
        "ask" => {
            let asked =
                with_shell(&message, |shell, Ask { account, request }| Ok(shell.ask(account, request)));
            resolver.respond_async(async move {
                let answer = async { asked?.await }.await;
                answer.map(|answer| tauri::ipc::Response::new(answer.json())).map_err(refusal)
            });
        }
        "shell" => {
            let webview = message.webview();
            let asked = arguments(&message).and_then(|OfShell { request }| {
                // What concerns windows alone works without the shell, too: an app that could not open its data can be quit.
                crate::window::requested(webview.app_handle(), &request);
                let held = message.webview_ref().state::<Held>();
                Ok(held.0.as_ref().map_err(Clone::clone)?.request(request))
            });
            resolver.respond_async(async move {
                let answer = async { asked?.await }.await.map_err(refusal)?;
                let json = serde_json::to_string(&answer).map_err(|error| refusal(internal(&error)))?;
                Ok(tauri::ipc::Response::new(json))
            });
        }
        "listen" => resolver.respond(listen(&message).map_err(refusal)),
        "network" => {
            let told = with_shell(&message, |shell, Network { there }| {
                shell.network(there);
                Ok(())
            });
            resolver.respond(told.map_err(refusal));
        }
        #[cfg(mobile)]
        "touched" => {
            let app = message.webview().app_handle().clone();
            resolver.respond_async(async move {
                let Touched { number } = arguments(&message).map_err(refusal)?;
                crate::mobile::opened(app, number).await;
                Ok(())
            });
        }
        _ => return false,
    }
    true
}

fn listen(message: &InvokeMessage<Wry>) -> Result<(), Problem> {
    let Listen { account, channel } = arguments(message)?;
    let id: JavaScriptChannelId = channel.parse().map_err(|error: &str| internal(&error))?;
    let channel = id.channel_on(message.webview());
    let listeners = message.webview_ref().state::<Listeners>();
    let mut channels = listeners.channels();
    match account {
        Some(account) => {
            for (_, event) in channels.untold.extract_if(.., |(of, _)| *of == account) {
                send(&channel, &event).map_err(|error| internal(&error))?;
            }
            channels.accounts.insert(account, channel);
        }
        None => channels.shell = Some(channel),
    }
    Ok(())
}

fn with_shell<A: DeserializeOwned, T>(
    message: &InvokeMessage<Wry>,
    work: impl FnOnce(&Shell, A) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let held = message.webview_ref().state::<Held>();
    let shell = held.0.as_ref().map_err(Clone::clone)?;
    work(shell, arguments(message)?)
}

fn arguments<A: DeserializeOwned>(message: &InvokeMessage<Wry>) -> Result<A, Problem> {
    match message.payload() {
        InvokeBody::Json(json) => A::deserialize(json).map_err(|error| internal(&error)),
        InvokeBody::Raw(_) => Err(internal(&"its arguments are no JSON")),
    }
}

fn internal(error: &dyn std::fmt::Display) -> Problem {
    let message = format!("The app does not know this request: {error}.");
    Problem { code: "internal_client".into(), message, retry_after_ms: None }
}

fn refusal(problem: Problem) -> InvokeError {
    InvokeError::from(serde_json::to_value(problem).unwrap_or_default())
}
