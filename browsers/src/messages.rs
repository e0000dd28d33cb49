//! JSON messages over a WebSocket: commands with a number, their answers, and events in between. The form of both protocols
//! that are spoken here, the Chrome DevTools Protocol and WebDriver BiDi.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection to a browser.
pub(crate) struct Messages {
    socket: WebSocketStream<TcpStream>,
    last_id: u64,
    /// What came while a command waited for its answer.
    events: VecDeque<Value>,
}

impl Messages {
    /// Connects to `ws://127.0.0.1:PORT/…`.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub(crate) async fn connect(url: &str) -> anyhow::Result<Messages> {
        let host =
            url.strip_prefix("ws://").and_then(|rest| rest.split('/').next()).context("no address of a browser")?;
        let stream = TcpStream::connect(host).await.context("the browser does not listen")?;
        let (socket, _) = tokio_tungstenite::client_async(url, stream).await.context("the browser does not answer")?;
        Ok(Messages { socket, last_id: 0, events: VecDeque::new() })
    }

    /// Gives a command, an object with `method` and `params`, and waits for its `result`.
    ///
    /// # Errors
    /// When the browser refuses it, does not answer within 30 s, or is gone.
    pub(crate) async fn call(&mut self, mut command: Value) -> anyhow::Result<Value> {
        self.last_id += 1;
        command["id"] = json!(self.last_id);
        let method = command["method"].as_str().unwrap_or_default();
        let waiting = async {
            self.socket.send(Message::text(command.to_string())).await.context("the browser is gone")?;
            loop {
                let mut incoming = self.receive().await?;
                if incoming["id"] != command["id"] {
                    self.keep(incoming);
                    continue;
                }
                // DevTools has the reason in an object, BiDi beside the error's name.
                let reason = match incoming.get("error") {
                    None => return Ok(incoming["result"].take()),
                    Some(Value::Object(error)) => error.get("message"),
                    Some(_) => incoming.get("message"),
                };
                bail!("the browser refuses {method}: {}", reason.and_then(Value::as_str).unwrap_or("no reason"));
            }
        };
        timeout(PATIENCE, waiting).await.map_err(|_| anyhow!("the browser does not answer {method}"))?
    }

    /// The next event, an object with `method` and `params`, of those that have come so far.
    pub(crate) fn taken(&mut self) -> Option<Value> {
        self.events.pop_front()
    }

    /// The next event. It may be dropped while it waits: nothing is lost.
    ///
    /// # Errors
    /// When the browser is gone.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Value> {
        loop {
            if let Some(event) = self.taken() {
                return Ok(event);
            }
            let incoming = self.receive().await?;
            self.keep(incoming);
        }
    }

    /// Keeps what is an event; an answer for which nobody waits any more is none.
    fn keep(&mut self, incoming: Value) {
        if incoming["method"].is_string() {
            self.events.push_back(incoming);
        }
    }

    async fn receive(&mut self) -> anyhow::Result<Value> {
        loop {
            match self.socket.next().await.context("the browser is gone")?.context("the browser is gone")? {
                Message::Text(text) => return serde_json::from_str(&text).context("the browser says what is no JSON"),
                Message::Close(_) => bail!("the browser has closed the connection"),
                _ => {}
            }
        }
    }
}
