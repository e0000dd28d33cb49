//! Standard input as the feed of a cell: its lines, each with the instant at which it was read.

use feedbench_server::source::stdin::Lines;
use feedbench_wire::Clock;
use feedbench_wire::control::Timeline;
use tokio::sync::mpsc;

/// Lines that were read and wait to be forwarded, at most: who writes more, waits.
const WAITING: usize = 16;

/// A line, and when it was read (us).
pub(crate) type Line = (u64, String);

/// The lines of standard input, from the warm-up's start to the window's end. `None` is its end.
///
/// A thread waits for them: nothing but the end of the process ends a wait for standard input. What comes before the
/// warm-up stays where it is, because no client has its place in the feed before.
pub(crate) fn lines(timeline: Timeline) -> mpsc::Receiver<std::io::Result<Line>> {
    let (sender, receiver) = mpsc::channel(WAITING);
    std::thread::spawn(move || {
        let clock = Clock::Monotonic;
        std::thread::sleep(std::time::Duration::from_micros(timeline.start_us.saturating_sub(clock.now_us())));
        let mut lines = Lines::of(std::io::stdin().lock());
        loop {
            let line = lines.next(|warning| eprintln!("feedbench: {warning}"));
            let at_us = clock.now_us();
            let Some(line) = line.map(|line| line.map(|line| (at_us, line))).transpose() else { break };
            let over = line.is_err() || at_us >= timeline.window.end_us;
            if sender.blocking_send(line).is_err() || over {
                break;
            }
        }
    });
    receiver
}
