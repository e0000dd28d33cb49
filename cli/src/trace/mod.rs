//! `feedbench trace`: one client and a few events, every byte explained.
//!
//! - `live`: a real server and a real client over loopback, in this process, whose every read and write is written down.
//! - `explain`: from what was written down to steps and named runs of bytes.
//!
//! How a trace is drawn is for `feedbench_reports::trace`.

mod explain;
mod live;

use std::fs;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, ensure};
use feedbench_record::run::Tool;
use feedbench_record::trace::Trace;
use feedbench_record::{Scenario, Transport};
use feedbench_reports::trace;

use crate::args::TraceOptions;
use crate::exit::Exit;
use crate::results::Results;
use crate::values::{self, Changes};
use crate::{combinations, headers, machine, output, sweep};

/// Traces each transport asked for.
///
/// # Errors
/// When a value is wrong, a client does not get its events, or the files cannot be written.
pub(crate) fn main(options: &TraceOptions) -> anyhow::Result<Exit> {
    let transports = if options.transport.is_empty() { Transport::ALL.to_vec() } else { options.transport.clone() };
    ensure!(
        options.pcap.is_none() || transports.len() == 1,
        "--pcap takes the exchange of one transport; name it with --transport"
    );
    let mut scenario = scenario(options)?;
    let headers = headers::of(&mut scenario)?;
    for &transport in &transports {
        values::check_connection(&scenario, transport)?;
        headers::check(&headers, transport, &scenario)?;
    }
    let tool = machine::tool();
    let mut traces = Vec::new();
    for &transport in &transports {
        let recorded =
            live::record(transport, &scenario, &headers).with_context(|| format!("cannot trace {transport}"))?;
        traces.push(explain::explain(transport, scenario.clone(), tool.clone(), &recorded)?);
    }
    write(options, &traces, &tool)?;
    Ok(Exit::Valid)
}

/// A second or two in which everything happens: polls with and without news, a hold that ends empty, a heartbeat.
fn scenario(options: &TraceOptions) -> anyhow::Result<Scenario> {
    let mut scenario = Scenario {
        clients: 1,
        rate_per_s: 1.0,
        arrivals: feedbench_record::scenario::Arrivals::Fixed,
        interval_ms: 600,
        hold_ms: 800,
        heartbeat_ms: 600,
        idle_ms: 0,
        warmup_ms: 0,
        window_ms: 2_500,
        pinned: false,
        ..Scenario::default()
    };
    sweep::refuse(&options.scenario, "trace")?;
    Changes::of(&options.scenario).apply(&mut scenario);
    values::check(&scenario)?;
    values::check_line(&scenario)?;
    combinations::check_trace(&scenario)?;
    ensure!(scenario.interval_ms > 0, "--interval 0 polls without end, which nobody can read; it is at least 1ms");
    let seconds = (scenario.warmup_ms + scenario.window_ms) as f64 / 1e3;
    let events = scenario.rate_per_s * seconds;
    ensure!(
        events <= 1_000.0,
        "a trace of {events:.0} events explains nothing; --rate and --duration give at most 1000"
    );
    ensure!(seconds <= 600.0, "a trace of {seconds:.0} s is too long to be read; --duration is at most 600s");
    Ok(scenario)
}

/// The dump on standard output, the diagrams and the page in a folder of their own.
fn write(options: &TraceOptions, traces: &[Trace], tool: &Tool) -> anyhow::Result<()> {
    if let (Some(path), [trace]) = (&options.pcap, traces) {
        write_file(path, &trace::pcapng(trace)?)?;
    }
    let results = Results::create(&options.results.out, "trace", tool, &machine::machine())?;
    let dir = results.dir();
    for trace in traces {
        let name = |kind: &str, ending: &str| dir.join(format!("{kind}-{}.{ending}", trace.transport));
        write_file(&name("ladder", "svg"), trace::ladder(trace).as_bytes())?;
        write_file(&name("trace", "json"), &serde_json::to_vec_pretty(trace)?)?;
    }
    write_file(&dir.join("trace.html"), trace::page(traces)?.as_bytes())?;
    if options.results.json {
        return output::json(&traces);
    }
    let mut stdout = std::io::stdout().lock();
    let colour = stdout.is_terminal();
    for trace in traces {
        writeln!(stdout, "{}", trace::dump(trace, colour))?;
    }
    writeln!(stdout, "page and ladder diagrams: {}", dir.join("trace.html").display())?;
    Ok(())
}

fn write_file(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
