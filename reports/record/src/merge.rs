//! One record from those of a cell's shards. Merging is exact: histograms, ledgers and counters add, and the seconds of
//! each shard are counted from its own window's start.
//!
//! Every structure is taken apart by name, so that a new field does not compile until somebody has decided what becomes
//! of it.

mod sums;
#[cfg(test)]
mod tests;

use crate::histogram::Precision;
use crate::judge::judge;
use crate::run::{Histograms, Processes, Record, ShardPart};
use crate::shard::Shard;
use sums::{
    add_bytes, add_counts, add_errors, add_histograms, add_polls, add_seconds, add_slow_readers, add_usage, both,
    known, longer, most,
};

/// Records that have no sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// There is none.
    #[error("there is no record to merge")]
    Nothing,
    /// A record of a whole cell.
    #[error("a record is not that of a shard")]
    Whole,
    /// Two records of different cells, or by different tools or machines.
    #[error("the records are not of one cell, measured by one tool on one kind of machine")]
    Different,
    /// A record whose durations are not as finely told apart as this tool does.
    #[error("the histograms of the records do not add")]
    Precision,
    /// One shard twice, or not every one.
    #[error("not every shard is there once")]
    Incomplete,
}

/// Are the two records shards of one cell, whichever shards they are? Ids and instants may differ.
pub fn of_one_cell(one: &Record, other: &Record) -> bool {
    let of = |record: &Record| record.scenario.shard.map(|shard| shard.of);
    let named = |record: &Record| (record.schema, record.transport, record.repetition);
    of(one).is_some()
        && of(one) == of(other)
        && named(one) == named(other)
        && one.scenario.whole() == other.scenario.whole()
        && (&one.suite, &one.tool, &one.machine) == (&other.suite, &other.tool, &other.machine)
}

/// The record of a cell from those of its shards, in whichever order they are. `lost` are the shards that have no record.
/// Each shard has to be there once.
///
/// # Errors
/// When the records are not those of all shards of one cell.
pub fn merge(mut parts: Vec<Record>, lost: Vec<ShardPart>) -> Result<Record, MergeError> {
    parts.sort_by_key(|part| part.scenario.shard.map(|shard| shard.number));
    let first = parts.first().ok_or(MergeError::Nothing)?;
    let shard = first.scenario.shard.ok_or(MergeError::Whole)?;
    if !parts.iter().all(|part| of_one_cell(first, part)) {
        return Err(MergeError::Different);
    }
    if !parts.iter().all(add_up) {
        return Err(MergeError::Precision);
    }
    let mut shards: Vec<_> = parts.iter().map(part_of).chain(lost).collect();
    shards.sort_by_key(|part| part.number);
    if !shards.iter().map(|part| part.number).eq(1..=shard.of) {
        return Err(MergeError::Incomplete);
    }
    let most_events = parts.iter().filter_map(|part| part.events_in_window).max();
    let mut parts = parts.into_iter();
    let mut sum = parts.next().ok_or(MergeError::Nothing)?;
    parts.for_each(|part| add(&mut sum, part));
    sum.id = cell_id(&sum.id, shard);
    sum.scenario = sum.scenario.whole();
    sum.scenario.clients = shards.iter().filter(|part| part.lost.is_none()).map(|part| part.clients).sum();
    // Where a shard is lost, a topic's own may be: then what one of the others has published is the better count.
    sum.events_in_window = sum.own_events_in_window.take().max(most_events);
    sum.shards = shards;
    sum.verdict = judge(&sum);
    Ok(sum)
}

/// Has every histogram the precision that this tool gives it?
fn add_up(record: &Record) -> bool {
    let Histograms {
        delivery_latency,
        connect_time,
        tls_handshake_time,
        publish_lag,
        worker_lag,
        poll_lateness,
        loop_lag,
        server_loop_lag,
        link_error,
    } = &record.histograms;
    let optional = [delivery_latency, tls_handshake_time, publish_lag, poll_lateness, link_error];
    let fine = [connect_time, worker_lag].into_iter().chain(optional.into_iter().flatten());
    let seconds = record.seconds.iter().filter_map(|second| second.latency.as_ref());
    let coarse = seconds.chain(loop_lag).chain(server_loop_lag);
    fine.into_iter().all(|histogram| histogram.is(Precision::Fine))
        && coarse.into_iter().all(|histogram| histogram.is(Precision::Coarse))
}

/// The id of a shard's record: that of its cell, and which shard it is.
pub fn shard_id(cell: &str, shard: Shard) -> String {
    format!("{cell}{}", suffix(shard))
}

fn cell_id(id: &str, shard: Shard) -> String {
    id.strip_suffix(&suffix(shard)).unwrap_or(id).to_owned()
}

fn suffix(shard: Shard) -> String {
    format!(".shard-{}-of-{}", shard.number, shard.of)
}

fn part_of(record: &Record) -> ShardPart {
    ShardPart {
        number: record.scenario.shard.map_or(0, |shard| shard.number),
        clients: record.scenario.clients,
        lost: None,
        reasons: record.verdict.reasons.clone(),
    }
}

/// Adds a shard of the same cell. What both have in common stays; the id, the scenario and the verdict are the caller's.
fn add(sum: &mut Record, part: Record) {
    let Record {
        schema: _,
        id: _,
        suite: _,
        transport: _,
        repetition: _,
        scenario: _,
        interrupted,
        started_at,
        tool: _,
        machine: _,
        processes,
        window,
        events_in_window: _,
        own_events_in_window,
        shards: _,
        counts,
        cell_counts,
        errors,
        reconnects,
        restarts,
        recycles,
        slow_readers,
        polls,
        cell_polls,
        bytes,
        loadgen,
        server,
        kernel,
        histograms,
        latency_absent,
        seconds,
        step: _,
        verdict: _,
    } = part;
    sum.interrupted |= interrupted;
    // RFC 3339 in UTC: the order of the texts is that of the instants.
    sum.started_at = std::mem::take(&mut sum.started_at).min(started_at);
    let Processes { server: servers, loadgen: loadgens } = processes;
    sum.processes.server += servers;
    sum.processes.loadgen += loadgens;
    sum.window = longer(sum.window, window);
    sum.own_events_in_window = known(sum.own_events_in_window, own_events_in_window);
    add_counts(&mut sum.counts, counts);
    add_counts(&mut sum.cell_counts, cell_counts);
    add_errors(&mut sum.errors, errors);
    sum.reconnects += reconnects;
    sum.restarts += restarts;
    sum.recycles += recycles;
    sum.slow_readers = both(sum.slow_readers, slow_readers, add_slow_readers);
    sum.polls = both(sum.polls, polls, add_polls);
    sum.cell_polls = both(sum.cell_polls, cell_polls, add_polls);
    add_bytes(&mut sum.bytes, bytes);
    sum.loadgen = add_usage(sum.loadgen, loadgen);
    sum.server = both(sum.server, server, add_usage);
    sum.kernel = most(sum.kernel, kernel);
    add_histograms(&mut sum.histograms, histograms);
    sum.latency_absent = sum.latency_absent.take().or(latency_absent);
    add_seconds(&mut sum.seconds, seconds);
}
