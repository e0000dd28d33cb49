//! The load generator under the same conditions: one cell of `feedbench load` against a fresh server, and the head that
//! its profile gives for the browser's own request.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, bail};
use feedbench_record::Record;
use feedbench_record::browsers::{Head, Imitation};
use feedbench_record::scenario::ConnectionPolicy;
use feedbench_record::summary::Cell;
use feedbench_wire::headers::{Ask, Profile, Scheme};
use tempfile::TempDir;
use tokio::process::Command;

use crate::args::Arguments;
use crate::head;
use crate::server::Server;

/// What the load generator sends and measures in the browser's place.
///
/// # Errors
/// When server or load generator cannot be started, or there is no record.
pub(crate) async fn imitate(arguments: &Arguments, request: Option<&Head>) -> anyhow::Result<Imitation> {
    let server = Server::start(arguments).await?;
    let record = cell(arguments, server.host()).await?;
    server.ask_to_end();
    server.gone().await?;
    let bytes = Cell::of(&record).bytes_per_event;
    Ok(Imitation {
        request: request.and_then(|request| head_for(arguments, &request.text)),
        delivered: Some(record.counts.delivered),
        latency: record.histograms.delivery_latency,
        per_event: bytes.total,
        opening: bytes.opening,
        reasons: record.verdict.reasons,
    })
}

/// The profile's head for a request: the same target, host, cookie and key. `None` when the profile does not say how.
fn head_for(arguments: &Arguments, request: &str) -> Option<String> {
    let profile = Profile::built_in(&arguments.headers).filter(|profile| profile.speaks(arguments.transport))?;
    let head = profile.head(&Ask {
        transport: arguments.transport,
        target: head::target(request)?,
        scheme: Scheme::Http,
        host: head::value(request, "host")?,
        connection: ConnectionPolicy::KeepAlive,
        cookie: head::value(request, "cookie"),
        last_event_id: head::value(request, "last-event-id"),
        key: Some(head::value(request, "sec-websocket-key").unwrap_or_default()),
    });
    String::from_utf8(head).ok()
}

/// Measures one cell.
async fn cell(arguments: &Arguments, host: &str) -> anyhow::Result<Record> {
    let out = TempDir::with_prefix("feedbench-load-").context("cannot make a folder for the load generator")?;
    let ended = Command::new(&arguments.feedbench)
        .args(["load", "--target", &format!("http://{host}"), "--transport", arguments.transport.id(), "--no-pin"])
        .args(["--clients", &arguments.clients.to_string(), "--payload", &arguments.payload.to_string()])
        .args(["--rate", &arguments.rate.to_string(), "--arrivals", &arguments.arrivals])
        .args(["--interval", &format!("{}ms", arguments.interval), "--hold", &format!("{}ms", arguments.hold)])
        .args(["--duration", &format!("{}ms", arguments.duration), "--warmup", "1s", "--headers", &arguments.headers])
        .args(["--json", "--out"])
        .arg(out.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .output()
        .await
        .context("cannot start the load generator")?;
    match record_in(out.path()) {
        Some(record) => Ok(record),
        None => bail!("the load generator has measured nothing: {}", String::from_utf8_lossy(&ended.stderr).trim()),
    }
}

/// The record that a run left in a folder of its own.
fn record_in(out: &Path) -> Option<Record> {
    let run = std::fs::read_dir(out).ok()?.next()?.ok()?.path();
    let record = std::fs::read_dir(run.join("records")).ok()?.next()?.ok()?.path();
    serde_json::from_slice(&std::fs::read(record).ok()?).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use feedbench_record::Transport;
    use feedbench_record::browsers::Family;

    #[test]
    fn the_profile_asks_for_what_the_browser_asked_for() {
        let request =
            "GET /websocket?n=7 HTTP/1.1\r\nHost: 127.0.0.1:81\r\nCookie: a=b\r\nSec-WebSocket-Key: k==\r\n\r\n";
        let arguments = Arguments {
            feedbench: "feedbench".into(),
            family: Family::Chromium,
            browser: "chromium".into(),
            transport: Transport::WebSocket,
            clients: 1,
            rate: 1.0,
            arrivals: "fixed".to_owned(),
            payload: 100,
            interval: 1,
            hold: 1,
            duration: 1,
            headers: "chromium".to_owned(),
            ends_with_input: false,
        };
        let head = head_for(&arguments, request).unwrap();
        assert!(head.starts_with("GET /websocket?n=7 HTTP/1.1\r\nHost: 127.0.0.1:81\r\n"), "{head}");
        assert!(head.contains("\r\nCookie: a=b\r\n") && head.contains("\r\nSec-WebSocket-Key: k==\r\n"), "{head}");
        let unknown = Arguments { headers: "no-such".to_owned(), ..arguments };
        assert_eq!(head_for(&unknown, request), None);
    }
}
