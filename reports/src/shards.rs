//! Shards that were measured apart, in several shells or at several times: those of one cell become one record once all
//! of them are there.

use std::collections::BTreeSet;

use feedbench_record::Record;
use feedbench_record::merge::{merge, of_one_cell};

use crate::lang::Lang;
use crate::number::grouped;
use crate::text::{charts_bars as text, common};

/// Merges the shards of each cell of which none is missing, and leaves every other record as it is. A cell that was
/// measured more than once gives as many records, in the order of time. What is merged stands where its first shard stood.
pub fn join(records: Vec<Record>) -> Vec<Record> {
    let mut joined = Vec::new();
    let mut left = records;
    while !left.is_empty() {
        let first = left.remove(0);
        if first.scenario.shard.is_none() {
            joined.push(first);
            continue;
        }
        let (mut cell, others) = left.into_iter().partition(|other| of_one_cell(&first, other));
        left = others;
        cell.insert(0, first);
        joined.append(&mut join_cell(cell));
    }
    joined
}

/// All shards of one cell, several of some of them perhaps.
fn join_cell(mut left: Vec<Record>) -> Vec<Record> {
    left.sort_by(|one, other| one.started_at.cmp(&other.started_at));
    let mut joined = Vec::new();
    loop {
        let mut seen = BTreeSet::new();
        let number = |record: &Record| record.scenario.shard.map(|shard| shard.number);
        let (set, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(|record| seen.insert(number(record)));
        match merge(set.clone(), Vec::new()) {
            Ok(record) => joined.push(record),
            Err(_) => {
                joined.extend(set);
                joined.extend(rest);
                return joined;
            }
        }
        left = rest;
    }
}

/// A sentence for each cell of which only some shards are there: which of them are missing.
pub fn missing<'r>(records: impl IntoIterator<Item = &'r Record>, lang: Lang) -> Vec<String> {
    let mut cells: Vec<Vec<&Record>> = Vec::new();
    for record in records.into_iter().filter(|record| record.scenario.shard.is_some()) {
        match cells.iter_mut().find(|cell| of_one_cell(cell[0], record)) {
            Some(cell) => cell.push(record),
            None => cells.push(vec![record]),
        }
    }
    cells.iter().filter_map(|cell| sentence(cell, lang)).collect()
}

fn sentence(cell: &[&Record], lang: Lang) -> Option<String> {
    let (first, shard) = (cell[0], cell[0].scenario.shard?);
    let there: BTreeSet<_> = cell.iter().filter_map(|record| Some(record.scenario.shard?.number)).collect();
    let missing: Vec<_> = (1..=shard.of).filter(|number| !there.contains(number)).map(|n| n.to_string()).collect();
    let (transport, clients) = (common::transport(lang, first.transport), grouped(shard.cell_clients.into()));
    let names = common::listed(lang, &missing);
    match missing.len() {
        0 => None,
        1 => Some(text::apart(lang, &text::one_shard_missing(lang, transport, clients, shard.of, names))),
        number => Some(text::apart(lang, &text::shards_missing(lang, transport, clients, number, shard.of, names))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use feedbench_record::{Scenario, Transport};

    fn part(transport: Transport, number: u32, hour: u32) -> Record {
        let scenario = Scenario { clients: 30, ..Scenario::default() };
        let mut record = fixture::record_of(transport, scenario.part(number, 3), 1);
        record.id = format!("001-{transport}-30-r1.shard-{number}-of-3");
        record.started_at = format!("2026-03-01T{hour:02}:00:00Z");
        record
    }

    fn told(records: &[Record]) -> Vec<(&str, u32)> {
        records.iter().map(|record| (record.id.as_str(), record.scenario.clients)).collect()
    }

    #[test]
    fn the_shards_of_a_cell_become_one_record_wherever_they_are_and_others_stay() {
        let other = fixture::record(Transport::Sse);
        let [one, two, three] = [1, 2, 3].map(|number| part(Transport::WebSocket, number, 1));
        let foreign = part(Transport::Polling, 2, 1);
        let joined = join(vec![three, other.clone(), one, foreign.clone(), two]);
        let merged = ("001-websocket-30-r1", 30);
        assert_eq!(told(&joined), [merged, (&other.id, other.scenario.clients), (&foreign.id, 10)]);
        assert_eq!(joined[0].processes.server, 3);
        assert_eq!(
            missing(&joined, Lang::En),
            ["Of polling with 30 clients, 2 shards of 3 are missing (1 and 3): what is there is shown by itself."]
        );
        let zh = "轮询（30 个客户端）的 3 个分片中缺少 2 个（1 和 3）：已有的分片单独列出。";
        assert_eq!(missing(&joined, Lang::Zh), [zh]);
    }

    #[test]
    fn a_cell_that_was_measured_twice_is_two_records_in_the_order_of_time() {
        let all = |hour| [1, 2, 3].map(|number| part(Transport::WebSocket, number, hour)).to_vec();
        let mut records = [all(9), all(7)].concat();
        records.push(part(Transport::WebSocket, 3, 11));
        let joined = join(records);
        let starts: Vec<_> = joined.iter().map(|record| record.started_at[11..13].to_owned()).collect();
        assert_eq!(starts, ["07", "09", "11"]);
        assert_eq!(joined[2].scenario.clients, 10);
        assert!(missing(&joined, Lang::En)[0].contains("(1 and 2)"), "{:?}", missing(&joined, Lang::En));
    }
}
