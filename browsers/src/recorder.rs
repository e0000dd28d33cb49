//! From a browser's events to heads and sums. No socket and no clock: events in, figures out.
//!
//! What belongs to one request comes in several events, and in Chromium not always in the same order: the heads come from
//! another process of the browser than the rest.

use std::collections::{HashMap, HashSet, VecDeque};

use feedbench_record::Transport;
use feedbench_record::browsers::{Family, Frames, RealBytes};
use feedbench_record::transport::Manner;
use serde_json::Value;

use crate::browser::{Event, Page};
use crate::exchange::{Exchange, Told};
use crate::{bidi, devtools, frame};

/// So many heads of one page are kept to be compared with the server's.
const KEPT: usize = 256;

/// Watches the pages that follow one transport.
pub(crate) struct Recorder {
    transport: Transport,
    path: String,
    /// The page whose heads are kept.
    kept_page: Option<Page>,
    kept: VecDeque<Told>,
    /// By page and request.
    exchanges: HashMap<(Page, String), Exchange>,
    /// Pages that have an answer.
    answered: HashSet<Page>,
    sums: RealBytes,
}

impl Recorder {
    /// Watches the requests of one transport. Firefox does not tell of WebSocket messages.
    pub(crate) fn new(family: Family, transport: Transport) -> Recorder {
        let tells_frames = match family {
            Family::Chromium => true,
            Family::Firefox => transport != Transport::WebSocket,
        };
        Recorder {
            transport,
            path: feedbench_wire::path::endpoint(transport),
            kept_page: None,
            kept: VecDeque::new(),
            exchanges: HashMap::new(),
            answered: HashSet::new(),
            sums: RealBytes { frames: tells_frames.then(Frames::default), ..RealBytes::default() },
        }
    }

    /// Keeps the heads of this page.
    pub(crate) fn keep(&mut self, page: &Page) {
        self.kept_page = Some(page.clone());
    }

    /// How many pages have sent a request of the transport.
    pub(crate) fn pages_that_asked(&self) -> usize {
        let is_open = |exchange: &Exchange| self.is_ours(exchange) && exchange.has_begun();
        let open = self.exchanges.iter().filter(|(_, exchange)| is_open(exchange)).map(|((page, _), _)| page);
        self.answered.iter().chain(open).collect::<HashSet<_>>().len()
    }

    /// Are there exchanges that have begun and are not over?
    pub(crate) fn has_open(&self) -> bool {
        self.exchanges.values().any(|exchange| self.is_ours(exchange) && exchange.has_begun() && !exchange.is_over())
    }

    /// Takes what a browser tells.
    pub(crate) fn take(&mut self, event: Event) {
        match event {
            Event::Chromium(event) => self.take_devtools(event),
            Event::Firefox(event) => self.take_bidi(event),
        }
    }

    fn take_devtools(&mut self, event: devtools::Event) {
        let devtools::Event { session, method, params } = event;
        let Some(request) = params["requestId"].as_str().map(str::to_owned) else { return };
        let key = (Page(session), request);
        match method.as_str() {
            "Network.webSocketFrameReceived" => self.frame(&key, &params, false),
            "Network.webSocketFrameSent" => self.frame(&key, &params, true),
            network if network.starts_with("Network.") => {
                self.exchanges.entry(key.clone()).or_default().take_devtools(network, params);
                self.fold_if_complete(&key);
            }
            _ => {}
        }
    }

    fn take_bidi(&mut self, event: bidi::Event) {
        let bidi::Event { context, method, params } = event;
        let Some(request) = params["request"]["request"].as_str().map(str::to_owned) else { return };
        let key = (Page(context), request);
        let exchange = self.exchanges.entry(key.clone()).or_default();
        exchange.take_bidi(&method, &params);
        // An exchange of something else, and one that was never sent, are not needed any more.
        if exchange.is_over() && (!exchange.is_of(&self.path) || exchange.told().is_none()) {
            self.exchanges.remove(&key);
        }
        self.fold_if_complete(&key);
    }

    fn is_ours(&self, exchange: &Exchange) -> bool {
        exchange.is_of(&self.path)
    }

    fn frame(&mut self, key: &(Page, String), params: &Value, sent: bool) {
        if !self.exchanges.get(key).is_some_and(|exchange| self.is_ours(exchange)) {
            return;
        }
        let response = &params["response"];
        let payload = response["payloadData"].as_str().unwrap_or_default();
        // A binary message is told in base64.
        let is_binary = response["opcode"].as_f64() == Some(2.0);
        let bytes = if is_binary { payload.trim_end_matches('=').len() * 3 / 4 } else { payload.len() } as u64;
        let frames = self.sums.frames.get_or_insert_default();
        let (number, sum, headers) = match sent {
            true => (&mut frames.sent, &mut frames.sent_payload, &mut frames.sent_headers),
            false => (&mut frames.received, &mut frames.received_payload, &mut frames.received_headers),
        };
        *number += 1;
        *sum += bytes;
        *headers += frame::header_bytes(bytes, sent);
    }

    fn fold_if_complete(&mut self, key: &(Page, String)) {
        if self.exchanges.get(key).is_some_and(|exchange| self.is_ours(exchange) && exchange.is_complete())
            && let Some(exchange) = self.exchanges.remove(key)
        {
            self.fold(&key.0, &exchange);
        }
    }

    fn fold(&mut self, page: &Page, exchange: &Exchange) {
        let Some(told) = exchange.told() else { return };
        let request = told.request_bytes;
        if !self.answered.contains(page) {
            self.answered.insert(page.clone());
        }
        let sums = &mut self.sums;
        sums.request_min = if sums.requests == 0 { request } else { sums.request_min.min(request) };
        sums.request_max = sums.request_max.max(request);
        sums.requests += 1;
        sums.request_heads += request;
        match (&told.answer, exchange.body()) {
            (Some(_), Some(body)) => {
                sums.answer_heads += told.answer_bytes;
                sums.bodies += body;
            }
            _ => sums.unfinished += 1,
        }
        if self.kept_page.as_ref() == Some(page) {
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
            .filter(|((page, _), exchange)| self.kept_page.as_ref() == Some(page) && self.is_ours(exchange));
        self.kept.iter().cloned().chain(open.filter_map(|(_, exchange)| exchange.told())).collect()
    }

    /// What was sent and received for `events` deliveries.
    pub(crate) fn end(mut self, events: u64) -> RealBytes {
        let rest: Vec<_> = std::mem::take(&mut self.exchanges).into_iter().collect();
        for ((page, _), exchange) in rest {
            if self.is_ours(&exchange) {
                self.fold(&page, &exchange);
            }
        }
        let sums = &mut self.sums;
        sums.events = events;
        let heads = sums.request_heads + sums.answer_heads;
        let framed = sums.frames.map(|frames| {
            [frames.received_payload, frames.received_headers, frames.sent_payload, frames.sent_headers]
                .iter()
                .sum::<u64>()
        });
        let is_pushed = self.transport.manner() == Manner::Pushed;
        let known = sums.unfinished == 0 && sums.requests > 0;
        let repeated = framed.map(|framed| sums.bodies + framed + if is_pushed { 0 } else { heads });
        sums.per_event = repeated.filter(|_| known && events > 0).map(|bytes| bytes as f64 / events as f64);
        sums.opening = (known && is_pushed).then(|| heads as f64 / sums.requests as f64);
        self.sums
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(method: &str, params: Value) -> Event {
        let (session, method) = ("one".to_owned(), format!("Network.{method}"));
        Event::Chromium(devtools::Event { session, method, params })
    }

    /// An event of Firefox about the only request.
    fn told(method: &str, mut request: Value, response: Option<Value>) -> Event {
        request["request"] = json!("1");
        let mut params = json!({ "request": request });
        if let Some(response) = response {
            params["response"] = response;
        }
        let (context, method) = ("one".to_owned(), format!("network.{method}"));
        Event::Firefox(bidi::Event { context, method, params })
    }

    fn watching(transport: Transport) -> Recorder {
        Recorder::new(Family::Chromium, transport)
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
            let mut recorder = watching(Transport::Polling);
            let mut events = poll("1").map(Some);
            recorder.keep(&Page("one".to_owned()));
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
        let mut recorder = watching(Transport::Sse);
        poll("1").into_iter().for_each(|event| recorder.take(event));
        assert_eq!(recorder.end(1), RealBytes { events: 1, frames: Some(Frames::default()), ..RealBytes::default() });
    }

    #[test]
    fn a_request_that_was_never_sent_is_none_and_one_without_an_answer_is_unfinished() {
        let mut recorder = watching(Transport::Polling);
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
        let mut recorder = watching(Transport::Polling);
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
        let mut recorder = watching(Transport::WebSocket);
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
        let frames = sums.frames.unwrap();
        assert_eq!((frames.received_payload, frames.received_headers), (126 + 2, 4 + 2));
        assert_eq!((frames.sent_payload, frames.sent_headers), (2, 6));
        let heads = "GET /websocket?n=1 HTTP/1.1\r\nHost: h\r\n\r\nHTTP/1.1 101\r\n\r\n".len();
        assert_eq!((sums.opening, sums.per_event), (Some(heads as f64), Some(71.0)));
    }

    const ASKED: &str = "GET /polling?n=1 HTTP/1.1\r\nHost: h\r\n\r\n";

    fn request(path: &str, bytes: usize, began: f64) -> Value {
        json!({
            "method": "GET", "url": format!("http://127.0.0.1:81/{path}?n=1"), "headersSize": bytes,
            "headers": [{ "name": "Host", "value": { "type": "string", "value": "h" } }],
            "timings": { "requestStart": began },
        })
    }

    fn answer(received: usize) -> Value {
        json!({
            "status": 200, "statusText": "OK", "headersSize": ANSWER.len(), "bytesReceived": received,
            "headers": [{ "name": "content-length", "value": { "type": "string", "value": "2" } }],
        })
    }

    #[test]
    fn what_firefox_tells_of_a_poll_is_its_heads_and_its_body() {
        let mut recorder = Recorder::new(Family::Firefox, Transport::Polling);
        recorder.keep(&Page("one".to_owned()));
        recorder.take(told("beforeRequestSent", request("polling", 0, 0.0), None));
        assert!(recorder.has_open() && recorder.kept().is_empty());
        let sent = request("polling", ASKED.len(), 5.0);
        recorder.take(told("responseStarted", sent.clone(), Some(answer(ANSWER.len()))));
        assert!(recorder.has_open() && recorder.pages_that_asked() == 1);
        recorder.take(told("responseCompleted", sent, Some(answer(ANSWER.len() + 2))));
        assert!(!recorder.has_open());
        let kept = recorder.kept();
        assert_eq!((kept[0].request.text.as_str(), kept[0].answer.as_ref().unwrap().text.as_str()), (ASKED, ANSWER));
        let sums = recorder.end(1);
        assert_eq!((sums.request_heads, sums.answer_heads, sums.bodies), (ASKED.len() as u64, ANSWER.len() as u64, 2));
        assert_eq!(sums.per_event, Some((ASKED.len() + ANSWER.len() + 2) as f64));
    }

    #[test]
    fn a_request_of_firefox_that_found_no_server_was_never_sent() {
        for (began, requests) in [(0.0, 0), (5.0, 1)] {
            let mut recorder = Recorder::new(Family::Firefox, Transport::Polling);
            recorder.take(told("beforeRequestSent", request("polling", 0, 0.0), None));
            recorder.take(told("fetchError", request("polling", ASKED.len(), began), None));
            assert!(!recorder.has_open());
            let sums = recorder.end(1);
            assert_eq!((sums.requests, sums.unfinished), (requests, requests));
        }
    }

    #[test]
    fn frames_of_which_firefox_does_not_tell_are_absent() {
        let mut recorder = Recorder::new(Family::Firefox, Transport::WebSocket);
        let sent = request("websocket", ASKED.len() + 2, 5.0);
        recorder.take(told("responseCompleted", sent, Some(answer(ANSWER.len()))));
        let sums = recorder.end(3);
        assert_eq!((sums.frames, sums.per_event), (None, None));
        assert_eq!(sums.opening, Some((ASKED.len() + 2 + ANSWER.len()) as f64));
    }
}
