//! The classroom's paths: what there is, the accounts, and the settings.

use bytes::Bytes;
use feedbench_record::Transport;
use feedbench_record::scenario::PAYLOAD_MIN_BYTES;
use feedbench_wire::path;
use http_body_util::{BodyExt as _, Limited};
use hyper::Response;
use hyper::body::Incoming;
use hyper::http::request::Parts;
use serde_json::{Map, Value, json};

use super::accounts::{CLIENTS_MAX, ClientName};
use super::origin::Asker;
use super::settings::{PAYLOAD_MAX_BYTES, RTT_MAX_MS, Settings};
use super::{Classroom, allowance};
use crate::admin::TOOL;
use crate::answer::{self, Body, Refusal};
use crate::site::Site;
use crate::transport::number;

/// The longest wish (bytes).
const WISH_MAX_BYTES: usize = 1_000;
/// The longest cookie that the page makes (bytes): a head has room for it.
const COOKIE_MAX_BYTES: usize = 2_000;

/// `/classroom`: what the page has to know before it begins.
pub fn classroom(classroom: &Classroom, site: &Site) -> Response<Body> {
    let ports = classroom.ports();
    let mut by_name: Map<String, Value> = Transport::ALL
        .iter()
        .map(|&transport| (transport.id().to_owned(), ports.of_transport(transport).into()))
        .collect();
    by_name.insert("control".to_owned(), ports.control().into());
    json_answer(&json!({
        "tool": TOOL,
        "epoch": epoch(site),
        "topic": classroom.topic,
        "source": classroom.source,
        "ports": by_name,
        "settings": *classroom.settings.borrow(),
        "adjustable": classroom.adjustable,
        "payload_min_bytes": PAYLOAD_MIN_BYTES,
        "limits": {
            "rate_per_s": classroom.rate_max_per_s,
            "payload_bytes": PAYLOAD_MAX_BYTES,
            "rtt_ms": RTT_MAX_MS,
            "publish_bytes": allowance::TEXT_MAX_BYTES,
            "publish_per_s": allowance::TEXTS_PER_S,
            "cookie_bytes": COOKIE_MAX_BYTES,
            "clients": CLIENTS_MAX,
        },
    }))
}

/// `/account?client=&after=`: what the server has written down of one page's exchanges.
///
/// # Errors
/// When the request names no client, or there is no room for another one.
pub fn account(head: &Parts, classroom: &Classroom, site: &Site) -> Result<Response<Body>, Refusal> {
    let client = path::parameter(head.uri.query(), path::CLIENT).and_then(ClientName::of).ok_or(Refusal::NoClient)?;
    let after = number(head, "after")?.unwrap_or(0);
    let now_us = site.clock.now_us();
    let statement = classroom.accounts.statement(client, after, now_us).ok_or(Refusal::ClassroomFull)?;
    Ok(json_answer(&json!({
        "now_us": now_us,
        "epoch": epoch(site),
        "connections": site.ledger.open_now(),
        "settings": *classroom.settings.borrow(),
        "transports": statement,
    })))
}

/// `POST /settings`: sets what the body names.
///
/// # Errors
/// When another site's page asks, or a value is out of range.
pub async fn set(classroom: &Classroom, asker: &Asker, body: Incoming) -> Result<Response<Body>, Refusal> {
    if *asker == Asker::Foreign {
        return Err(Refusal::ForeignOrigin);
    }
    let body = Limited::new(body, WISH_MAX_BYTES).collect().await.map_err(|_| Refusal::BodyCut)?;
    let wish = serde_json::from_slice(&body.to_bytes()).map_err(|_| Refusal::NotAWish)?;
    let settings: Settings = classroom.set(wish)?;
    Ok(json_answer(&json!(settings)))
}

fn epoch(site: &Site) -> String {
    format!("{:04x}", site.feed.epoch())
}

fn json_answer(value: &Value) -> Response<Body> {
    answer::whole("application/json", Bytes::from(value.to_string()))
}
