//! What people may type.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use feedbench_record::Transport;
use feedbench_record::capacity::Axis;
use feedbench_record::scenario::{
    Arrivals, ClientKind, Compression, ConnectionPolicy, Fanout, Protocol, Recycle, SlowReaders,
};
use feedbench_reports::compare::Bound;
use feedbench_reports::export::Format;
use feedbench_reports::lang::Lang;
use feedbench_reports::look::{Look, Medium};

use crate::quantity;
use crate::suite::ShardOf;

/// What does it cost to keep a browser up to date by polling, long polling, streaming or WebSocket?
///
/// Without a subcommand: `run`.
#[derive(Debug, Parser)]
#[command(name = "feedbench", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start server and load generator, measure each transport in turn, write the report (the main job)
    Run(RunOptions),
    /// The server alone, with a page that shows every transport live in a browser
    Serve(ServeOptions),
    /// The same, and the page is opened in this machine's browser
    Demo(ServerOptions),
    /// The load generator alone, against a running server
    Load(LoadOptions),
    /// Make charts, tables and report.html from records
    Report(ReportOptions),
    /// Two result folders, figure by figure: what is better, what is worse, what nobody can tell
    Compare(CompareOptions),
    /// One client, a few events, every byte explained; a ladder diagram
    Trace(TraceOptions),
    /// What this machine can hold: files, ports, cores, memory, clocks
    Doctor(DoctorOptions),
    /// Real browsers as clients, without a window: how far is the load generator from the real thing?
    Browsers(BrowsersOptions),
    #[command(name = "server-child", hide = true)]
    ServerChild,
    #[command(name = "loadgen-child", hide = true)]
    LoadgenChild,
}

#[derive(Debug, Args)]
pub(crate) struct RunOptions {
    /// A suite that comes with feedbench (default, quick, quantum-leap, crossover, scale, payload, idle, paper,
    /// protocols), or a TOML file: `clients = [100, 1000]` and, in `[sweep]`, lists of `rate_per_s`, `payload_bytes`,
    /// `interval_ms`, `rtt_ms`, `protocol` and `tls` give a cell for each transport and combination
    #[arg(long, value_name = "NAME|FILE", conflicts_with = "quick")]
    pub(crate) suite: Option<String>,
    /// The suite `quick`: polling, long polling and WebSocket with 100 clients
    #[arg(long)]
    pub(crate) quick: bool,
    #[command(flatten)]
    pub(crate) cells: CellOptions,
    #[command(flatten)]
    pub(crate) scenario: ScenarioOptions,
    #[command(flatten)]
    pub(crate) feed: FeedOptions,
    #[command(flatten)]
    pub(crate) capacity: CapacityOptions,
    #[command(flatten)]
    pub(crate) language: LanguageOption,
    #[command(flatten)]
    pub(crate) charts: ChartOptions,
    #[command(flatten)]
    pub(crate) results: ResultOptions,
    /// Do not keep server and load generator to a half of the cores each
    #[arg(long)]
    pub(crate) no_pin: bool,
    /// Split each cell over so many pairs of server and load generator processes; without it over as few as hold it
    #[arg(long, value_name = "N", conflicts_with = "shard")]
    pub(crate) server_shards: Option<u32>,
    /// Measure only this part of each cell (2/4: the second of four), for other shells or times; `report` merges the parts
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub(crate) shard: Option<ShardOf>,
}

/// What is searched for.
#[derive(Debug, Default, Args)]
pub(crate) struct CapacityOptions {
    /// Search, for each transport, the most clients or the highest rate at which 99 % of the deliveries keep to --slo,
    /// beginning with --clients or --rate; each step is a cell
    #[arg(long, value_name = "clients|rate", num_args = 0..=1, default_missing_value = "clients")]
    pub(crate) find_capacity: Option<Axis>,
    /// With --find-capacity: 99 % of the deliveries may take so long (ms)
    #[arg(long, value_name = "MS", value_parser = quantity::millis)]
    pub(crate) slo: Option<u64>,
}

/// The axes of a run.
#[derive(Debug, Args)]
pub(crate) struct CellOptions {
    /// One or more transports, joined by commas
    #[arg(long, value_name = "T,…", value_delimiter = ',')]
    pub(crate) transport: Vec<Transport>,
    /// Clients of a cell; several numbers give several cells
    #[arg(long, value_name = "N,…", value_delimiter = ',', value_parser = quantity::count)]
    pub(crate) clients: Vec<u32>,
    /// How often each cell is measured, in turn with the others and with a seed of its own
    #[arg(long, value_name = "N")]
    pub(crate) repeat: Option<u32>,
}

/// The values of a scenario.
#[derive(Debug, Default, Args)]
pub(crate) struct ScenarioOptions {
    /// Events per second and topic; 0 for a feed that stays silent (what a client costs a minute). Several values sweep:
    /// every cell is measured at each of them (run)
    #[arg(long, value_name = "PER_S,…", value_delimiter = ',', value_parser = quantity::rate)]
    pub(crate) rate: Vec<f64>,
    /// How events are spaced
    #[arg(long, value_name = "poisson|fixed", value_parser = arrivals)]
    pub(crate) arrivals: Option<Arrivals>,
    /// Length of the whole event text (bytes); several values sweep
    #[arg(long, value_name = "BYTES,…", value_delimiter = ',', value_parser = quantity::bytes)]
    pub(crate) payload: Vec<u64>,
    /// Polling: from one request to the next (ms); 0 for the next one as soon as the answer is in (closed workload:
    /// throughput only). Several values sweep, and multiply the cells of polling alone
    #[arg(long, value_name = "MS,…", value_delimiter = ',', value_parser = quantity::millis)]
    pub(crate) interval: Vec<u64>,
    /// Distance: the round-trip time between clients and server (ms), 0 to 10s, made by the load generator for every byte;
    /// to connect costs one, too. Several values sweep (run, load, trace)
    #[arg(long, value_name = "MS,…", value_delimiter = ',', value_parser = quantity::round_trip, allow_negative_numbers = true)]
    pub(crate) rtt: Vec<u64>,
    /// How much a transit may be longer or shorter than half of the RTT (ms), at most all of that half; uniformly drawn for
    /// each piece that is written or read, and nothing overtakes what is ahead of it (run, load, trace)
    #[arg(long, value_name = "MS", value_parser = quantity::jitter, allow_negative_numbers = true)]
    pub(crate) jitter: Option<u64>,
    /// What the line of each connection carries each way (bit/s: 56k, 1M, 100M), counted in what TCP carries, TLS included,
    /// and without the headers of TCP and IP; without it, whatever the machine does (run, load, trace)
    #[arg(long, value_name = "BITS_PER_S", value_parser = quantity::bits_per_s, allow_negative_numbers = true)]
    pub(crate) bandwidth: Option<u64>,
    /// The longest TCP segment of both ends (bytes): 1460 as on Ethernet, of which 1448 are payload beside the timestamps;
    /// without it that of loopback. Of serve and load it is their own end
    #[arg(long, value_name = "BYTES", value_parser = quantity::bytes)]
    pub(crate) mss: Option<u64>,
    /// The version of HTTP: 1.1 or 2 (inside TLS by ALPN, else by prior knowledge). Both sweep
    #[arg(long, value_name = "1.1|2,…", value_delimiter = ',')]
    pub(crate) http: Vec<Protocol>,
    /// HTTP/2: so many clients share each connection, 1 to 100 [default: 1]
    #[arg(long, value_name = "N", value_parser = quantity::count)]
    pub(crate) clients_per_connection: Option<u32>,
    /// Inside TLS 1.3, with a certificate that is made for the run
    #[arg(long)]
    pub(crate) tls: bool,
    /// With --tls: a client that connects again takes up its last session
    #[arg(long, requires = "tls")]
    pub(crate) tls_resumption: bool,
    /// What the server sends is compressed: per-event (each event by itself, once for all clients) or per-connection (each
    /// with what its connection carried before); gzip, and permessage-deflate for WebSocket
    #[arg(long, value_name = "HOW")]
    pub(crate) compression: Option<Compression>,
    /// Polling: all clients at the same instants
    #[arg(long)]
    pub(crate) synchronised: bool,
    /// Polling and long polling: keep-alive, or close or http1.0 for a TCP connection of its own for each request
    #[arg(long, value_name = "POLICY")]
    pub(crate) connection: Option<ConnectionPolicy>,
    /// lean (a bare socket and a small state machine) or reference (on hyper and tungstenite) [default: lean]
    #[arg(long, value_name = "KIND")]
    pub(crate) client: Option<ClientKind>,
    /// Long polling: how long the server holds a request (ms)
    #[arg(long, value_name = "MS", value_parser = quantity::millis)]
    pub(crate) hold: Option<u64>,
    /// Streams and WebSocket: heartbeat after so long a silence (ms)
    #[arg(long, value_name = "MS", value_parser = quantity::millis)]
    pub(crate) heartbeat: Option<u64>,
    /// Streams: end each after so many bytes (64KiB) or so long (30s); the client comes back
    #[arg(long, value_name = "BYTES|TIME", value_parser = recycle)]
    pub(crate) recycle: Option<Recycle>,
    /// WebSocket: events in binary frames
    #[arg(long)]
    pub(crate) binary: bool,
    /// Streams and WebSocket: a client that reads too slowly is to miss what it is too far behind of (miss), or is dropped (drop)
    #[arg(long, value_name = "POLICY")]
    pub(crate) slow_readers: Option<SlowReaders>,
    /// Streams and WebSocket: how far behind a client may be (events); without it, as far as the history goes
    #[arg(long, value_name = "EVENTS", value_parser = quantity::count)]
    pub(crate) queue: Option<u32>,
    /// broadcast, rooms=N or unicast
    #[arg(long, value_name = "FANOUT")]
    pub(crate) fanout: Option<Fanout>,
    /// The header fields of requests (run, load) and answers (run, serve): minimal, chromium, chromium-plain, firefox, firefox-plain, lubbers-2009, or a
    /// file (the text of `server/wire/headers` shows how)
    #[arg(long, value_name = "PROFILE|FILE")]
    pub(crate) headers: Option<String>,
    /// Length of the cookie that every request carries (bytes); it takes the place of the one that lubbers-2009 has
    #[arg(long, value_name = "BYTES", value_parser = quantity::bytes)]
    pub(crate) cookie: Option<u64>,
    /// The measurement window (s)
    #[arg(long, value_name = "S", value_parser = quantity::seconds)]
    pub(crate) duration: Option<u64>,
    /// Published but not counted before the window (s)
    #[arg(long, value_name = "S", value_parser = quantity::seconds)]
    pub(crate) warmup: Option<u64>,
    /// Seed of every random choice
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
}

/// Where the events come from.
#[derive(Debug, Default, Args)]
pub(crate) struct FeedOptions {
    /// synthetic, earthquakes (a series that comes with feedbench), a CSV or NDJSON file, or - for standard input
    #[arg(long, value_name = "SOURCE")]
    pub(crate) feed: Option<String>,
    /// Replay at its own pace, so many times faster; without it a replay runs at its own pace unless --rate is given
    #[arg(long, value_name = "FACTOR", conflicts_with = "rate")]
    pub(crate) speed: Option<f64>,
}

/// Where the results go.
#[derive(Debug, Args)]
pub(crate) struct ResultOptions {
    /// The folder that gets a folder for this run
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub(crate) out: PathBuf,
    /// One JSON document on standard output instead of the table
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ServeOptions {
    /// The feed alone, on one port: no page in a browser
    #[arg(long)]
    pub(crate) no_page: bool,
    #[command(flatten)]
    pub(crate) identity: IdentityOptions,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}

/// Who a server is inside TLS.
#[derive(Debug, Default, Args)]
pub(crate) struct IdentityOptions {
    /// With --tls: the server's certificate, and those that lead from it to one that clients trust (PEM); without it one is
    /// made for localhost, 127.0.0.1, ::1 and the address of --listen
    #[arg(long, value_name = "FILE", requires = "tls", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    /// The private key of the certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    /// Write the certificate here, for clients to trust (--ca)
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub(crate) write_cert: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ServerOptions {
    /// Address and port; the page takes the six ports after it, too
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// Clients that follow a topic of their own (--fanout unicast)
    #[arg(long, value_name = "N", value_parser = quantity::count)]
    pub(crate) clients: Option<u32>,
    /// Take events from programs, too: POST /publish and WebSocket messages (the page may publish short texts without it)
    #[arg(long)]
    pub(crate) allow_publish: bool,
    /// Keep what is published in this file, and when started again go on after it: the same events, and the next one of the
    /// feed. Not for --feed -
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) scenario: ScenarioOptions,
    #[command(flatten)]
    pub(crate) feed: FeedOptions,
}

#[derive(Debug, Args)]
pub(crate) struct LoadOptions {
    /// The server, as http://127.0.0.1:8080, or https:// inside TLS
    #[arg(long, value_name = "URL")]
    pub(crate) target: String,
    /// https: the certificates to trust (PEM), as `serve --write-cert` writes one; without it those of the system
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) cells: CellOptions,
    #[command(flatten)]
    pub(crate) scenario: ScenarioOptions,
    #[command(flatten)]
    pub(crate) results: ResultOptions,
    /// Do not keep the load generator to a half of the cores
    #[arg(long)]
    pub(crate) no_pin: bool,
    #[command(flatten)]
    pub(crate) language: LanguageOption,
    #[command(flatten)]
    pub(crate) charts: ChartOptions,
}

#[derive(Debug, Args)]
pub(crate) struct ReportOptions {
    /// Result folders, or record files
    #[arg(required = true, value_name = "DIR")]
    pub(crate) from: Vec<PathBuf>,
    /// Where report.html, charts and tables go; without it into DIR, or for several into ./report
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) language: LanguageOption,
    #[command(flatten)]
    pub(crate) charts: ChartOptions,
}

#[derive(Debug, Args)]
pub(crate) struct CompareOptions {
    /// The folder of results to compare with
    #[arg(value_name = "A")]
    pub(crate) before: PathBuf,
    /// The folder of results that is compared
    #[arg(value_name = "B")]
    pub(crate) after: PathBuf,
    /// End with status 1 when a figure of B is worse by more than this ('p99>10%', 'bytes>1%'); may be given several times
    #[arg(long, value_name = "BOUND")]
    pub(crate) fail_on: Vec<Bound>,
    /// Compare although scenarios or machines differ; every figure then says so
    #[arg(long)]
    pub(crate) even_so: bool,
    /// Where the comparison, its charts and tables go
    #[arg(long, value_name = "DIR", default_value = "comparison")]
    pub(crate) out: PathBuf,
    /// One JSON document on standard output instead of the table
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) language: LanguageOption,
}

/// What people read.
#[derive(Debug, Args)]
pub(crate) struct LanguageOption {
    /// The language of tables, charts and report
    #[arg(long, value_name = "en|zh", default_value_t)]
    pub(crate) lang: Lang,
}

/// How charts look, and as what they are written.
#[derive(Debug, Args)]
pub(crate) struct ChartOptions {
    /// The files of the charts for the report, for a 16:9 slide, or for a journal's column of 88 mm
    #[arg(long, value_name = "page|slide|paper", default_value_t)]
    pub(crate) style: Medium,
    /// What each chart is written as: svg always, and png (twice the size; 600 dpi for paper) or pdf
    #[arg(long, value_name = "FORMAT,…", value_delimiter = ',', default_value = "svg")]
    pub(crate) format: Vec<Format>,
}

impl ChartOptions {
    /// How a report is written in a language.
    pub(crate) fn report(&self, language: &LanguageOption) -> feedbench_reports::Options {
        let look = Look { lang: language.lang, medium: self.style };
        feedbench_reports::Options { look, formats: self.format.clone() }
    }
}

#[derive(Debug, Args)]
pub(crate) struct TraceOptions {
    /// One or more transports, joined by commas; all without it
    #[arg(long, value_name = "T,…", value_delimiter = ',')]
    pub(crate) transport: Vec<Transport>,
    #[command(flatten)]
    pub(crate) scenario: ScenarioOptions,
    /// The exchange of one transport as pcapng, for Wireshark; what lies below TCP's payload is reconstructed
    #[arg(long, value_name = "FILE")]
    pub(crate) pcap: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) results: ResultOptions,
}

#[derive(Debug, Args)]
pub(crate) struct BrowsersOptions {
    /// One or more transports, joined by commas; all without it
    #[arg(long, value_name = "T,…", value_delimiter = ',')]
    pub(crate) transport: Vec<Transport>,
    /// Pages, each in a browser context with connections of its own; as many clients of the load generator
    #[arg(long, value_name = "N", default_value = "5", value_parser = quantity::count)]
    pub(crate) clients: u32,
    /// Events per second
    #[arg(long, value_name = "PER_S", default_value = "5", value_parser = quantity::rate)]
    pub(crate) rate: f64,
    /// How events are spaced
    #[arg(long, value_name = "poisson|fixed", value_parser = arrivals)]
    pub(crate) arrivals: Option<Arrivals>,
    /// Length of the whole event text (bytes)
    #[arg(long, value_name = "BYTES", value_parser = quantity::bytes)]
    pub(crate) payload: Option<u64>,
    /// Polling: from one request to the next (ms)
    #[arg(long, value_name = "MS", value_parser = quantity::millis)]
    pub(crate) interval: Option<u64>,
    /// Long polling: how long the server holds a request (ms)
    #[arg(long, value_name = "MS", value_parser = quantity::millis)]
    pub(crate) hold: Option<u64>,
    /// The measurement window (s), for the browser and again for the load generator
    #[arg(long, value_name = "S", default_value = "10", value_parser = quantity::seconds)]
    pub(crate) duration: u64,
    /// The header profile that is compared, one that comes with feedbench; without it that of the browser
    #[arg(long, value_name = "PROFILE")]
    pub(crate) headers: Option<String>,
    /// chromium, firefox, or a path; without it Chromium, or Firefox where it is the only one
    #[arg(long, value_name = "BROWSER")]
    pub(crate) browser: Option<String>,
    #[command(flatten)]
    pub(crate) results: ResultOptions,
    #[command(flatten)]
    pub(crate) language: LanguageOption,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorOptions {
    /// One JSON document on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

fn arrivals(text: &str) -> Result<Arrivals, String> {
    match text {
        "poisson" => Ok(Arrivals::Poisson),
        "fixed" => Ok(Arrivals::Fixed),
        _ => Err(format!("\"{text}\" is no kind of arrivals; there are: poisson, fixed")),
    }
}

fn shard(text: &str) -> Result<ShardOf, String> {
    let numbers = text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
    match numbers {
        None => Err(format!("\"{text}\" is no shard; type 1/4 for the first of four")),
        Some((_, 0)) => Err("no cell has 0 shards; type 1/4 for the first of four".to_owned()),
        Some((number, of)) if !(1..=of).contains(&number) => {
            Err(format!("there is no shard {number} of {of}; they are 1/{of} to {of}/{of}"))
        }
        Some((number, of)) => Ok(ShardOf { number, of }),
    }
}

fn recycle(text: &str) -> Result<Recycle, String> {
    if text.ends_with(|c: char| c.is_ascii_digit()) {
        return Err(format!("\"{text}\" needs a unit: 64KiB or 30s"));
    }
    quantity::bytes(text)
        .map(Recycle::Bytes)
        .or_else(|_| quantity::millis(text).map(Recycle::Ms))
        .map_err(|_| format!("\"{text}\" is neither a size nor a duration; type 64KiB or 30s"))
}
