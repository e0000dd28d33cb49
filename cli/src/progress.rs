//! How far the run is: one line on standard error, on a terminal only.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use feedbench_record::Scenario;
use feedbench_wire::Clock;
use feedbench_wire::control::Timeline;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::suite::CellPlan;

/// The progress of a run.
pub(crate) struct Progress {
    line: ProgressBar,
    cells: usize,
    cell: usize,
    name: String,
    clients: u32,
    /// What the cells after this one will take.
    left_after: Duration,
    delivered: (Instant, u64),
    rate_per_s: f64,
    /// How far each pair of processes is: clients connected, then events delivered.
    of_pairs: Vec<u64>,
}

/// What a cell takes from its first connection to its last byte: its pairs of processes are at work at the same time.
pub(crate) fn expected(plan: &CellPlan) -> Duration {
    plan.scenarios().iter().map(expected_of).max().unwrap_or_default()
}

/// What one pair of processes takes for a scenario.
pub(crate) fn expected_of(scenario: &Scenario) -> Duration {
    let ramp_ms = u64::from(scenario.clients) * 1_000 / u64::from(scenario.connects_per_s);
    Duration::from_millis(
        ramp_ms
            + 2 * scenario.round_trip_max_ms()
            + scenario.idle_ms
            + scenario.warmup_ms
            + scenario.window_ms
            + scenario.drain_ms()
            + 300,
    )
}

/// A duration for people who wonder whether to wait: `16 s`, `37 min`, `5 h 20 min`.
pub(crate) fn about(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    let minutes = (seconds / 60.0).round() as u64;
    match minutes {
        0 | 1 => format!("{seconds:.0} s"),
        2..120 => format!("{minutes} min"),
        _ => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}

impl Progress {
    /// The progress of so many cells; silent where standard error is not a terminal, or when told to be.
    pub(crate) fn new(cells: usize) -> Progress {
        let target = match std::io::stderr().is_terminal() {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let line = ProgressBar::with_draw_target(None, target);
        line.set_style(
            ProgressStyle::with_template("{spinner} {wide_msg}").unwrap_or(ProgressStyle::default_spinner()),
        );
        Progress {
            line,
            cells,
            cell: 0,
            name: String::new(),
            clients: 0,
            left_after: Duration::ZERO,
            delivered: (Instant::now(), 0),
            rate_per_s: 0.0,
            of_pairs: Vec::new(),
        }
    }

    /// The progress of searches, whose steps nobody counts before.
    pub(crate) fn of_searches() -> Progress {
        Progress::new(0)
    }

    /// Which cell of how many, where that is known.
    fn place(&self) -> String {
        if self.cells == 0 { format!("step {}", self.cell) } else { format!("cell {}/{}", self.cell, self.cells) }
    }

    /// The next cell begins; `after` are those that follow it.
    pub(crate) fn cell(&mut self, plan: &CellPlan, after: &[CellPlan]) {
        self.cell += 1;
        self.name = plan.transport.to_string();
        let pairs = plan.scenarios();
        self.clients = pairs.iter().map(|pair| pair.clients).sum();
        self.of_pairs = vec![0; pairs.len()];
        self.left_after = after.iter().map(expected).sum();
        self.delivered = (Instant::now(), 0);
        self.rate_per_s = 0.0;
        self.say("starting", expected(plan));
    }

    /// The ramp of a pair goes on.
    pub(crate) fn ramp(&mut self, pair: usize, connected: u32) {
        let (connected, clients) = (self.of_all(pair, connected.into()), self.clients);
        self.line.set_message(format!("{} {} · ramp · {connected}/{clients} clients", self.place(), self.name));
        self.line.tick();
    }

    /// How far all pairs are, now that one of them is as far as this.
    fn of_all(&mut self, pair: usize, far: u64) -> u64 {
        if let Some(of_pair) = self.of_pairs.get_mut(pair) {
            *of_pair = far;
        }
        self.of_pairs.iter().sum()
    }

    /// The phases of a pair go on.
    pub(crate) fn phase(&mut self, pair: usize, timeline: Timeline, delivered: u64) {
        let delivered = self.of_all(pair, delivered);
        let (before, count) = self.delivered;
        let elapsed = before.elapsed().as_secs_f64();
        if elapsed >= 0.5 {
            self.rate_per_s = delivered.saturating_sub(count) as f64 / elapsed;
            self.delivered = (Instant::now(), delivered);
        }
        let now_us = Clock::Monotonic.now_us();
        let phase = match now_us {
            now if now < timeline.start_us => "idle",
            now if now < timeline.window.start_us => "warm-up",
            now if now < timeline.window.end_us => "window",
            _ => "drain",
        };
        self.say(phase, Duration::from_micros(timeline.end_us.saturating_sub(now_us)));
    }

    fn say(&self, phase: &str, left_in_cell: Duration) {
        let left = (left_in_cell + self.left_after).as_secs();
        self.line.set_message(format!(
            "{} {} · {phase} · {} clients · {:.0} deliveries/s · {left} s left",
            self.place(),
            self.name,
            self.clients,
            self.rate_per_s
        ));
        self.line.tick();
    }

    /// The line disappears.
    pub(crate) fn finish(&self) {
        self.line.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_waits_for_seconds_of_an_hour() {
        let told = [15.8, 89.0, 91.0, 2_202.0, 19_200.0].map(|seconds| about(Duration::from_secs_f64(seconds)));
        assert_eq!(told, ["16 s", "89 s", "2 min", "37 min", "5 h 20 min"]);
    }

    #[test]
    fn the_pairs_of_a_cell_get_on_together() {
        let mut progress = Progress::new(1);
        progress.of_pairs = vec![0; 3];
        let sums = [(0, 5), (2, 7), (0, 6), (1, 1)].map(|(pair, far)| progress.of_all(pair, far));
        assert_eq!(sums, [5, 12, 13, 14]);
    }
}
