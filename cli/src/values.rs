//! The values of a scenario: from options and suite files, each within its range.

use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use feedbench_record::scenario::{
    Arrivals, BANDWIDTH_MAX_BITS_PER_S, BANDWIDTH_MIN_BITS_PER_S, CLIENTS_PER_CONNECTION_MAX, ClientKind, Compression,
    ConnectionPolicy, Fanout, MSS_MAX_BYTES, MSS_MIN_BYTES, PAYLOAD_MAX_BYTES, PAYLOAD_MIN_BYTES, Protocol, RTT_MAX_MS,
    Recycle, Scenario, SlowReaders, Source,
};
use feedbench_record::transport::{Manner, Transport};
use feedbench_server::source::replay;
use feedbench_wire::headers::Profile;
use serde::Deserialize;

use crate::args::{FeedOptions, ScenarioOptions};
use crate::{headers, sweep};

/// The lowest rate that publishes (events/s): about nine events in the longest window.
const RATE_LEAST: f64 = 0.0001;
/// The highest (events/s).
const RATE_MOST: f64 = 100_000.0;
/// The longest window (ms): a day.
const WINDOW_MAX_MS: u64 = 24 * 60 * 60 * 1_000;
/// Topics that a server keeps: each has a history and a schedule of its own.
const TOPICS_MAX: u32 = 100_000;

/// What a suite file changes of the default scenario.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Changes {
    pub(crate) rate_per_s: Option<f64>,
    arrivals: Option<Arrivals>,
    seed: Option<u64>,
    fanout: Option<Fanout>,
    pub(crate) payload_bytes: Option<u64>,
    pub(crate) interval_ms: Option<u64>,
    pub(crate) rtt_ms: Option<u64>,
    jitter_ms: Option<u64>,
    bandwidth_bits_per_s: Option<u64>,
    mss_bytes: Option<u32>,
    pub(crate) protocol: Option<Protocol>,
    clients_per_connection: Option<u32>,
    pub(crate) tls: Option<bool>,
    tls_resumption: Option<bool>,
    compression: Option<Compression>,
    synchronised: Option<bool>,
    hold_ms: Option<u64>,
    heartbeat_ms: Option<u64>,
    recycle: Option<Recycle>,
    binary: Option<bool>,
    slow_readers: Option<SlowReaders>,
    queue_events: Option<u32>,
    headers: Option<String>,
    cookie_bytes: Option<u64>,
    connection: Option<ConnectionPolicy>,
    client: Option<ClientKind>,
    warmup_ms: Option<u64>,
    window_ms: Option<u64>,
    idle_ms: Option<u64>,
}

impl Changes {
    /// What the options change; where one has several values, to the first of them.
    pub(crate) fn of(options: &ScenarioOptions) -> Changes {
        Changes {
            rate_per_s: options.rate.first().copied(),
            arrivals: options.arrivals,
            seed: options.seed,
            fanout: options.fanout,
            payload_bytes: options.payload.first().copied(),
            interval_ms: options.interval.first().copied(),
            rtt_ms: options.rtt.first().copied(),
            jitter_ms: options.jitter,
            bandwidth_bits_per_s: options.bandwidth,
            mss_bytes: options.mss.map(|bytes| u32::try_from(bytes).unwrap_or(u32::MAX)),
            protocol: options.http.first().copied(),
            clients_per_connection: options.clients_per_connection,
            tls: options.tls.then_some(true),
            tls_resumption: options.tls_resumption.then_some(true),
            compression: options.compression,
            synchronised: options.synchronised.then_some(true),
            hold_ms: options.hold,
            heartbeat_ms: options.heartbeat,
            recycle: options.recycle,
            binary: options.binary.then_some(true),
            slow_readers: options.slow_readers,
            queue_events: options.queue,
            headers: options.headers.clone(),
            cookie_bytes: options.cookie,
            connection: options.connection,
            client: options.client,
            warmup_ms: options.warmup,
            window_ms: options.duration,
            idle_ms: None,
        }
    }

    pub(crate) fn apply(&self, scenario: &mut Scenario) {
        fn set<T: Clone>(field: &mut T, value: &Option<T>) {
            if let Some(value) = value {
                *field = value.clone();
            }
        }
        set(&mut scenario.rate_per_s, &self.rate_per_s);
        set(&mut scenario.arrivals, &self.arrivals);
        set(&mut scenario.seed, &self.seed);
        set(&mut scenario.fanout, &self.fanout);
        set(&mut scenario.interval_ms, &self.interval_ms);
        set(&mut scenario.rtt_ms, &self.rtt_ms);
        set(&mut scenario.jitter_ms, &self.jitter_ms);
        scenario.bandwidth_bits_per_s = self.bandwidth_bits_per_s.or(scenario.bandwidth_bits_per_s);
        scenario.mss_bytes = self.mss_bytes.or(scenario.mss_bytes);
        set(&mut scenario.protocol, &self.protocol);
        set(&mut scenario.clients_per_connection, &self.clients_per_connection);
        set(&mut scenario.tls, &self.tls);
        set(&mut scenario.tls_resumption, &self.tls_resumption);
        set(&mut scenario.compression, &self.compression);
        set(&mut scenario.synchronised, &self.synchronised);
        set(&mut scenario.hold_ms, &self.hold_ms);
        set(&mut scenario.heartbeat_ms, &self.heartbeat_ms);
        set(&mut scenario.binary, &self.binary);
        set(&mut scenario.slow_readers, &self.slow_readers);
        scenario.queue_events = self.queue_events.or(scenario.queue_events);
        set(&mut scenario.connection, &self.connection);
        set(&mut scenario.client, &self.client);
        set(&mut scenario.headers, &self.headers);
        set(&mut scenario.warmup_ms, &self.warmup_ms);
        set(&mut scenario.window_ms, &self.window_ms);
        set(&mut scenario.idle_ms, &self.idle_ms);
        scenario.recycle = self.recycle.or(scenario.recycle);
        let bytes = |bytes: Option<u64>| bytes.map(|bytes| u32::try_from(bytes).unwrap_or(u32::MAX));
        set(&mut scenario.payload_bytes, &bytes(self.payload_bytes));
        set(&mut scenario.cookie_bytes, &bytes(self.cookie_bytes));
    }
}

/// A scenario for `serve`, its header profile, and the text of a replay's file.
///
/// # Errors
/// When a value is wrong.
pub(crate) fn for_serve(
    options: &ScenarioOptions,
    feed: &FeedOptions,
    clients: Option<u32>,
) -> anyhow::Result<(Scenario, Profile, Option<String>)> {
    ensure!(options.cookie.is_none(), "a cookie is a client's; --cookie is for run and load");
    ensure!(options.connection.is_none(), "a client asks for its end; --connection is for run and load");
    ensure!(options.client.is_none(), "a server has clients of every kind; --client is for run and load");
    ensure!(
        options.rtt.is_empty(),
        "the load generator makes the distance; --rtt is for run, load and trace (the page has a control of its own)"
    );
    for (option, is_given) in [("--jitter", options.jitter.is_some()), ("--bandwidth", options.bandwidth.is_some())] {
        ensure!(!is_given, "the load generator makes the network; {option} is for run, load and trace");
    }
    sweep::refuse(options, "serve")?;
    let mut scenario = Scenario::default();
    let (source, replay_file) = source(feed, !options.rate.is_empty())?;
    scenario.source = source;
    Changes::of(options).apply(&mut scenario);
    scenario.clients = clients.unwrap_or(scenario.clients);
    let headers = headers::of(&mut scenario)?;
    ensure!(
        headers.answers() || options.headers.is_none(),
        "the header profile {} has no section [answer], and a server sends nothing else",
        scenario.headers
    );
    check(&scenario)?;
    Ok((scenario, headers, replay_file))
}

/// Where the events come from, and the text of a replay's file once it is known to be good.
///
/// # Errors
/// When there is no such source, or a line of its file is wrong.
pub(crate) fn source(feed: &FeedOptions, rate_given: bool) -> anyhow::Result<(Source, Option<String>)> {
    let speed = feed.speed.unwrap_or(1.0);
    ensure!(speed > 0.0 && speed.is_finite(), "--speed {speed} is no pace; it is greater than 0");
    let replay = |name: &str| Source::Replay { name: name.to_owned(), own_pace: !rate_given, speed };
    match feed.feed.as_deref() {
        None | Some("synthetic") => {
            ensure!(feed.speed.is_none(), "--speed is for a replay; name one with --feed");
            Ok((Source::Synthetic, None))
        }
        Some("-") => {
            ensure!(feed.speed.is_none(), "--speed is for a replay; standard input has its own pace");
            ensure!(!rate_given, "--rate is for made-up and replayed events; standard input has its own pace");
            Ok((Source::Stdin, None))
        }
        Some(name) if replay::built_in(name).is_some() => Ok((replay(name), None)),
        Some(path) => {
            let name = Path::new(path).file_name().map_or(path.into(), |name| name.to_string_lossy());
            let text = match std::fs::read_to_string(path) {
                Ok(text) => text,
                Err(error) => bail!("cannot read the replay file {path}: {error}"),
            };
            let series = replay::parse(&name, &text).with_context(|| format!("replay file {path}"))?;
            if !rate_given {
                series.times_us().with_context(|| format!("replay file {path} (--rate gives it a pace)"))?;
            }
            Ok((replay(&name), Some(text)))
        }
    }
}

/// Checks that a transport has requests that the connection policy can be asked with.
///
/// # Errors
/// When it opens once and is pushed to.
pub(crate) fn check_connection(scenario: &Scenario, transport: Transport) -> anyhow::Result<()> {
    let policy = scenario.connection;
    ensure!(
        policy == ConnectionPolicy::KeepAlive || transport.manner() != Manner::Pushed,
        "--connection {policy} is for polling and long polling, and {transport} has one connection for all; choose \
         with --transport polling,long-polling"
    );
    Ok(())
}

/// Checks that an interval of 0 means something to these cells: a client that asks then does so again as soon as it has
/// its answer.
///
/// # Errors
/// When none of them asks, some have an interval, or what else was chosen makes no sense without one.
pub(crate) fn check_intervals(cells: &[(Transport, Scenario)]) -> anyhow::Result<()> {
    let Some((_, scenario)) = cells.iter().find(|(_, scenario)| scenario.interval_ms == 0) else { return Ok(()) };
    let mut asking = cells.iter().filter(|(transport, _)| transport.manner() == Manner::Asks).peekable();
    ensure!(
        asking.peek().is_some(),
        "--interval 0 lets polling ask again at once, and no transport of this run is polling; add it with --transport, or \
         leave --interval out"
    );
    ensure!(
        asking.all(|(transport, scenario)| scenario.is_closed(*transport)),
        "--interval 0 is a closed workload (throughput only), which nothing with an interval can stand beside; run it by itself"
    );
    ensure!(
        scenario.connection == ConnectionPolicy::KeepAlive,
        "--interval 0 with --connection {} would open connections as fast as the machine can, and each keeps its port for a \
         minute (TIME_WAIT); take --interval 1ms or more, or --connection keep-alive",
        scenario.connection
    );
    ensure!(
        !cells.iter().any(|(_, scenario)| scenario.is_silent()),
        "--interval 0 asks as fast as answers come, and --rate 0 is for what a client costs that has nothing to hear; take one \
         of both"
    );
    ensure!(
        !scenario.synchronised,
        "--synchronised makes all clients poll at the same instants, and with --interval 0 there are none; take one of both"
    );
    Ok(())
}

/// Checks that the line of a connection carries the feed, as far as that can be known before: what piles up is no latency.
///
/// # Errors
/// When the events alone are more than it carries.
pub(crate) fn check_line(scenario: &Scenario) -> anyhow::Result<()> {
    let Some((bits_per_s, feed)) = scenario.bandwidth_bits_per_s.zip(scenario.feed_bits_per_s()) else { return Ok(()) };
    ensure!(
        feed <= bits_per_s as f64,
        "the line would be full: {} events/s of {} bytes are {feed:.0} bit/s for a connection, and --bandwidth gives it {bits_per_s}; take a wider one, a lower --rate or a smaller --payload",
        scenario.rate_per_s,
        scenario.payload_bytes
    );
    Ok(())
}

/// Checks that every value of a scenario lies within its range.
///
/// # Errors
/// With what would be right.
pub(crate) fn check(scenario: &Scenario) -> anyhow::Result<()> {
    ensure!(scenario.clients > 0, "0 clients measure nothing; --clients is at least 1");
    ensure!(
        scenario.rate_per_s == 0.0 || (RATE_LEAST..=RATE_MOST).contains(&scenario.rate_per_s),
        "a rate of {} events/s cannot be measured; --rate is 0 (a silent feed), or at least {RATE_LEAST} and at most {RATE_MOST}",
        scenario.rate_per_s
    );
    ensure!(
        (PAYLOAD_MIN_BYTES..=PAYLOAD_MAX_BYTES).contains(&scenario.payload_bytes),
        "a payload of {} bytes is out of range; --payload is the whole event text, {PAYLOAD_MIN_BYTES} to \
         {PAYLOAD_MAX_BYTES} bytes",
        scenario.payload_bytes
    );
    ensure!(scenario.window_ms > 0, "a window of 0 s measures nothing; --duration is at least 1ms");
    ensure!(
        scenario.window_ms <= WINDOW_MAX_MS,
        "a window of {} s is too long; --duration is at most 24h",
        scenario.window_ms / 1_000
    );
    ensure!(
        scenario.rtt_ms <= RTT_MAX_MS,
        "an RTT of {} ms is out of range; --rtt is 0 to {}s",
        scenario.rtt_ms,
        RTT_MAX_MS / 1_000
    );
    ensure!(
        scenario.jitter_ms <= scenario.rtt_ms / 2,
        "a jitter of {} ms is more than a transit takes ({} ms, half of the RTT); --jitter is at most that",
        scenario.jitter_ms,
        scenario.rtt_ms / 2
    );
    ensure!(
        scenario
            .bandwidth_bits_per_s
            .is_none_or(|bits| { (BANDWIDTH_MIN_BITS_PER_S..=BANDWIDTH_MAX_BITS_PER_S).contains(&bits) }),
        "a bandwidth of {} bit/s is out of range; --bandwidth is 1k to 100G",
        scenario.bandwidth_bits_per_s.unwrap_or_default()
    );
    ensure!(
        scenario.mss_bytes.is_none_or(|bytes| (MSS_MIN_BYTES..=MSS_MAX_BYTES).contains(&bytes)),
        "segments of {} bytes cannot be had; --mss is {MSS_MIN_BYTES} to {MSS_MAX_BYTES} (1460 as on Ethernet)",
        scenario.mss_bytes.unwrap_or_default()
    );
    ensure!(
        (1..=CLIENTS_PER_CONNECTION_MAX).contains(&scenario.clients_per_connection),
        "{} clients cannot share a connection; --clients-per-connection is 1 to {CLIENTS_PER_CONNECTION_MAX}",
        scenario.clients_per_connection
    );
    ensure!(scenario.heartbeat_ms > 0, "--heartbeat is at least 1ms");
    ensure!(
        scenario.hold_ms <= 120_000,
        "--hold is at most 120s: proxies end what takes longer (RFC 6202 section 5.5)"
    );
    let topics = scenario.fanout.topics(scenario.clients);
    ensure!(topics <= TOPICS_MAX, "{topics} topics are too many; there are at most {TOPICS_MAX}");
    Ok(())
}
