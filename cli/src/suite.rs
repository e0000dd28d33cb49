//! From a suite and the options to the list of cells.

use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use feedbench_record::scenario::{Arrivals, Fanout, PAYLOAD_MAX_BYTES, PAYLOAD_MIN_BYTES, Recycle, Scenario, Source};
use feedbench_record::transport::Transport;
use serde::Deserialize;

use crate::args::{CellOptions, FeedOptions, RunOptions, ScenarioOptions};

/// The suites that come with feedbench: name and text.
const BUILT_IN: [(&str, &str); 2] = [
    ("default", include_str!("../../benches/scenarios/default.toml")),
    ("quick", include_str!("../../benches/scenarios/quick.toml")),
];

/// Topics that a server keeps: each has a history and a schedule of its own.
const TOPICS_MAX: u32 = 100_000;

/// A suite as its file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Suite {
    pub(crate) name: String,
    /// What the suite answers, for people.
    #[serde(rename = "about")]
    _about: String,
    #[serde(default = "all_transports")]
    pub(crate) transports: Vec<Transport>,
    #[serde(default = "default_clients")]
    pub(crate) clients: Vec<u32>,
    #[serde(default = "once")]
    pub(crate) repeat: u32,
    #[serde(default)]
    scenario: Changes,
}

fn all_transports() -> Vec<Transport> {
    Transport::ALL.to_vec()
}

fn default_clients() -> Vec<u32> {
    vec![Scenario::default().clients]
}

fn once() -> u32 {
    1
}

/// What a suite file changes of the default scenario.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Changes {
    rate_per_s: Option<f64>,
    arrivals: Option<Arrivals>,
    seed: Option<u64>,
    fanout: Option<Fanout>,
    payload_bytes: Option<u64>,
    interval_ms: Option<u64>,
    synchronised: Option<bool>,
    hold_ms: Option<u64>,
    heartbeat_ms: Option<u64>,
    recycle: Option<Recycle>,
    binary: Option<bool>,
    warmup_ms: Option<u64>,
    window_ms: Option<u64>,
    idle_ms: Option<u64>,
}

impl Changes {
    fn of(options: &ScenarioOptions) -> Changes {
        Changes {
            rate_per_s: options.rate,
            arrivals: options.arrivals,
            seed: options.seed,
            fanout: options.fanout,
            payload_bytes: options.payload,
            interval_ms: options.interval,
            synchronised: options.synchronised.then_some(true),
            hold_ms: options.hold,
            heartbeat_ms: options.heartbeat,
            recycle: options.recycle,
            binary: options.binary.then_some(true),
            warmup_ms: options.warmup,
            window_ms: options.duration,
            idle_ms: None,
        }
    }

    fn apply(&self, scenario: &mut Scenario) {
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
        set(&mut scenario.synchronised, &self.synchronised);
        set(&mut scenario.hold_ms, &self.hold_ms);
        set(&mut scenario.heartbeat_ms, &self.heartbeat_ms);
        set(&mut scenario.binary, &self.binary);
        set(&mut scenario.warmup_ms, &self.warmup_ms);
        set(&mut scenario.window_ms, &self.window_ms);
        set(&mut scenario.idle_ms, &self.idle_ms);
        scenario.recycle = self.recycle.or(scenario.recycle);
        let payload_bytes = self.payload_bytes.map(|bytes| u32::try_from(bytes).unwrap_or(u32::MAX));
        set(&mut scenario.payload_bytes, &payload_bytes);
    }
}

/// One cell that is to be measured.
#[derive(Clone, Debug)]
pub(crate) struct CellPlan {
    pub(crate) id: String,
    pub(crate) suite: String,
    pub(crate) transport: Transport,
    pub(crate) repetition: u32,
    pub(crate) scenario: Scenario,
    /// The text of a replay's file.
    pub(crate) replay_file: Option<String>,
}

impl Suite {
    /// The suite that the options name.
    ///
    /// # Errors
    /// When there is none of that name, or its file is wrong.
    pub(crate) fn of(options: &RunOptions) -> anyhow::Result<Suite> {
        let name = if options.quick { "quick" } else { options.suite.as_deref().unwrap_or("default") };
        if let Some((_, text)) = BUILT_IN.iter().find(|(known, _)| *known == name) {
            return toml::from_str(text).with_context(|| format!("the suite {name}"));
        }
        if !name.ends_with(".toml") {
            let known = BUILT_IN.map(|(name, _)| name).join(", ");
            bail!("unknown suite \"{name}\"; there are: {known}, or a file ending in .toml");
        }
        let text = std::fs::read_to_string(name).with_context(|| format!("cannot read the suite {name}"))?;
        toml::from_str(&text).map_err(|error| anyhow::anyhow!("{name}: {}", toml_error(&text, &error)))
    }

    /// Every cell, in the order of measurement: repetitions go around all cells, so that a drift of the machine meets
    /// each of them alike.
    ///
    /// # Errors
    /// When a value is wrong.
    pub(crate) fn cells(
        &self,
        cells: &CellOptions,
        options: &ScenarioOptions,
        feed: &FeedOptions,
    ) -> anyhow::Result<Vec<CellPlan>> {
        let mut scenario = Scenario::default();
        self.scenario.apply(&mut scenario);
        let (source, replay_file) = source(feed, options.rate.is_some())?;
        scenario.source = source;
        Changes::of(options).apply(&mut scenario);
        let transports = if cells.transport.is_empty() { &self.transports } else { &cells.transport };
        let clients = if cells.clients.is_empty() { &self.clients } else { &cells.clients };
        let repeat = cells.repeat.unwrap_or(self.repeat);
        ensure!(repeat > 0, "--repeat 0 measures nothing; it is at least 1");
        ensure!(!transports.is_empty() && !clients.is_empty(), "the suite {} names no cell", self.name);
        let mut plans = Vec::new();
        for repetition in 1..=repeat {
            for &clients in clients {
                for &transport in transports {
                    let scenario = Scenario { clients, ..scenario.clone() };
                    check(&scenario)?;
                    plans.push(CellPlan {
                        id: format!("{:03}-{transport}-{clients}-r{repetition}", plans.len() + 1),
                        suite: self.name.clone(),
                        transport,
                        repetition,
                        scenario,
                        replay_file: replay_file.clone(),
                    });
                }
            }
        }
        Ok(plans)
    }
}

/// The suite of a run against a server of one's own: one cell for each transport asked for.
pub(crate) fn load_suite() -> Suite {
    Suite {
        name: "load".to_owned(),
        _about: String::new(),
        transports: all_transports(),
        clients: default_clients(),
        repeat: 1,
        scenario: Changes::default(),
    }
}

/// A scenario for `serve`.
///
/// # Errors
/// When a value is wrong.
pub(crate) fn serve_scenario(
    options: &ScenarioOptions,
    feed: &FeedOptions,
    clients: Option<u32>,
) -> anyhow::Result<(Scenario, Option<String>)> {
    let mut scenario = Scenario::default();
    let replay_file = if feed.feed.as_deref() == Some("-") {
        scenario.source = Source::Stdin;
        None
    } else {
        let (source, replay_file) = source(feed, options.rate.is_some())?;
        scenario.source = source;
        replay_file
    };
    Changes::of(options).apply(&mut scenario);
    scenario.clients = clients.unwrap_or(scenario.clients);
    check(&scenario)?;
    Ok((scenario, replay_file))
}

/// Where the events come from, and the text of a replay's file once it is known to be good.
fn source(feed: &FeedOptions, rate_given: bool) -> anyhow::Result<(Source, Option<String>)> {
    use feedbench_server::source::replay;
    let speed = feed.speed.unwrap_or(1.0);
    ensure!(speed > 0.0 && speed.is_finite(), "--speed {speed} is no pace; it is greater than 0");
    let replay = |name: &str| Source::Replay { name: name.to_owned(), own_pace: !rate_given, speed };
    match feed.feed.as_deref() {
        None | Some("synthetic") => {
            ensure!(feed.speed.is_none(), "--speed is for a replay; name one with --feed");
            Ok((Source::Synthetic, None))
        }
        Some("-") => {
            bail!("a run publishes the same events to every transport, which standard input cannot; use serve")
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

/// The values of a scenario, each within its range.
fn check(scenario: &Scenario) -> anyhow::Result<()> {
    ensure!(scenario.clients > 0, "0 clients measure nothing; --clients is at least 1");
    ensure!(
        scenario.rate_per_s > 0.0 && scenario.rate_per_s <= 100_000.0,
        "a rate of {} events/s cannot be measured; --rate is greater than 0 and at most 100000",
        scenario.rate_per_s
    );
    ensure!(
        (PAYLOAD_MIN_BYTES..=PAYLOAD_MAX_BYTES).contains(&scenario.payload_bytes),
        "a payload of {} bytes is out of range; --payload is the whole event text, {PAYLOAD_MIN_BYTES} to \
         {PAYLOAD_MAX_BYTES} bytes",
        scenario.payload_bytes
    );
    ensure!(scenario.interval_ms > 0, "a poll interval of 0 is a closed workload; --interval is at least 1ms");
    ensure!(scenario.window_ms > 0, "a window of 0 s measures nothing; --duration is at least 1ms");
    ensure!(scenario.heartbeat_ms > 0, "--heartbeat is at least 1ms");
    ensure!(
        scenario.hold_ms <= 120_000,
        "--hold is at most 120s: proxies end what takes longer (RFC 6202 section 5.5)"
    );
    let topics = scenario.fanout.topics(scenario.clients);
    ensure!(topics <= TOPICS_MAX, "{topics} topics are too many; there are at most {TOPICS_MAX}");
    Ok(())
}

/// The parser's message in one line, with the line it speaks of.
fn toml_error(text: &str, error: &toml::de::Error) -> String {
    let line = error.span().map_or(0, |span| text[..span.start].matches('\n').count() + 1);
    format!("line {line}: {}", error.message())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_suite_that_comes_with_feedbench_gives_cells() {
        for (name, text) in BUILT_IN {
            let suite: Suite = toml::from_str(text).unwrap();
            assert_eq!(suite.name, name);
            let none = CellOptions { transport: vec![], clients: vec![], repeat: None };
            let cells = suite.cells(&none, &ScenarioOptions::default(), &FeedOptions::default()).unwrap();
            assert_eq!(cells.len(), suite.transports.len() * suite.clients.len());
        }
    }

    #[test]
    fn repetitions_go_around_all_cells() {
        let suite = load_suite();
        let cells = CellOptions {
            transport: vec![Transport::Polling, Transport::WebSocket],
            clients: vec![10],
            repeat: Some(2),
        };
        let plans = suite.cells(&cells, &ScenarioOptions::default(), &FeedOptions::default()).unwrap();
        let ids: Vec<_> = plans.iter().map(|plan| plan.id.as_str()).collect();
        assert_eq!(ids, ["001-polling-10-r1", "002-websocket-10-r1", "003-polling-10-r2", "004-websocket-10-r2"]);
    }

    #[test]
    fn an_unknown_key_of_a_suite_is_named_with_its_line() {
        let text = "name = \"x\"\nabout = \"y\"\n[scenario]\nspeed_of_light = 1\n";
        let error = toml::from_str::<Suite>(text).unwrap_err();
        let message = toml_error(text, &error);
        assert!(message.starts_with("line 4: ") && message.contains("speed_of_light"), "{message}");
    }
}
