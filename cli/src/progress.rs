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
}

/// What a cell takes from its first connection to its last byte.
pub(crate) fn expected(scenario: &Scenario) -> Duration {
    let ramp_ms = u64::from(scenario.clients) * 1_000 / u64::from(scenario.connects_per_s);
    Duration::from_millis(
        ramp_ms + scenario.idle_ms + scenario.warmup_ms + scenario.window_ms + scenario.drain_ms() + 300,
    )
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
        self.clients = plan.scenario.clients;
        self.left_after = after.iter().map(|plan| expected(&plan.scenario)).sum();
        self.delivered = (Instant::now(), 0);
        self.rate_per_s = 0.0;
        self.say("starting", expected(&plan.scenario));
    }

    /// The ramp goes on.
    pub(crate) fn ramp(&mut self, connected: u32, clients: u32) {
        self.line.set_message(format!("{} {} · ramp · {connected}/{clients} clients", self.place(), self.name));
        self.line.tick();
    }

    /// The phases go on.
    pub(crate) fn phase(&mut self, timeline: Timeline, delivered: u64) {
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
