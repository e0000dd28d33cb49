//! The Chrome DevTools Protocol: commands and events as JSON over a WebSocket. Sessions of pages share the one connection
//! ("flat"). Only what is needed is spoken, so that nothing of a page is set up that a reader of this file does not see.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection to a browser.
pub(crate) struct DevTools {
    socket: WebSocketStream<TcpStream>,
    last_id: u64,
    /// What came while a command waited for its answer.
    events: VecDeque<Event>,
}

/// Something happened in a page.
#[derive(Debug)]
pub(crate) struct Event {
    /// The session of the page.
    pub(crate) session: String,
    pub(crate) method: String,
    pub(crate) params: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Incoming {
    id: Option<u64>,
    method: Option<String>,
    #[serde(default)]
    params: Value,
    #[serde(default)]
    result: Value,
    error: Option<Value>,
    session_id: Option<String>,
}

impl DevTools {
    /// Connects to `ws://127.0.0.1:PORT/devtools/browser/…`.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub(crate) async fn connect(url: &str) -> anyhow::Result<DevTools> {
        let host =
            url.strip_prefix("ws://").and_then(|rest| rest.split('/').next()).context("no address of a browser")?;
        let stream = TcpStream::connect(host).await.context("the browser does not listen")?;
        let (socket, _) = tokio_tungstenite::client_async(url, stream).await.context("the browser does not answer")?;
        Ok(DevTools { socket, last_id: 0, events: VecDeque::new() })
    }

    /// Gives a command to a page, or to the browser itself, and waits for its result.
    ///
    /// # Errors
    /// When the browser refuses it, does not answer within 30 s, or is gone.
    pub(crate) async fn call(&mut self, session: Option<&str>, method: &str, params: Value) -> anyhow::Result<Value> {
        self.last_id += 1;
        let id = self.last_id;
        let mut command = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = session {
            command["sessionId"] = json!(session);
        }
        let waiting = async {
            self.socket.send(Message::text(command.to_string())).await.context("the browser is gone")?;
            loop {
                let incoming = self.receive().await?;
                match (incoming.id, &incoming.error) {
                    (Some(answered), None) if answered == id => return Ok(incoming.result),
                    (Some(answered), Some(error)) if answered == id => {
                        bail!("the browser refuses {method}: {}", error["message"].as_str().unwrap_or("no reason"))
                    }
                    _ => self.events.extend(Event::of(incoming)),
                }
            }
        };
        timeout(PATIENCE, waiting).await.map_err(|_| anyhow!("the browser does not answer {method}"))?
    }

    /// The events that have come so far.
    pub(crate) fn take_events(&mut self) -> VecDeque<Event> {
        std::mem::take(&mut self.events)
    }

    /// The next event. It may be dropped while it waits: nothing is lost.
    ///
    /// # Errors
    /// When the browser is gone.
    pub(crate) async fn next_event(&mut self) -> anyhow::Result<Event> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(event);
            }
            let incoming = self.receive().await?;
            self.events.extend(Event::of(incoming));
        }
    }

    async fn receive(&mut self) -> anyhow::Result<Incoming> {
        loop {
            match self.socket.next().await.context("the browser is gone")?.context("the browser is gone")? {
                Message::Text(text) => return serde_json::from_str(&text).context("the browser says what is no JSON"),
                Message::Close(_) => bail!("the browser has closed the connection"),
                _ => {}
            }
        }
    }
}

impl Event {
    fn of(incoming: Incoming) -> Option<Event> {
        let Incoming { method, params, session_id, .. } = incoming;
        Some(Event { session: session_id?, method: method?, params })
    }
}
