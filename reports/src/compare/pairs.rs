//! Which points of two results belong together, and what keeps them from being compared.

use std::collections::BTreeMap;

use feedbench_record::run::Record;
use feedbench_record::{Scenario, Transport};
use serde::Serialize;

use crate::conditions::{self, distinct};
use crate::lang::Lang;
use crate::number::{grouped, memory};
use crate::table::ABSENT;
use crate::text::compare as text;

/// Something that is not the same on both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What it is.
    pub name: String,
    /// Its value in A; several where the repetitions differ among themselves.
    pub a: String,
    /// Its value in B.
    pub b: String,
}

/// One transport at one point of a scenario: every repetition on both sides.
pub(super) struct Pair<'r> {
    pub(super) a: Vec<&'r Record>,
    pub(super) b: Vec<&'r Record>,
}

/// The points of both sides.
pub(super) struct Pairs<'r> {
    pub(super) both: Vec<Pair<'r>>,
    pub(super) only_in_a: Vec<Vec<&'r Record>>,
    pub(super) only_in_b: Vec<Vec<&'r Record>>,
}

/// Puts the points of both sides together. Where a transport was measured on both sides and no scenario of its own is on
/// both, those that differ least are a pair, so that it can be said in what they differ.
pub(super) fn of<'r>(a: &'r [Record], b: &'r [Record]) -> Pairs<'r> {
    let mut pairs = Pairs { both: Vec::new(), only_in_a: Vec::new(), only_in_b: Vec::new() };
    for transport in Transport::ALL {
        let (mut left_a, mut left_b) = (points(a, transport), points(b, transport));
        let mut both = Vec::new();
        take_pairs(&mut left_a, &mut left_b, &mut both, |one, other| same_point(one, other).then_some(0));
        if both.is_empty() {
            take_pairs(&mut left_a, &mut left_b, &mut both, |one, other| Some(scenario(one, other, Lang::En).len()));
        }
        pairs.both.append(&mut both);
        pairs.only_in_a.append(&mut left_a);
        pairs.only_in_b.append(&mut left_b);
    }
    pairs.both.sort_by_key(|pair| pair.a[0].scenario.clients);
    pairs
}

/// Takes what has the least distance first, until nothing is left that has one.
fn take_pairs<'r>(
    left_a: &mut Vec<Vec<&'r Record>>,
    left_b: &mut Vec<Vec<&'r Record>>,
    pairs: &mut Vec<Pair<'r>>,
    distance: impl Fn(&Record, &Record) -> Option<usize>,
) {
    loop {
        let places = (0..left_a.len()).flat_map(|a| (0..left_b.len()).map(move |b| (a, b)));
        let distances = places.filter_map(|(a, b)| Some((distance(left_a[a][0], left_b[b][0])?, a, b)));
        let Some((_, a, b)) = distances.min() else { return };
        pairs.push(Pair { a: left_a.remove(a), b: left_b.remove(b) });
    }
}

/// The repetitions of each point of a transport. A step of a search was chosen by the one before it: none is compared.
fn points(records: &[Record], transport: Transport) -> Vec<Vec<&Record>> {
    let mut points: Vec<Vec<&Record>> = Vec::new();
    for record in records.iter().filter(|record| record.transport == transport && record.step.is_none()) {
        match points.iter_mut().find(|point| same_point(point[0], record)) {
            Some(point) => point.push(record),
            None => points.push(vec![record]),
        }
    }
    points
}

/// Is it the same transport at the same point, in whatever suite? Each repetition has a seed of its own, and what does not
/// concern the transport may differ.
fn same_point(one: &Record, other: &Record) -> bool {
    let point = |record: &Record| Scenario { seed: 0, ..record.scenario.as_seen_by(record.transport) };
    one.transport == other.transport && point(one) == point(other)
}

/// The values of two scenarios that differ, as far as they concern the transport.
fn scenario(a: &Record, b: &Record, lang: Lang) -> Vec<Difference> {
    let of = |record: &Record| conditions::of(&record.scenario.as_seen_by(record.transport), lang);
    of(a)
        .into_iter()
        .zip(of(b))
        .filter(|(a, b)| !a.is_seed && a.value != b.value)
        .map(|(a, b)| Difference { name: a.name.to_owned(), a: a.value, b: b.value })
        .collect()
}

/// What two records are asked for: its name, and the value of one.
type Value = (fn(Lang) -> &'static str, fn(&Record) -> String);

/// What the machine, the build and the number of processes have to be alike in.
const SURROUNDINGS: [Value; 12] = [
    (text::processor, |record| record.machine.cpu.clone()),
    (text::architecture, |record| record.machine.arch.clone()),
    (text::cores, |record| record.machine.cores.to_string()),
    (text::machine_memory, |record| exactly(record.machine.memory_bytes)),
    (text::memory_limit, |record| record.machine.cgroup_memory_bytes.map_or(ABSENT.to_owned(), exactly)),
    (text::kernel, |record| record.machine.kernel.clone()),
    (text::clock_source, |record| record.machine.clock_source.clone().unwrap_or(ABSENT.to_owned())),
    (text::file_limit, |record| grouped(record.machine.file_limit)),
    (text::build, |record| record.tool.profile.clone()),
    (text::allocator, |record| record.tool.allocator.clone()),
    (text::server_processes, |record| record.processes.server.to_string()),
    (text::loadgen_processes, |record| record.processes.loadgen.to_string()),
];

/// What may differ, for it is what is compared, but is told.
const CHANGES: [Value; 3] = [
    (text::version, |record| record.tool.version.clone()),
    (text::commit, |record| record.tool.commit.clone().unwrap_or(ABSENT.to_owned())),
    (text::seeds, |record| record.scenario.seed.to_string()),
];

/// A size for people; with its bytes, as two may look the same.
fn exactly(bytes: u64) -> String {
    format!("{} ({})", memory(bytes), grouped(bytes))
}

impl Pair<'_> {
    /// What keeps the two sides from being compared, scenario first; empty where nothing does.
    pub(super) fn differences(&self, lang: Lang) -> Vec<Difference> {
        let mut differences = scenario(self.a[0], self.b[0], lang);
        for (name, value) in SURROUNDINGS {
            let [a, b] = [&self.a, &self.b].map(|side| distinct(side.iter().map(|record| value(record))));
            // Repetitions of several machines are no sample of one, even where both sides have the same mixture.
            if a.len() > 1 || a != b {
                differences.push(Difference { name: name(lang).to_owned(), a: a.join("; "), b: b.join("; ") });
            }
        }
        differences
    }
}

/// What is not the same on both sides and does no harm: the version, the commit, the libraries, the seeds.
pub(super) fn changes(pairs: &[Pair<'_>], lang: Lang) -> Vec<Difference> {
    let sides = [pairs.iter().flat_map(|pair| &pair.a).collect(), pairs.iter().flat_map(|pair| &pair.b).collect()];
    let differ = |name: String, values: [Vec<String>; 2]| {
        let [a, b] = values;
        (a != b).then(|| Difference { name, a: a.join("; "), b: b.join("; ") })
    };
    let of = |(name, value): Value| {
        let values = sides.each_ref().map(|side: &Vec<&&Record>| {
            let mut values = distinct(side.iter().map(|record| value(record)));
            // Cells may stand in another order in each side.
            values.sort();
            values
        });
        differ(name(lang).to_owned(), values)
    };
    let mut libraries: BTreeMap<&str, [Vec<String>; 2]> = BTreeMap::new();
    for (index, side) in sides.iter().enumerate() {
        for (name, version) in side.iter().flat_map(|record| &record.tool.libraries) {
            let versions = &mut libraries.entry(name).or_default()[index];
            if !versions.contains(version) {
                versions.push(version.clone());
            }
        }
    }
    let absent = |versions: Vec<String>| if versions.is_empty() { vec![ABSENT.to_owned()] } else { versions };
    let of_libraries = libraries.into_iter().map(|(name, versions)| (name.to_owned(), versions.map(absent)));
    CHANGES
        .into_iter()
        .filter_map(of)
        .chain(of_libraries.filter_map(|(name, versions)| differ(name, versions)))
        .collect()
}
