//! The Chrome DevTools Protocol. Sessions of pages share the one connection ("flat"). Only what is needed is spoken, so that
//! nothing of a page is set up that a reader of this file and of `chromium` does not see.

use serde_json::{Value, json};

use crate::messages::Messages;

/// A connection to a Chromium.
pub(crate) struct DevTools {
    messages: Messages,
}

/// Something happened in a page.
#[derive(Debug)]
pub(crate) struct Event {
    /// The session of the page.
    pub(crate) session: String,
    pub(crate) method: String,
    pub(crate) params: Value,
}

impl DevTools {
    /// Connects to `ws://127.0.0.1:PORT/devtools/browser/…`.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub(crate) async fn connect(url: &str) -> anyhow::Result<DevTools> {
        Ok(DevTools { messages: Messages::connect(url).await? })
    }

    /// Gives a command to a page, or to the browser itself, and waits for its result.
    ///
    /// # Errors
    /// When the browser refuses it, does not answer within 30 s, or is gone.
    pub(crate) async fn call(&mut self, session: Option<&str>, method: &str, params: Value) -> anyhow::Result<Value> {
        let mut command = json!({ "method": method, "params": params });
        if let Some(session) = session {
            command["sessionId"] = json!(session);
        }
        self.messages.call(command).await
    }

    /// The next event of a page, of those that have come so far.
    pub(crate) fn taken(&mut self) -> Option<Event> {
        std::iter::from_fn(|| self.messages.taken()).find_map(Event::of)
    }

    /// The next event of a page. It may be dropped while it waits: nothing is lost.
    ///
    /// # Errors
    /// When the browser is gone.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Event> {
        loop {
            if let Some(event) = Event::of(self.messages.next().await?) {
                return Ok(event);
            }
        }
    }
}

impl Event {
    fn of(mut incoming: Value) -> Option<Event> {
        let text = |name: &str| incoming[name].as_str().map(str::to_owned);
        let (session, method) = (text("sessionId")?, text("method")?);
        Some(Event { session, method, params: incoming["params"].take() })
    }
}
