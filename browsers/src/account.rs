//! The server's own word on what a page sent and got, as the page itself can ask for it.

use std::collections::HashMap;

use feedbench_record::Transport;
use feedbench_record::browsers::{Order, Witness};
use serde::Deserialize;

use crate::browser::Browser;
use crate::client::Client;
use crate::exchange::Told;
use crate::head::same_lines;

/// What `/account` says, as far as it is read.
#[derive(Debug, Deserialize)]
pub(crate) struct Account {
    transports: HashMap<String, OfTransport>,
}

#[derive(Debug, Deserialize)]
struct OfTransport {
    #[serde(default)]
    steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
struct Step {
    runs: Vec<Run>,
    #[serde(default)]
    cut: bool,
}

#[derive(Debug, Deserialize)]
struct Run {
    what: String,
    /// Absent where the bytes are no text.
    text: Option<String>,
}

/// Asks for what the server has of one page; `None` when it does not tell.
pub(crate) async fn ask(client: &Client, browser: &mut Browser) -> Option<Account> {
    let expression = format!(
        "(async () => {{ \
           const {{ ports }} = await (await fetch('/classroom')).json(); \
           const address = `http://${{location.hostname}}:${{ports.control}}/account?client={}&after=0`; \
           const answer = await fetch(address); \
           return answer.ok ? answer.text() : 'null'; \
         }})().catch(() => 'null')",
        client.name()
    );
    client.evaluate::<Option<Account>>(browser, &expression).await.ok().flatten()
}

impl Account {
    /// The heads that the server wrote down for a transport.
    fn heads(&self, transport: Transport) -> Vec<String> {
        let steps = self.transports.get(transport.id()).map_or(&[] as &[Step], |of| of.steps.as_slice());
        let whole = steps.iter().filter(|step| !step.cut);
        whole.map(Step::head).filter(|head| head.ends_with("\r\n\r\n")).collect()
    }

    /// Compares what the browser told of a page. Where both have the same bytes, `told` gets the server's order of fields.
    pub(crate) fn compare(&self, transport: Transport, told: &mut [Told]) -> Witness {
        let heads = self.heads(transport);
        let mut witness = Witness::default();
        for Told { request, request_bytes, answer, answer_bytes } in told {
            // A request line is of one request alone: it has the number of the request.
            let Some(head) = theirs(&heads, &request.text) else { continue };
            witness.compared += 1;
            if same_lines(head, &request.text) && *request_bytes == head.len() as u64 {
                witness.equal += 1;
                (request.text, request.order) = (head.to_owned(), Order::Wire);
            }
            if let Some(answer) = answer {
                witness.compared += 1;
                witness.equal += u64::from(heads.contains(&answer.text) && *answer_bytes == answer.bytes());
            }
        }
        witness
    }
}

/// The head with the same start line.
fn theirs<'h>(heads: &'h [String], ours: &str) -> Option<&'h str> {
    let line = ours.lines().next();
    heads.iter().map(String::as_str).find(|head| head.lines().next() == line)
}

impl Step {
    /// The head in it; empty where there is none.
    fn head(&self) -> String {
        let of_head = ["request-line", "status-line", "field", "blank-line"];
        let runs = self.runs.iter().filter(|run| of_head.contains(&run.what.replace('_', "-").as_str()));
        runs.filter_map(|run| run.text.as_deref()).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use feedbench_record::browsers::Head;

    const REQUEST: &str = "GET /sse?n=1 HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\n";

    fn account(request: &str) -> Account {
        let lines: Vec<_> = request.split_inclusive("\r\n").collect();
        let run = |(n, text): (usize, &&str)| {
            let what = if n == 0 {
                "request-line"
            } else if *text == "\r\n" {
                "blank-line"
            } else {
                "field"
            };
            serde_json::json!({ "what": what, "text": text })
        };
        let up: Vec<_> = lines.iter().enumerate().map(run).collect();
        let down = [
            serde_json::json!({ "what": "status-line", "text": "HTTP/1.1 200 OK\r\n" }),
            serde_json::json!({ "what": "blank-line", "text": "\r\n" }),
            serde_json::json!({ "what": "chunk-size", "text": "2\r\n" }),
        ];
        let account = serde_json::json!({ "transports": { "sse": { "steps": [{ "runs": up }, { "runs": down }] } } });
        serde_json::from_value(account).unwrap()
    }

    fn told(request: &str) -> Told {
        let head = |text: &str| Head { text: text.to_owned(), order: Order::Name };
        let (request, answer) = (head(request), head("HTTP/1.1 200 OK\r\n\r\n"));
        let (request_bytes, answer_bytes) = (request.bytes(), answer.bytes());
        Told { request, request_bytes, answer: Some(answer), answer_bytes }
    }

    #[test]
    fn the_server_agrees_and_knows_the_order() {
        let mut told = [told("GET /sse?n=1 HTTP/1.1\r\nAccept: */*\r\nHost: h\r\n\r\n")];
        let witness = account(REQUEST).compare(Transport::Sse, &mut told);
        assert_eq!(witness, Witness { compared: 2, equal: 2 });
        assert_eq!((told[0].request.text.as_str(), told[0].request.order), (REQUEST, Order::Wire));
    }

    #[test]
    fn a_byte_that_only_one_of_them_has_is_found() {
        let mut told = [told("GET /sse?n=1 HTTP/1.1\r\nAccept: */*\r\nHost: x\r\n\r\n")];
        let witness = account(REQUEST).compare(Transport::Sse, &mut told);
        assert_eq!((witness, told[0].request.order), (Witness { compared: 2, equal: 1 }, Order::Name));
    }

    #[test]
    fn a_length_that_is_not_the_servers_is_found() {
        let mut told = [Told { request_bytes: 7, answer_bytes: 8, ..told(REQUEST) }];
        let witness = account(REQUEST).compare(Transport::Sse, &mut told);
        assert_eq!(witness, Witness { compared: 2, equal: 0 });
    }

    #[test]
    fn what_the_server_has_no_more_is_not_compared() {
        let witness = account(REQUEST).compare(Transport::Sse, &mut [told("GET /sse?n=2 HTTP/1.1\r\n\r\n")]);
        assert_eq!(witness, Witness::default());
    }
}
