//! From a suite and the options to the list of cells.

use anyhow::{Context as _, bail, ensure};
use feedbench_record::run::CLOSED_HAS_NO_LATENCY;
use feedbench_record::scenario::{Scenario, Source, repetition_seed};
use feedbench_record::transport::Transport;
use feedbench_wire::headers::Profile;
use serde::Deserialize;

use crate::args::{CellOptions, FeedOptions, RunOptions, ScenarioOptions};
use crate::bench::Target;
use crate::sweep::{self, Sweep};
use crate::values::{self, Changes};
use crate::{combinations, headers};

/// The suites that come with feedbench: name and text.
const BUILT_IN: [(&str, &str); 9] = [
    ("default", include_str!("../../benches/scenarios/default.toml")),
    ("quick", include_str!("../../benches/scenarios/quick.toml")),
    ("quantum-leap", include_str!("../../benches/scenarios/quantum-leap.toml")),
    ("crossover", include_str!("../../benches/scenarios/crossover.toml")),
    ("scale", include_str!("../../benches/scenarios/scale.toml")),
    ("payload", include_str!("../../benches/scenarios/payload.toml")),
    ("idle", include_str!("../../benches/scenarios/idle.toml")),
    ("paper", include_str!("../../benches/scenarios/paper.toml")),
    ("protocols", include_str!("../../benches/scenarios/protocols.toml")),
];

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
    beyond_limits: BeyondLimits,
    #[serde(default)]
    scenario: Changes,
    /// What it has several values of, but for the clients.
    #[serde(default)]
    sweep: Sweep,
}

/// What happens to a cell with more clients than this machine holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum BeyondLimits {
    /// Nothing is measured; one line says what to raise.
    #[default]
    Refuse,
    /// It gets as many clients as there can be, and its record says how many it should have had.
    Reduce,
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

/// How a cell is spread over pairs of processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Split {
    /// As few pairs as hold it.
    AsNeeded,
    /// So many.
    Into(u32),
    /// One load generator, because the server is not ours.
    Single,
    /// One of so many, and the others elsewhere.
    Only(ShardOf),
}

/// Which shard of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ShardOf {
    pub(crate) number: u32,
    pub(crate) of: u32,
}

impl Split {
    /// What the options of a run say.
    pub(crate) fn of(options: &RunOptions) -> Split {
        match (options.shard, options.server_shards) {
            (Some(shard), _) => Split::Only(shard),
            (None, Some(pairs)) => Split::Into(pairs),
            (None, None) => Split::AsNeeded,
        }
    }
}

/// Spreads every cell as told.
///
/// # Errors
/// When a cell has fewer clients than shards.
pub(crate) fn split(plans: &mut [CellPlan], split: Split) -> anyhow::Result<()> {
    for plan in plans {
        let clients = plan.scenario.clients;
        match split {
            Split::AsNeeded | Split::Single => {}
            Split::Into(0) => bail!("0 pairs of processes measure nothing; --server-shards is at least 1"),
            Split::Into(pairs) => ensure!(
                pairs <= clients,
                "{clients} clients cannot be split over {pairs} pairs of processes; --server-shards is at most {clients}"
            ),
            Split::Only(ShardOf { of, .. }) => ensure!(
                of <= clients,
                "{clients} clients cannot be split into {of} shards; --shard names one of at most {clients}"
            ),
        }
        plan.split = split;
    }
    Ok(())
}

/// One cell that is to be measured.
#[derive(Clone, Debug)]
pub(crate) struct CellPlan {
    pub(crate) id: String,
    pub(crate) suite: String,
    pub(crate) transport: Transport,
    pub(crate) repetition: u32,
    pub(crate) scenario: Scenario,
    pub(crate) beyond_limits: BeyondLimits,
    pub(crate) split: Split,
    /// How requests and answers are headed.
    pub(crate) headers: Profile,
    /// The text of a replay's file.
    pub(crate) replay_file: Option<String>,
}

impl CellPlan {
    /// What each pair of processes measures: all of the scenario, or its share of the clients.
    pub(crate) fn scenarios(&self) -> Vec<Scenario> {
        match self.split {
            Split::AsNeeded | Split::Single | Split::Into(0 | 1) => vec![self.scenario.clone()],
            Split::Into(pairs) => (1..=pairs).map(|number| self.scenario.part(number, pairs)).collect(),
            Split::Only(ShardOf { number, of }) => vec![self.scenario.part(number, of)],
        }
    }

    /// Why the cell has no delivery latency, against a server of ours or the target; `None` where it has.
    pub(crate) fn latency_absent(&self, target: Option<&Target>) -> Option<String> {
        if self.scenario.is_closed(self.transport) {
            return Some(CLOSED_HAS_NO_LATENCY.to_owned());
        }
        target?.latency_absent.clone()
    }

    /// Lowers the clients, and keeps what was asked for.
    pub(crate) fn reduce(&mut self, clients: u32) {
        self.scenario.clients_asked = Some(self.scenario.clients);
        self.scenario.clients = clients;
        let number = self.id.split('-').next().unwrap_or_default();
        self.id = id(number, self.transport, clients, self.repetition);
    }
}

/// The record's name: `NNN-<transport>-<clients>-r<repetition>`.
pub(crate) fn id(number: &str, transport: Transport, clients: u32, repetition: u32) -> String {
    format!("{number}-{transport}-{clients}-r{repetition}")
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
    /// each of them alike. Within a repetition the transport changes fastest, then the RTT, the interval, the payload, the
    /// rate and the clients. All cells of a repetition have its seed.
    ///
    /// # Errors
    /// When a value is wrong, or there are too many cells.
    pub(crate) fn cells(
        &self,
        cells: &CellOptions,
        options: &ScenarioOptions,
        feed: &FeedOptions,
    ) -> anyhow::Result<Vec<CellPlan>> {
        let mut scenario = Scenario::default();
        self.scenario.apply(&mut scenario);
        let (source, replay_file) = values::source(feed, !options.rate.is_empty())?;
        scenario.source = source;
        Changes::of(options).apply(&mut scenario);
        let headers = headers::of(&mut scenario)?;
        let transports = if cells.transport.is_empty() { &self.transports } else { &cells.transport };
        let clients = if cells.clients.is_empty() { &self.clients } else { &cells.clients };
        let repeat = cells.repeat.unwrap_or(self.repeat);
        ensure!(repeat > 0, "--repeat 0 measures nothing; it is at least 1");
        ensure!(!transports.is_empty() && !clients.is_empty(), "the suite {} names no cell", self.name);
        self.sweep.check(&self.scenario).with_context(|| format!("the suite {}", self.name))?;
        let once = self.sweep.with(options).cells(&scenario, clients, transports);
        for (transport, scenario) in &once {
            values::check(scenario)?;
            values::check_connection(scenario, *transport)?;
            headers::check(&headers, *transport, scenario)?;
        }
        values::check_intervals(&once)?;
        combinations::check(&once)?;
        sweep::check_count(&once, repeat)?;
        let mut plans = Vec::new();
        for repetition in 1..=repeat {
            for &(transport, ref point) in &once {
                let seed = repetition_seed(scenario.seed, repetition);
                plans.push(CellPlan {
                    id: id(&format!("{:03}", plans.len() + 1), transport, point.clients, repetition),
                    suite: self.name.clone(),
                    transport,
                    repetition,
                    scenario: Scenario { seed, ..point.clone() },
                    beyond_limits: self.beyond_limits,
                    split: Split::AsNeeded,
                    headers: headers.clone(),
                    replay_file: replay_file.clone(),
                });
            }
        }
        ensure!(
            scenario.source != Source::Stdin || plans.len() == 1,
            "standard input can be read once, and these are {} cells; name one with --transport, --clients and --repeat",
            plans.len()
        );
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
        beyond_limits: BeyondLimits::Refuse,
        scenario: Changes::default(),
        sweep: Sweep::default(),
    }
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

    /// The cells of a suite that comes with feedbench, with these options.
    fn built_in(name: &str, options: &ScenarioOptions) -> Vec<CellPlan> {
        let (_, text) = BUILT_IN.iter().find(|(known, _)| *known == name).unwrap();
        let suite: Suite = toml::from_str(text).unwrap();
        assert_eq!(suite.name, name);
        let none = CellOptions { transport: vec![], clients: vec![], repeat: None };
        suite.cells(&none, options, &FeedOptions::default()).unwrap()
    }

    #[test]
    fn every_suite_that_comes_with_feedbench_has_its_cells_and_takes_at_most_forty_minutes() {
        let cells = [
            ("default", 6),
            ("quick", 3),
            ("quantum-leap", 6),
            ("crossover", 60),
            ("scale", 36),
            ("payload", 36),
            ("idle", 7),
            ("paper", 60),
            ("protocols", 48),
        ];
        assert_eq!(cells.map(|(name, _)| name), BUILT_IN.map(|(name, _)| name));
        for (name, count) in cells {
            let plans = built_in(name, &ScenarioOptions::default());
            let whole: std::time::Duration = plans.iter().map(crate::progress::expected).sum();
            println!("{name}: {} cells, {}", plans.len(), crate::progress::about(whole));
            assert_eq!(plans.len(), count, "{name}");
            assert!(whole.as_secs() <= 40 * 60, "{name} takes {whole:?}");
        }
    }

    #[test]
    fn every_cell_of_the_suites_that_sweep_has_a_window_that_its_verdict_can_do_with() {
        for name in ["crossover", "idle"] {
            for plan in built_in(name, &ScenarioOptions::default()) {
                let Scenario { rate_per_s, window_ms, interval_ms, .. } = plan.scenario;
                let silence_ms = if rate_per_s == 0.0 { plan.scenario.silence_ms(plan.transport) } else { interval_ms };
                assert!(window_ms >= 2 * silence_ms, "{}", plan.id);
                let program = feedbench_server::source::Program::of(&plan.scenario, None).unwrap().unwrap();
                let window_us = plan.scenario.warmup_ms * 1_000..(plan.scenario.warmup_ms + window_ms) * 1_000;
                let schedule = program.schedule.take_while(|planned| planned.after_us < window_us.end);
                let events = schedule.filter(|planned| window_us.contains(&planned.after_us)).count();
                assert!(rate_per_s == 0.0 || events >= 10, "{} has {events} events at {rate_per_s}/s", plan.id);
            }
        }
    }

    #[test]
    fn a_repetition_has_one_seed_for_all_its_cells_and_no_two_repetitions_the_same() {
        let plans = built_in("paper", &ScenarioOptions { seed: Some(5), ..ScenarioOptions::default() });
        let seeds: Vec<_> = plans.chunks(6).map(|cells| cells[0].scenario.seed).collect();
        assert!(plans.iter().all(|plan| plan.scenario.seed == repetition_seed(5, plan.repetition)));
        assert_eq!((seeds.len(), seeds[0]), (10, 5));
        let ids: std::collections::BTreeSet<_> = plans.iter().map(|plan| &plan.id).collect();
        assert_eq!(ids.len(), plans.len());
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
