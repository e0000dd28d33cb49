//! From the protocol's events to heads and sums. No socket and no clock: events in, figures out.
//!
//! What belongs to one request comes in several events, and not always in the same order: the heads come from another
//! process of the browser than the rest.

use std::collections::{HashMap, HashSet, VecDeque};

use feedbench_record::Transport;
use feedbench_record::browsers::{Head, RealBytes};
use feedbench_record::transport::Manner;
use serde_json::Value;

use crate::devtools::Event;
use crate::{frame, head};

/// So many heads of one page are kept to be compared with the server's.
const KEPT: usize = 256;

/// Watches the pages that follow one transport.
pub(crate) struct Recorder {
    transport: Transport,
    path: String,
    /// The session of the page whose heads are kept.
    kept_session: Option<String>,
    kept: VecDeque<Told>,
    /// By session and request.
    exchanges: HashMap<(String, String), Exchange>,
    /// The sessions of pages that have an answer.
    answered: HashSet<String>,
    sums: RealBytes,
}

/// A request and its answer, as far as they were told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Told {
    pub(crate) request: Head,
    pub(crate) answer: Option<Head>,
}

#[derive(Debug, Default)]
struct Exchange {
    /// Method and target, once they are told.
    asked: Option<(String, String)>,
    is_websocket: bool,
    fields: Option<Value>,
    /// The request's head where it is told whole.
    request: Option<Head>,
    answer: Option<Head>,
    /// Head and body of the answer (bytes).
    length: Option<u64>,
    /// What of the body has come by now, with its framing (bytes), for answers that a script reads while they come.
    received: u64,
    is_over: bool,
}

impl Recorder {
    /// Watches the requests of one transport.
    pub(crate) fn new(transport: Transport) -> Recorder {
        Recorder {
            transport,
            path: feedbench_wire::path::endpoint(transport),
            kept_session: None,
            kept: VecDeque::new(),
            exchanges: HashMap::new(),
            answered: HashSet::new(),
            sums: RealBytes::default(),
        }
    }

    /// Keeps the heads of this page.
    pub(crate) fn keep(&mut self, session: &str) {
        self.kept_session = Some(session.to_owned());
    }

    /// How many pages have sent a request of the transport.
    pub(crate) fn pages_that_asked(&self) -> usize {
        let is_open = |exchange: &Exchange| self.is_ours(exchange) && exchange.has_head();
        let open = self.exchanges.iter().filter(|(_, exchange)| is_open(exchange)).map(|((session, _), _)| session);
        self.answered.iter().chain(open).collect::<HashSet<_>>().len()
    }

    /// Are there exchanges that have begun and are not over?
    pub(crate) fn has_open(&self) -> bool {
        self.exchanges.values().any(|exchange| self.is_ours(exchange) && exchange.has_head() && !exchange.is_over)
    }

    /// Takes an event of the protocol.
    pub(crate) fn take(&mut self, event: Event) {
        let Event { session, method, mut params } = event;
        let Some(request) = params["requestId"].as_str().map(str::to_owned) else { return };
        let key = (session, request);
        match method.as_str() {
            "Network.webSocketFrameReceived" => return self.frame(&key, &params, false),
            "Network.webSocketFrameSent" => return self.frame(&key, &params, true),
            _ => {}
        }
        if !method.starts_with("Network.") {
            return;
        }
        let exchange = self.exchanges.entry(key.clone()).or_default();
        match method.as_str() {
            "Network.requestWillBeSent" => {
                let asked = &params["request"];
                let text = |name: &str| asked[name].as_str().unwrap_or_default();
                exchange.asked = Some((text("method").to_owned(), head::target_of(text("url")).to_owned()));
            }
            "Network.webSocketCreated" => {
                let url = params["url"].as_str().unwrap_or_default();
                exchange.asked = Some(("GET".to_owned(), head::target_of(url).to_owned()));
                exchange.is_websocket = true;
            }
            "Network.requestWillBeSentExtraInfo" => exchange.fields = Some(params["headers"].take()),
            "Network.webSocketWillSendHandshakeRequest" => {
                exchange.fields = Some(params["request"]["headers"].take());
            }
            "Network.responseReceivedExtraInfo" => exchange.answer = whole(&params["headersText"]),
            "Network.webSocketHandshakeResponseReceived" => {
                let response = &params["response"];
                exchange.answer = whole(&response["headersText"]);
                let target = exchange.asked.as_ref().map(|(_, target)| target.as_str());
                exchange.request = response["requestHeadersText"]
                    .as_str()
                    .zip(target)
                    .and_then(|(text, target)| head::of_text(text, target));
            }
            "Network.loadingFinished" => {
                exchange.length = params["encodedDataLength"].as_f64().map(|bytes| bytes as u64);
                exchange.is_over = true;
            }
            "Network.dataReceived" => exchange.received += params["encodedDataLength"].as_f64().unwrap_or(0.0) as u64,
            "Network.loadingFailed" | "Network.webSocketClosed" => exchange.is_over = true,
            _ => {}
        }
        self.fold_if_complete(&key);
    }

    fn is_ours(&self, exchange: &Exchange) -> bool {
        let path = |target: &str| target.split('?').next() == Some(self.path.as_str());
        exchange.asked.as_ref().is_some_and(|(method, target)| method == "GET" && path(target))
    }

    fn frame(&mut self, key: &(String, String), params: &Value, sent: bool) {
        if !self.exchanges.get(key).is_some_and(|exchange| self.is_ours(exchange)) {
            return;
        }
        let response = &params["response"];
        let payload = response["payloadData"].as_str().unwrap_or_default();
        // A binary message is told in base64.
        let is_binary = response["opcode"].as_f64() == Some(2.0);
        let bytes = if is_binary { payload.trim_end_matches('=').len() * 3 / 4 } else { payload.len() } as u64;
        let frames = &mut self.sums.frames;
        let (number, sum, headers) = match sent {
            true => (&mut frames.sent, &mut frames.sent_payload, &mut frames.sent_headers),
            false => (&mut frames.received, &mut frames.received_payload, &mut frames.received_headers),
        };
        *number += 1;
        *sum += bytes;
        *headers += frame::header_bytes(bytes, sent);
    }

    fn fold_if_complete(&mut self, key: &(String, String)) {
        let is_complete = |exchange: &Exchange| exchange.is_over && exchange.has_head() && exchange.body().is_some();
        if self.exchanges.get(key).is_some_and(|exchange| self.is_ours(exchange) && is_complete(exchange))
            && let Some(exchange) = self.exchanges.remove(key)
        {
            self.fold(&key.0, &exchange);
        }
    }

    fn fold(&mut self, session: &str, exchange: &Exchange) {
        let Some(told) = exchange.told() else { return };
        let request = told.request.bytes();
        if !self.answered.contains(session) {
            self.answered.insert(session.to_owned());
        }
        let sums = &mut self.sums;
        sums.request_min = if sums.requests == 0 { request } else { sums.request_min.min(request) };
        sums.request_max = sums.request_max.max(request);
        sums.requests += 1;
        sums.request_heads += request;
        match (&told.answer, exchange.body()) {
            (Some(answer), Some(body)) => {
                sums.answer_heads += answer.bytes();
                sums.bodies += body;
            }
            _ => sums.unfinished += 1,
        }
        if self.kept_session.as_deref() == Some(session) {
            self.kept.push_back(told);
            if self.kept.len() > KEPT {
                self.kept.pop_front();
            }
        }
    }

    /// The heads of the page that was chosen, those of exchanges that are not over included.
    pub(crate) fn kept(&self) -> Vec<Told> {
        let open = self
            .exchanges
            .iter()
            .filter(|((session, _), exchange)| self.kept_session.as_ref() == Some(session) && self.is_ours(exchange));
        self.kept.iter().cloned().chain(open.filter_map(|(_, exchange)| exchange.told())).collect()
    }

    /// What was sent and received for `events` deliveries.
    pub(crate) fn end(mut self, events: u64) -> RealBytes {
        let rest: Vec<_> = std::mem::take(&mut self.exchanges).into_iter().collect();
        for ((session, _), exchange) in rest {
            if self.is_ours(&exchange) {
                self.fold(&session, &exchange);
            }
        }
        let sums = &mut self.sums;
        sums.events = events;
        let heads = sums.request_heads + sums.answer_heads;
        let frames = sums.frames;
        let framed = [frames.received_payload, frames.received_headers, frames.sent_payload, frames.sent_headers];
        let is_pushed = self.transport.manner() == Manner::Pushed;
        let repeated = sums.bodies + framed.iter().sum::<u64>() + if is_pushed { 0 } else { heads };
        let known = sums.unfinished == 0 && sums.requests > 0;
        sums.per_event = (known && events > 0).then(|| repeated as f64 / events as f64);
        sums.opening = (known && is_pushed).then(|| heads as f64 / sums.requests as f64);
        self.sums
    }
}

impl Exchange {
    /// The length of the answer's body with its framing, once it is known (bytes). The end of an answer that a script has
    /// read to its end may be told as a failure, because the script has let go of it.
    fn body(&self) -> Option<u64> {
        let head = self.answer.as_ref()?.bytes();
        match self.length {
            Some(length) => Some(length.saturating_sub(head)),
            None if self.is_websocket => Some(0),
            None => (self.is_over && self.received > 0).then_some(self.received),
        }
    }

    fn has_head(&self) -> bool {
        self.request.is_some() || self.fields.is_some()
    }

    fn told(&self) -> Option<Told> {
        let (method, target) = self.asked.as_ref()?;
        let of_fields = || head::of_fields(method, target, self.fields.as_ref()?);
        let request = self.request.clone().or_else(of_fields)?;
        Some(Told { request, answer: self.answer.clone() })
    }
}

/// A head that is told whole.
fn whole(text: &Value) -> Option<Head> {
    let text = text.as_str()?.to_owned();
    Some(Head { text, order: feedbench_record::browsers::Order::Wire })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(method: &str, params: Value) -> Event {
        Event { session: "one".to_owned(), method: format!("Network.{method}"), params }
    }

    const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n";

    /// One poll of 2 bytes, told in some order.
    fn poll(id: &str) -> [Event; 4] {
        let url = format!("http://127.0.0.1:81/polling?n={id}");
        [
            event("requestWillBeSentExtraInfo", json!({ "requestId": id, "headers": { "Host": "h" } })),
            event("requestWillBeSent", json!({ "requestId": id, "request": { "method": "GET", "url": url } })),
            event("responseReceivedExtraInfo", json!({ "requestId": id, "headersText": ANSWER })),
            event("loadingFinished", json!({ "requestId": id, "encodedDataLength": ANSWER.len() + 2 })),
        ]
    }

    #[test]
    fn a_poll_is_counted_in_whichever_order_its_events_come() {
        for order in [[0, 1, 2, 3], [1, 0, 3, 2], [3, 2, 1, 0], [2, 3, 0, 1]] {
            let mut recorder = Recorder::new(Transport::Polling);
            let mut events = poll("1").map(Some);
            recorder.keep("one");
            order.into_iter().for_each(|at| recorder.take(events[at].take().unwrap()));
            assert!(!recorder.has_open() && recorder.pages_that_asked() == 1, "{order:?}");
            let kept = recorder.kept();
            let sums = recorder.end(2);
            let request = "GET /polling?n=1 HTTP/1.1\r\nHost: h\r\n\r\n";
            assert_eq!(kept[0].request.text, request, "{order:?}");
            assert_eq!((sums.requests, sums.request_heads), (1, request.len() as u64));
            assert_eq!((sums.answer_heads, sums.bodies, sums.unfinished), (ANSWER.len() as u64, 2, 0));
            assert_eq!(sums.per_event, Some((request.len() + ANSWER.len() + 2) as f64 / 2.0));
        }
    }

    #[test]
    fn what_is_no_request_of_the_transport_is_in_no_sum() {
        let mut recorder = Recorder::new(Transport::Sse);
        poll("1").into_iter().for_each(|event| recorder.take(event));
        assert_eq!(recorder.end(1), RealBytes { events: 1, ..RealBytes::default() });
    }

    #[test]
    fn a_request_that_was_never_sent_is_none_and_one_without_an_answer_is_unfinished() {
        let mut recorder = Recorder::new(Transport::Polling);
        let [fields, asked, ..] = poll("1");
        recorder.take(asked);
        recorder.take(event("loadingFailed", json!({ "requestId": "1" })));
        assert!(!recorder.has_open());
        recorder.take(fields);
        let [_, asked, ..] = poll("2");
        recorder.take(asked);
        recorder.take(event("loadingFailed", json!({ "requestId": "2" })));
        let sums = recorder.end(5);
        assert_eq!((sums.requests, sums.unfinished, sums.per_event), (1, 1, None));
    }

    #[test]
    fn a_stream_that_its_script_lets_go_of_has_the_length_of_what_came() {
        let mut recorder = Recorder::new(Transport::Polling);
        let [fields, asked, answered, _] = poll("1");
        [fields, asked, answered].into_iter().for_each(|event| recorder.take(event));
        let data = |bytes| event("dataReceived", json!({ "requestId": "1", "encodedDataLength": bytes }));
        [data(26), data(0), data(107)].into_iter().for_each(|event| recorder.take(event));
        assert!(recorder.has_open());
        recorder.take(event("loadingFailed", json!({ "requestId": "1", "canceled": true })));
        let sums = recorder.end(1);
        assert_eq!((sums.bodies, sums.unfinished), (133, 0));
    }

    #[test]
    fn frames_are_their_payload_and_a_header_that_follows_from_it() {
        let mut recorder = Recorder::new(Transport::WebSocket);
        recorder.take(event("webSocketCreated", json!({ "requestId": "1", "url": "ws://127.0.0.1:81/websocket?n=1" })));
        let request = "GET ws://127.0.0.1:81/websocket?n=1 HTTP/1.1\r\nHost: h\r\n\r\n";
        let response = json!({ "headersText": "HTTP/1.1 101\r\n\r\n", "requestHeadersText": request });
        recorder.take(event("webSocketHandshakeResponseReceived", json!({ "requestId": "1", "response": response })));
        let frame =
            |opcode, text: &str| json!({ "requestId": "1", "response": { "opcode": opcode, "payloadData": text } });
        recorder.take(event("webSocketFrameReceived", frame(1, &"a".repeat(126))));
        recorder.take(event("webSocketFrameReceived", frame(2, "AAE=")));
        recorder.take(event("webSocketFrameSent", frame(1, "é")));
        assert!(recorder.has_open());
        recorder.take(event("webSocketClosed", json!({ "requestId": "1" })));
        assert!(!recorder.has_open());
        let sums = recorder.end(2);
        assert_eq!((sums.frames.received_payload, sums.frames.received_headers), (126 + 2, 4 + 2));
        assert_eq!((sums.frames.sent_payload, sums.frames.sent_headers), (2, 6));
        let heads = "GET /websocket?n=1 HTTP/1.1\r\nHost: h\r\n\r\nHTTP/1.1 101\r\n\r\n".len();
        assert_eq!((sums.opening, sums.per_event), (Some(heads as f64), Some(71.0)));
    }
}
