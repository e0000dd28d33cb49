//! The publisher of a classroom: it follows the settings while it publishes.

use std::sync::Arc;

use feedbench_record::Scenario;
use feedbench_wire::Clock;
use tokio::sync::watch;

use super::settings::Settings;
use crate::feed::Feed;
use crate::publisher::{Publisher, Span};
use crate::source::Program;

/// Publishes a scenario's events as the settings say, until the feed or the classroom ends. Each change begins a new
/// schedule, which goes on where the one before has stopped.
pub async fn publish(
    scenario: Scenario,
    replay_file: Option<String>,
    feed: Arc<Feed>,
    clock: Clock,
    mut settings: watch::Receiver<Settings>,
) {
    loop {
        let set = *settings.borrow_and_update();
        let mut publisher = begin(&set, &scenario, replay_file.as_deref(), &feed, clock);
        tokio::select! {
            biased;
            () = feed.ended() => return,
            changed = settings.wait_for(|now| !now.publishes_like(&set)) => if changed.is_err() { return },
        }
        if let Some(publisher) = &mut publisher {
            publisher.stop();
            // What it has published is the position that the next one goes on from.
            let _ = publisher.finished().await;
        }
    }
}

/// A publisher for what is set; none while nothing is to be published.
fn begin(
    set: &Settings,
    scenario: &Scenario,
    replay_file: Option<&str>,
    feed: &Arc<Feed>,
    clock: Clock,
) -> Option<Publisher> {
    if set.paused {
        return None;
    }
    // The scenario was checked before, and the settings when they were set.
    let program = Program::of(&set.apply(scenario), replay_file).ok()??.starting_at(&feed.program_position());
    let span = Span { start_us: clock.now_us(), end_us: None, window: None };
    Publisher::start(program, Arc::clone(feed), span, clock).ok()
}
