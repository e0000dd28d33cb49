//! The table of ratios, from the folder that `scripts/peers` filled: a folder for each run, with a file for what each side
//! said. A ratio is taken within a run, whose parts were measured one after another; then the median of the runs is taken.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, ensure};
use feedbench_record::Record;
use feedbench_record::summary::{Cell, Summary};
use serde::de::DeserializeOwned;

use crate::fan_out::FanOut;
use crate::peer::{self, Peer};
use crate::request::{Head, Requests};

/// Clients of others. The first is what all others are compared with.
const PEERS: [&str; 2] = ["wrk", "h2load"];
/// Our own client, in a closed workload.
const OURS: &str = "feedbench, polling";

/// One run.
pub(crate) struct Run {
    fan_out: [FanOut; 2],
    feedbench: Sides,
    /// Why feedbench's cell is not valid.
    invalid: Vec<String>,
    /// What was asked, the request floor first.
    requests: Vec<Asked>,
    /// CPU time (us) of our client from its start to its end, for each request of the whole cell.
    ours_whole_cpu_us: f64,
    /// What the bare client asked of the bare server.
    request_floor: Requests,
}

/// CPU time for each delivery (us).
struct Sides {
    server: f64,
    client: f64,
}

/// One client at full speed.
struct Asked {
    client: &'static str,
    server: &'static str,
    request_bytes: f64,
    requests_per_s: f64,
    client_cpu_us: f64,
    server_cpu_us: Option<f64>,
}

/// Reads every run of a folder.
///
/// # Errors
/// When there is none, or a file is missing or says something else.
pub(crate) fn read(dir: &Path) -> anyhow::Result<Vec<Run>> {
    let mut dirs: Vec<_> = fs::read_dir(dir)
        .with_context(|| dir.display().to_string())?
        .map(|entry| Ok(entry?.path()))
        .collect::<anyhow::Result<_>>()?;
    dirs.retain(|path| path.is_dir());
    dirs.sort();
    ensure!(!dirs.is_empty(), "there are no runs in {}", dir.display());
    dirs.iter().map(|dir| run(dir).with_context(|| dir.display().to_string())).collect()
}

fn run(dir: &Path) -> anyhow::Result<Run> {
    let summary: Summary = json(dir, "feedbench.json")?;
    let cell = summary.cells.first().context("feedbench.json has no cell")?;
    let missing = "feedbench.json has no CPU time of an event";
    let feedbench = Sides {
        server: cell.cpu_us_per_event.server.context(missing)?,
        client: cell.cpu_us_per_event.loadgen.context(missing)?,
    };
    let answered: Requests = json(dir, "request-serve.json")?;
    let request_floor: Requests = json(dir, "request-ask.json")?;
    let bare: Requests = json(dir, "bare.json")?;
    let mut requests = vec![
        asked_by_floor("bare epoll", &request_floor, Some(answered.cpu_us_per_request)),
        asked_by_floor("`feedbench serve`", &bare, None),
    ];
    let polling: Summary = json(dir, "polling.json")?;
    let ours = polling.cells.first().context("polling.json has no cell")?;
    let polled = ours_asked(dir, ours)?;
    let ours_whole_cpu_us = polled.whole_cpu_us;
    requests.push(polled.asked);
    for (client, read) in PEERS.into_iter().zip([peer::wrk as fn(&str) -> _, peer::h2load]) {
        let text = dir.join(client).with_extension("txt");
        if text.exists() {
            let Peer { requests: count, requests_per_s } = read(&fs::read_to_string(text)?)?;
            let cpu_us = peer::cpu_us(&fs::read_to_string(dir.join(client).with_extension("time"))?)?;
            let head: Head = json(dir, &format!("{client}.head.json"))?;
            requests.push(Asked {
                client,
                server: "`feedbench serve`",
                request_bytes: head.request_bytes as f64,
                requests_per_s,
                client_cpu_us: cpu_us / count,
                server_cpu_us: None,
            });
        }
    }
    Ok(Run {
        fan_out: [json(dir, "fan-out-serve.json")?, json(dir, "fan-out-read.json")?],
        feedbench,
        invalid: [cell, ours].iter().flat_map(|cell| &cell.verdict.reasons).map(|reason| reason.text.clone()).collect(),
        requests,
        ours_whole_cpu_us,
        request_floor,
    })
}

/// Our own client at full speed.
struct Polled {
    asked: Asked,
    whole_cpu_us: f64,
}

/// CPU time and requests of the window, as the summary has them; and both of the whole cell, as others have theirs.
fn ours_asked(dir: &Path, cell: &Cell) -> anyhow::Result<Polled> {
    let record: Record = json(dir, "polling-record.json")?;
    let polls = record.cell_polls.context("the record has no polls")?.total as f64;
    let up = record.bytes.loadgen.ledger.context("the record has no ledger")?.up;
    let cpu =
        cell.cpu_us_per_request.and_then(|cpu| cpu.loadgen).context("polling.json has no CPU time of a request")?;
    let whole_us = peer::cpu_us(&fs::read_to_string(dir.join("polling.time"))?)?;
    let asked = Asked {
        client: OURS,
        server: "`feedbench serve`",
        // The first request of each client has no cursor yet.
        request_bytes: (up.request_headers as f64 / polls).ceil(),
        requests_per_s: cell.requests_per_s.context("polling.json is no closed workload")?,
        client_cpu_us: cpu,
        server_cpu_us: None,
    };
    Ok(Polled { asked, whole_cpu_us: whole_us / polls })
}

fn asked_by_floor(server: &'static str, asked: &Requests, server_cpu_us: Option<f64>) -> Asked {
    Asked {
        client: "bare epoll",
        server,
        request_bytes: asked.request_bytes as f64,
        requests_per_s: asked.requests_per_s,
        client_cpu_us: asked.cpu_us_per_request,
        server_cpu_us,
    }
}

fn json<T: DeserializeOwned>(dir: &Path, name: &str) -> anyhow::Result<T> {
    let text = fs::read_to_string(dir.join(name)).with_context(|| name.to_owned())?;
    serde_json::from_str(&text).with_context(|| name.to_owned())
}

/// The table.
pub(crate) fn markdown(runs: &[Run]) -> String {
    let mut out = String::new();
    fan_out(runs, &mut out).and_then(|()| requests(runs, &mut out)).expect("writing to a String does not fail");
    out
}

fn fan_out(runs: &[Run], out: &mut String) -> std::fmt::Result {
    let floor = &runs[0].fan_out[0];
    writeln!(out, "## CPU time of a delivered event\n")?;
    writeln!(
        out,
        "{} connections, {} events/s to each, {} bytes an event on the wire; medians over {}, and the least \
         and the most. The floor writes and reads the same bytes with epoll and nothing else; feedbench also speaks \
         WebSocket, checks every sequence number, records the latency and keeps the byte ledger at both ends.\n",
        floor.connections,
        floor.rate_per_s,
        floor.frame_bytes,
        if runs.len() == 1 { "one run".to_owned() } else { format!("{} alternating runs", runs.len()) }
    )?;
    writeln!(out, "| | server | client | both | times the floor |\n|---|--:|--:|--:|--:|")?;
    let floors: Vec<_> = runs.iter().map(floor_sides).collect();
    let feedbenches: Vec<_> = runs.iter().map(|run| &run.feedbench).collect();
    for (name, sides) in [("bare epoll", floors.iter().collect()), ("feedbench, WebSocket", feedbenches)] {
        let of = |figure: fn(&Sides) -> f64| sides.iter().map(|sides| figure(sides)).collect::<Vec<_>>();
        let ratios: Vec<_> = sides.iter().zip(&floors).map(|(sides, floor)| both(sides) / both(floor)).collect();
        let (server, client, both) = (of(|sides| sides.server), of(|sides| sides.client), of(both));
        let (server, client, both) = (spread(&server, " µs"), spread(&client, " µs"), spread(&both, " µs"));
        writeln!(out, "| {name} | {server} | {client} | {both} | {} |", spread(&ratios, ""))?;
    }
    for (n, run) in runs.iter().enumerate().filter(|(_, run)| !run.invalid.is_empty()) {
        writeln!(out, "\nRun {} of feedbench is not valid: {}", n + 1, run.invalid.join("; "))?;
    }
    Ok(())
}

fn floor_sides(run: &Run) -> Sides {
    let [serve, read] = &run.fan_out;
    Sides { server: serve.cpu_us_per_delivery, client: read.cpu_us_per_delivery }
}

fn both(sides: &Sides) -> f64 {
    sides.server + sides.client
}

fn requests(runs: &[Run], out: &mut String) -> std::fmt::Result {
    let Requests { connections, answer_bytes, .. } = runs[0].request_floor;
    writeln!(
        out,
        "\n## Requests at full speed\n\n\
         {connections} kept connections with one request under way on each, and a core for each side. All ask for `GET \
         /polling` with the same cursor, as feedbench's own clients do, with `Host` and nothing else; h2load adds \
         `User-Agent`. Answers are empty polls of {answer_bytes} bytes; the bare server's have the same length. \
         feedbench's own client (`load --interval 0 --client lean`) also parses every answer, checks the feed's sequence \
         and keeps the byte ledger. Its CPU time is that of the load generator's process over the requests of the window; \
         wrk and h2load do nothing but ask, so theirs is that of the whole process over all requests.\n"
    )?;
    let floor = |run: &Run| run.requests.first().map(Asked::figures);
    let wrk = |run: &Run| run.requests.iter().find(|asked| asked.client == PEERS[0]).map(Asked::figures);
    writeln!(
        out,
        "| client | server | request (bytes) | requests/s | times the floor's | times wrk's | client CPU per request | \
         times the floor's | times wrk's |\n|---|---|--:|--:|--:|--:|--:|--:|--:|"
    )?;
    for first in &runs[0].requests {
        let asked = |run: &Run| run.requests.iter().find(|it| it.name() == first.name()).map(Asked::figures);
        let of = |figure: usize, unit| {
            spread(&runs.iter().filter_map(|run| Some(asked(run)?[figure])).collect::<Vec<_>>(), unit)
        };
        let times = |figure: usize, other: &dyn Fn(&Run) -> Option<[f64; 2]>| {
            let ratio = |run| Some(asked(run)?[figure] / other(run)?[figure]);
            spread(&runs.iter().filter_map(ratio).collect::<Vec<_>>(), "")
        };
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            first.client,
            first.server,
            first.request_bytes,
            of(0, ""),
            times(0, &floor),
            times(0, &wrk),
            of(1, " µs"),
            times(1, &floor),
            times(1, &wrk)
        )?;
    }
    for peer in PEERS.iter().filter(|peer| runs[0].requests.iter().all(|asked| asked.client != **peer)) {
        writeln!(out, "| {peer} | `feedbench serve` | not installed | | | | | | |")?;
    }
    let server: Vec<_> = runs.iter().filter_map(|run| run.requests[0].server_cpu_us).collect();
    writeln!(out, "\nThe bare server takes {} of CPU per request.", spread(&server, " µs"))?;
    let whole: Vec<_> = runs.iter().map(|run| run.ours_whole_cpu_us).collect();
    writeln!(
        out,
        "From its start to its end, with the command, ramp, drain, record and report, feedbench's own client takes {} of CPU \
         for each request of the whole cell.",
        spread(&whole, " µs")
    )
}

impl Asked {
    fn name(&self) -> (&str, &str) {
        (self.client, self.server)
    }

    /// Requests a second, and CPU time of one (us).
    fn figures(&self) -> [f64; 2] {
        [self.requests_per_s, self.client_cpu_us]
    }
}

/// The median with the least and the most; nothing of nothing.
fn spread(figures: &[f64], unit: &str) -> String {
    if figures.is_empty() {
        return String::new();
    }
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let median = if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 };
    let number = |figure: f64| if figure < 1_000.0 { format!("{figure:.2}") } else { format!("{figure:.0}") };
    let (least, most) = (number(sorted[0]), number(sorted[sorted.len() - 1]));
    if least == most { format!("{least}{unit}") } else { format!("{}{unit} ({least} to {most})", number(median)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_stands_between_the_least_and_the_most() {
        assert_eq!(spread(&[3.0, 1.0, 2.0], ""), "2.00 (1.00 to 3.00)");
        assert_eq!(spread(&[4_000.0, 1_000.0], ""), "2500 (1000 to 4000)");
        assert_eq!(spread(&[1.5, 1.5], " µs"), "1.50 µs");
    }
}
