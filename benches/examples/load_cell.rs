//! One cell of the load generator in this process, against a server that runs: for profilers that cannot follow the
//! command's children. Prints how many events were delivered. `scripts/ledger-cost` runs it.
//!
//! ```text
//! load_cell 127.0.0.1:8080 websocket CLIENTS SECONDS
//! ```

use std::env;
use std::sync::Mutex;

use anyhow::{Context as _, bail};
use feedbench_loadgen::cell;
use feedbench_record::Scenario;
use feedbench_wire::Clock;
use feedbench_wire::control::{LoadAnswer, LoadOrder, LoadPlan, Timeline};
use feedbench_wire::headers::Profile;
use tokio::sync::mpsc;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [target, transport, clients, seconds] = arguments.as_slice() else {
        bail!("name the target, the transport, the number of clients and the seconds");
    };
    let seconds: u64 = seconds.parse().context("seconds are a number")?;
    let clients = clients.parse().context("clients are a number")?;
    let scenario = Scenario { clients, window_ms: seconds * 1_000, warmup_ms: 0, idle_ms: 0, ..Scenario::default() };
    let plan = LoadPlan {
        target: target.parse().context("the target is an address and a port")?,
        host: target.clone(),
        transport: transport.parse()?,
        scenario: scenario.clone(),
        headers: Profile::default(),
        cores: Vec::new(),
        latency_absent: None,
        clock_ahead_us: 0,
        server_ends_feed: false,
        tls: None,
    };
    let (orders, ordered) = mpsc::unbounded_channel();
    let delivered = Mutex::new(None);
    orders.send(LoadOrder::Connect)?;
    let answer = |answer| match answer {
        LoadAnswer::Connected => {
            // The cell takes orders for as long as it runs.
            let _ = orders.send(LoadOrder::StartAt(Timeline::of(&scenario, Clock::Monotonic.now_us())));
        }
        LoadAnswer::Result(result) => {
            if let Ok(mut delivered) = delivered.lock() {
                *delivered = Some(result.delivered);
            }
        }
        LoadAnswer::Ready | LoadAnswer::Progress { .. } | LoadAnswer::Failed(_) => {}
    };
    cell::run(plan, Clock::Monotonic, ordered, answer, None)?;
    let delivered = delivered.into_inner().ok().flatten().context("the cell gave no result")?;
    println!("{delivered}");
    Ok(())
}
