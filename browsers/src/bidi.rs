//! WebDriver BiDi (<https://www.w3.org/TR/webdriver-bidi/>): a session on a connection of its own. Only what is needed is
//! spoken, so that nothing of a page is set up that a reader of this file and of `firefox` does not see.

use std::collections::HashMap;

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::messages::Messages;

/// What is told of every request (sections 7.5.4 and 7.3.3): when it goes, when its answer's head is there, when its answer
/// is there, and why there is none. And which frames there are: what happens in a frame belongs to its page.
const EVENTS: [&str; 5] = [
    "browsingContext.contextCreated",
    "network.beforeRequestSent",
    "network.responseStarted",
    "network.responseCompleted",
    "network.fetchError",
];

/// A session with a browser.
pub(crate) struct BiDi {
    messages: Messages,
    /// Which context each frame lies in.
    parents: HashMap<String, String>,
    product: String,
}

/// Something happened in a page.
#[derive(Debug)]
pub(crate) struct Event {
    /// The context of the page, not of a frame in it.
    pub(crate) context: String,
    pub(crate) method: String,
    pub(crate) params: Value,
}

impl BiDi {
    /// Connects to `ws://127.0.0.1:PORT`, begins a session, and says what is to be told.
    ///
    /// # Errors
    /// When the browser does not answer, or refuses.
    pub(crate) async fn connect(url: &str) -> anyhow::Result<BiDi> {
        let messages = Messages::connect(&format!("{url}/session")).await?;
        let mut bidi = BiDi { messages, parents: HashMap::new(), product: String::new() };
        let began = bidi.call("session.new", json!({ "capabilities": {} })).await?;
        let told = |name: &str| began["capabilities"][name].as_str().unwrap_or("unknown");
        // As in the field User-Agent, a capital.
        let name = told("browserName").replacen('f', "F", 1);
        bidi.product = format!("{name}/{}", told("browserVersion"));
        bidi.call("session.subscribe", json!({ "events": EVENTS })).await?;
        Ok(bidi)
    }

    /// Name and version, as `Firefox/153.0`.
    pub(crate) fn product(&self) -> &str {
        &self.product
    }

    /// Gives a command and waits for its result.
    ///
    /// # Errors
    /// When the browser refuses it, does not answer within 30 s, or is gone.
    pub(crate) async fn call(&mut self, method: &str, params: Value) -> anyhow::Result<Value> {
        self.messages.call(json!({ "method": method, "params": params })).await
    }

    /// The next event of a request, of those that have come so far.
    pub(crate) fn taken(&mut self) -> Option<Event> {
        loop {
            let incoming = self.messages.taken()?;
            if let Some(event) = self.event(incoming) {
                return Some(event);
            }
        }
    }

    /// The next event of a request. It may be dropped while it waits: nothing is lost.
    ///
    /// # Errors
    /// When the browser is gone.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Event> {
        loop {
            let incoming = self.messages.next().await?;
            if let Some(event) = self.event(incoming) {
                return Ok(event);
            }
        }
    }

    fn event(&mut self, mut incoming: Value) -> Option<Event> {
        let method = incoming["method"].as_str()?.to_owned();
        let params = incoming["params"].take();
        let context = params["context"].as_str()?;
        if method == "browsingContext.contextCreated" {
            if let Some(parent) = params["parent"].as_str() {
                self.parents.insert(context.to_owned(), page_of(&self.parents, parent).to_owned());
            }
            return None;
        }
        Some(Event { context: page_of(&self.parents, context).to_owned(), method, params })
    }
}

/// The page that a frame lies in; a page lies in itself.
fn page_of<'c>(parents: &'c HashMap<String, String>, context: &'c str) -> &'c str {
    parents.get(context).map_or(context, String::as_str)
}

/// The value of `script.evaluate`, a text.
///
/// # Errors
/// When the script throws, or gives something else.
pub(crate) fn text_of(evaluated: &Value) -> anyhow::Result<String> {
    if evaluated["type"] == "exception" {
        anyhow::bail!("the page throws: {}", evaluated["exceptionDetails"]["text"].as_str().unwrap_or("?"));
    }
    evaluated["result"]["value"].as_str().map(str::to_owned).context("the page does not tell")
}
