//! Asks a target what it is before thousands of clients do.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use feedbench_record::scenario::Protocol;
use feedbench_wire::io::tls::{Connector, Trust};
use feedbench_wire::io::{End, Meter, Tls};
use feedbench_wire::{Clock, path};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;

/// How long a target may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The longest answer that is read (bytes).
const ANSWER_MAX_BYTES: usize = 1 << 20;

/// The clocks of a server.
#[derive(Clone, Debug, Deserialize)]
pub struct TargetClock {
    /// Its CLOCK_MONOTONIC (us).
    pub monotonic_us: u64,
    /// Its wall clock (us since 1970).
    pub realtime_us: u64,
    /// Which life of which kernel the first one belongs to.
    pub boot_id: String,
}

/// What a server tells about a span of a topic.
#[derive(Clone, Debug, Deserialize)]
struct TargetStats {
    published_in_range: Option<u64>,
}

/// Why a target cannot be measured.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// Nothing answers.
    #[error("cannot reach {target}: {reason}; is `feedbench serve` running there?")]
    Unreachable {
        /// The target.
        target: SocketAddr,
        /// What the network said.
        reason: String,
    },
    /// Something answers, but not inside TLS, or it is not to be trusted.
    #[error("no TLS with {target}: {reason}")]
    Tls {
        /// The target.
        target: SocketAddr,
        /// What is wrong.
        reason: String,
    },
    /// Something answers that is no feedbench server.
    #[error("{target} answers, but is not a feedbench server ({reason}); start one with `feedbench serve`")]
    NotFeedbench {
        /// The target.
        target: SocketAddr,
        /// What it answered.
        reason: String,
    },
}

/// The clocks of the target, which is asked inside TLS where there is somebody to trust.
///
/// # Errors
/// When nothing answers within 5 s, the answer is not a feedbench server's, or the server is not to be trusted.
pub async fn clock(target: SocketAddr, host: &str, tls: Option<&Trust>) -> Result<TargetClock, ProbeError> {
    get(target, host, tls, path::CLOCK).await
}

/// How many events of a topic have their intended instant in a span of the target's clock (us); `None` when its history
/// no longer holds them.
///
/// # Errors
/// As [`clock`].
pub async fn published(
    target: SocketAddr,
    host: &str,
    tls: Option<&Trust>,
    topic: &str,
    (from_us, to_us): (u64, u64),
) -> Result<Option<u64>, ProbeError> {
    let question = format!("{}?topic={topic}&from_us={from_us}&to_us={to_us}", path::STATS);
    let stats: TargetStats = get(target, host, tls, &question).await?;
    Ok(stats.published_in_range)
}

async fn get<T: DeserializeOwned>(
    target: SocketAddr,
    host: &str,
    tls: Option<&Trust>,
    path: &str,
) -> Result<T, ProbeError> {
    match tokio::time::timeout(TIMEOUT, fetch(target, host, tls, path)).await {
        Ok(Ok(body)) => serde_json::from_slice(&body)
            .map_err(|_| ProbeError::NotFeedbench { target, reason: format!("{path} is not the JSON it should be") }),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(ProbeError::Unreachable { target, reason: "no answer within 5 s".to_owned() }),
    }
}

async fn fetch(target: SocketAddr, host: &str, tls: Option<&Trust>, path: &str) -> Result<Bytes, ProbeError> {
    let not_feedbench = |reason: String| ProbeError::NotFeedbench { target, reason };
    let socket = TcpStream::connect(target)
        .await
        .map_err(|error| ProbeError::Unreachable { target, reason: error.to_string() })?;
    let socket = secure(target, socket, tls).await?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(socket)).await.map_err(|error| not_feedbench(error.to_string()))?;
    let request = Request::get(path).header(header::HOST, host).header(header::CONNECTION, "close");
    let request = request.body(Empty::<Bytes>::new()).map_err(|error| not_feedbench(error.to_string()))?;
    let exchange = async {
        let response = sender.send_request(request).await.map_err(|error| not_feedbench(error.to_string()))?;
        if response.status() != StatusCode::OK {
            return Err(not_feedbench(format!("{path} answers {}", response.status().as_u16())));
        }
        let body = Limited::new(response.into_body(), ANSWER_MAX_BYTES).collect().await;
        body.map(http_body_util::Collected::to_bytes).map_err(|error| not_feedbench(error.to_string()))
    };
    let (body, _) = tokio::join!(exchange, connection);
    body
}

async fn secure(target: SocketAddr, socket: TcpStream, tls: Option<&Trust>) -> Result<Tls<TcpStream>, ProbeError> {
    let Some(trust) = tls else { return Ok(Tls::clear(socket)) };
    let no_tls = |reason: String| ProbeError::Tls { target, reason };
    let connector = Connector::new(trust, Protocol::Http1).map_err(|error| no_tls(error.to_string()))?;
    let meter = Meter::new(Clock::Monotonic, End::Client);
    connector.connect(socket, &meter, TIMEOUT).await.map_err(|failed| no_tls(failed.reason()))
}
