//! A request and its answer, put together from what a browser tells of them.

use feedbench_record::browsers::{Head, Order};
use serde_json::Value;

use crate::head;

/// A request and its answer, as far as they were told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Told {
    pub(crate) request: Head,
    /// The length of the request's head, as the browser counted it (bytes).
    pub(crate) request_bytes: u64,
    pub(crate) answer: Option<Head>,
    /// The length of the answer's head, as the browser counted it (bytes).
    pub(crate) answer_bytes: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Exchange {
    /// Method and target, once they are told.
    asked: Option<(String, String)>,
    /// Is it on its way, as far as the browser knows?
    is_going: bool,
    is_websocket: bool,
    fields: Option<Value>,
    /// The request's head where it is told whole.
    request: Option<Head>,
    answer: Option<Head>,
    /// What the browser counted for the heads, where it tells a number of its own (bytes).
    request_bytes: Option<u64>,
    answer_bytes: Option<u64>,
    /// Head and body of the answer (bytes).
    length: Option<u64>,
    /// What of the body has come by now, with its framing (bytes), for answers that a script reads while they come.
    received: u64,
    is_over: bool,
}

impl Exchange {
    /// Takes an event of the Chrome DevTools Protocol.
    pub(crate) fn take_devtools(&mut self, method: &str, mut params: Value) {
        match method {
            "Network.requestWillBeSent" => {
                let asked = &params["request"];
                let text = |name: &str| asked[name].as_str().unwrap_or_default();
                self.asked = Some((text("method").to_owned(), head::target_of(text("url")).to_owned()));
            }
            "Network.webSocketCreated" => {
                let url = params["url"].as_str().unwrap_or_default();
                self.asked = Some(("GET".to_owned(), head::target_of(url).to_owned()));
                self.is_websocket = true;
            }
            "Network.requestWillBeSentExtraInfo" => self.fields = Some(params["headers"].take()),
            "Network.webSocketWillSendHandshakeRequest" => self.fields = Some(params["request"]["headers"].take()),
            "Network.responseReceivedExtraInfo" => self.answer = whole(&params["headersText"]),
            "Network.webSocketHandshakeResponseReceived" => {
                let response = &params["response"];
                self.answer = whole(&response["headersText"]);
                let target = self.asked.as_ref().map(|(_, target)| target.as_str());
                self.request = response["requestHeadersText"]
                    .as_str()
                    .zip(target)
                    .and_then(|(text, target)| head::of_text(text, target));
            }
            "Network.loadingFinished" => {
                self.length = params["encodedDataLength"].as_f64().map(|bytes| bytes as u64);
                self.is_over = true;
            }
            "Network.dataReceived" => self.received += params["encodedDataLength"].as_f64().unwrap_or(0.0) as u64,
            "Network.loadingFailed" | "Network.webSocketClosed" => self.is_over = true,
            _ => {}
        }
    }

    /// Takes an event of WebDriver BiDi. Each repeats what is known of the request (section 7.5.3.14, `RequestData`). Before
    /// it is sent not all of its fields are there, and its head has no length.
    pub(crate) fn take_bidi(&mut self, method: &str, params: &Value) {
        let (request, response) = (&params["request"], &params["response"]);
        let text = |name: &str| request[name].as_str().unwrap_or_default();
        self.asked = Some((text("method").to_owned(), head::target_of(text("url")).to_owned()));
        // A request whose connection is refused has a head, too, but no instant at which it began.
        self.is_going = true;
        let is_sent = response.is_object() || request["timings"]["requestStart"].as_f64().is_some_and(|at| at > 0.0);
        if is_sent && let Some((method, target)) = &self.asked {
            self.request = head::of_list(&format!("{method} {target} HTTP/1.1"), &request["headers"]);
            self.request_bytes = request["headersSize"].as_u64();
        }
        if response.is_object() {
            let (status, reason) = (response["status"].as_u64().unwrap_or_default(), &response["statusText"]);
            let line = format!("HTTP/1.1 {status} {}", reason.as_str().unwrap_or_default());
            self.answer = head::of_list(&line, &response["headers"]);
            self.answer_bytes = response["headersSize"].as_u64();
        }
        match method {
            "network.responseCompleted" => {
                self.length = response["bytesReceived"].as_u64();
                self.is_over = true;
            }
            "network.fetchError" => self.is_over = true,
            _ => {}
        }
    }

    /// Does it ask for this path?
    pub(crate) fn is_of(&self, path: &str) -> bool {
        let asks = |target: &str| target.split('?').next() == Some(path);
        self.asked.as_ref().is_some_and(|(method, target)| method == "GET" && asks(target))
    }

    /// Has the request been sent, or is it about to be?
    pub(crate) fn has_begun(&self) -> bool {
        self.is_going || self.has_head()
    }

    /// Has it come to its end?
    pub(crate) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Is all known that can be?
    pub(crate) fn is_complete(&self) -> bool {
        self.is_over && self.has_head() && self.body().is_some()
    }

    /// Is the request's head known?
    fn has_head(&self) -> bool {
        self.request.is_some() || self.fields.is_some()
    }

    /// The length of the answer's body with its framing, once it is known (bytes). The end of an answer that a script has
    /// read to its end may be told as a failure, because the script has let go of it.
    pub(crate) fn body(&self) -> Option<u64> {
        let head = self.answer_bytes.or(self.answer.as_ref().map(Head::bytes))?;
        match self.length {
            Some(length) => Some(length.saturating_sub(head)),
            None if self.is_websocket => Some(0),
            None => (self.is_over && self.received > 0).then_some(self.received),
        }
    }

    /// Its heads; `None` without a request that was sent.
    pub(crate) fn told(&self) -> Option<Told> {
        let (method, target) = self.asked.as_ref()?;
        let of_fields = || head::of_fields(method, target, self.fields.as_ref()?);
        let request = self.request.clone().or_else(of_fields)?;
        let request_bytes = self.request_bytes.unwrap_or(request.bytes());
        let answer_bytes = self.answer_bytes.or(self.answer.as_ref().map(Head::bytes)).unwrap_or(0);
        Some(Told { request, request_bytes, answer: self.answer.clone(), answer_bytes })
    }
}

/// A head that is told whole.
fn whole(text: &Value) -> Option<Head> {
    let text = text.as_str()?.to_owned();
    Some(Head { text, order: Order::Wire })
}
