//! `report.html`: what the template shows, made from the cells.

use askama::Template;
use feedbench_record::verdict::{Class, Verdict, Workload};

use crate::capacity::Found;
use crate::charts::Chart;
use crate::conditions::{self, distinct};
use crate::gates;
use crate::lang::Lang;
use crate::number::{count, grouped, memory};
use crate::quantum_leap::Comparison;
use crate::ratios;
use crate::set::{self, Item, Kinds};
use crate::shards;
use crate::table::{self, ABSENT, Align, Group, Table};
use crate::words::{self, listed};

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    title: String,
    suites: String,
    measured: String,
    notices: Vec<String>,
    sentences: String,
    caption: String,
    figures: Vec<Figures>,
    absent_latencies: Vec<String>,
    leap: Option<&'a (Comparison, Chart)>,
    capacity: Option<&'a Found>,
    ratios: Table,
    charts: &'a [Chart],
    verdict: String,
    invalid: Vec<Invalid>,
    gates: Table,
    agreement: Vec<Agreed>,
    conditions: Vec<(&'static str, String)>,
    surroundings: Vec<(&'static str, String)>,
    own_server: bool,
}

/// One of the tables of figures.
struct Figures {
    title: &'static str,
    table: Table,
    verdicts: Vec<RowVerdict>,
}

/// What stands at the end of a row.
struct RowVerdict {
    valid: bool,
    workload: Workload,
    anchor: String,
}

impl RowVerdict {
    /// What a valid cell is good for.
    fn good(&self) -> &'static str {
        match self.workload {
            Workload::Open => "valid",
            Workload::Closed | Workload::Idle => self.workload.id(),
        }
    }
}

/// An invalid cell with its reasons.
struct Invalid {
    anchor: String,
    label: String,
    id: String,
    reasons: Vec<(&'static str, Vec<String>)>,
}

/// How the byte counts of one cell compare.
struct Agreed {
    label: String,
    compared: String,
    with_kernel: String,
    excluded: String,
    differences: String,
    names: Vec<String>,
}

/// The page.
pub(crate) fn html(
    items: &[Item<'_>],
    charts: &[Chart],
    leap: Option<&(Comparison, Chart)>,
    capacity: Option<&Found>,
    lang: Lang,
) -> Result<String, askama::Error> {
    let page = Page {
        title: words::title(items, lang),
        suites: distinct(items.iter().map(|item| item.record.suite.as_str())).join(", "),
        measured: measured(items),
        notices: notices(items, lang),
        sentences: words::scenario(items, lang).join(" "),
        caption: words::caption(items, lang),
        figures: all_figures(items),
        absent_latencies: absent_latencies(items),
        leap,
        capacity,
        ratios: ratios::table(&set::kinds(items).open),
        charts,
        verdict: verdict(items),
        invalid: invalid(items),
        gates: gates::table(items),
        agreement: items.iter().map(agreed).collect(),
        conditions: conditions::of_all(&items.iter().map(|item| item.record).collect::<Vec<_>>(), lang),
        surroundings: surroundings(items, lang),
        own_server: items.iter().any(|item| item.record.processes.server > 0),
    };
    page.render()
}

fn measured(items: &[Item<'_>]) -> String {
    let starts = || items.iter().map(|item| item.record.started_at.as_str());
    match (starts().min(), starts().max()) {
        (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
        (Some(first), _) => first.to_owned(),
        (None, _) => ABSENT.to_owned(),
    }
}

/// What a reader has to know before the first figure.
fn notices(items: &[Item<'_>], lang: Lang) -> Vec<String> {
    let mut notices = Vec::new();
    let labels = |wanted: &dyn Fn(&Item<'_>) -> bool| -> Vec<String> {
        items.iter().filter(|item| wanted(item)).map(|item| item.label.clone()).collect()
    };
    let interrupted = labels(&|item| item.record.interrupted);
    if !interrupted.is_empty() {
        let cells = count(interrupted.len(), "cell was", "cells were");
        notices.push(format!("Interrupted: {cells} stopped before the end ({}).", listed(&interrupted)));
    }
    let invalid = labels(&|item| !item.valid());
    if !invalid.is_empty() {
        let total = items.len();
        notices.push(format!(
            "{} of {} invalid ({}): marked ✗ everywhere, with the reasons under Verdicts.",
            invalid.len(),
            if invalid.len() == 1 {
                format!("{} is", count(total, "cell", "cells"))
            } else {
                format!("{total} cells are")
            },
            listed(&invalid)
        ));
    }
    let closed = labels(&|item| item.is_closed());
    if !closed.is_empty() {
        notices.push(format!(
            "Closed: throughput only ({}): each answer brought the next request, so these cells stand in no chart or table \
             of delay, bytes or CPU of an event.",
            listed(&closed)
        ));
    }
    let reduced = |item: &Item<'_>| {
        let asked = item.record.scenario.clients_asked?;
        Some(format!(
            "{} clients were asked for; this machine and version hold {} in {}, and so many were measured.",
            grouped(asked.into()),
            grouped(item.cell.clients.into()),
            words::pairs(item.record.processes, lang)
        ))
    };
    notices.extend(distinct(items.iter().filter_map(reduced)));
    notices.extend(shards::missing(items.iter().map(|item| item.record), lang));
    let machines = words::machines(items, lang);
    if machines.len() > 1 {
        notices.push(format!(
            "The cells were measured on {} machines: figures of different machines do not compare transports.",
            machines.len()
        ));
    }
    let unoptimised = labels(&|item| item.record.tool.profile != "release");
    if !unoptimised.is_empty() {
        let cells = count(unoptimised.len(), "cell was", "cells were");
        notices.push(format!("{cells} measured with a build that is not optimised: CPU and latency are too high."));
    }
    notices
}

fn anchor(item: &Item<'_>, items: &[Item<'_>]) -> String {
    let index = items.iter().position(|other| std::ptr::eq(other.record, item.record)).unwrap_or(0);
    format!("verdict-{}", index + 1)
}

/// The tables of figures: closed workloads have one of their own, and no other.
fn all_figures(items: &[Item<'_>]) -> Vec<Figures> {
    let Kinds { open, closed, .. } = set::kinds(items);
    let of = |shown: &[Item<'_>], title, groups: &[Group]| {
        let verdict = |item: &Item<'_>| RowVerdict {
            valid: item.valid(),
            workload: item.cell.verdict.workload,
            anchor: anchor(item, items),
        };
        let verdicts = shown.iter().map(verdict).collect();
        (!shown.is_empty()).then(|| Figures { title, table: table::labelled(shown, groups), verdicts })
    };
    let tables = [
        of(&open, "Delivery and latency", &[Group::Delivery]),
        of(&open, "Bytes and polls", &[Group::Bytes]),
        of(&open, "CPU and memory", &[Group::Cpu, Group::Memory]),
        of(&closed, "Closed workloads: throughput only", &[Group::Throughput]),
    ];
    tables.into_iter().flatten().collect()
}

fn absent_latencies(items: &[Item<'_>]) -> Vec<String> {
    let absent = |item: &Item<'_>| {
        let reason = item.record.latency_absent.as_ref()?;
        Some(format!("{}: no delivery latency, {reason}.", item.label))
    };
    items.iter().filter_map(absent).collect()
}

fn verdict(items: &[Item<'_>]) -> String {
    let valid = items.iter().filter(|item| item.valid()).count();
    match (valid, items.len()) {
        (1, 1) => "The cell is valid: there is no reason against it.".to_owned(),
        (valid, total) if valid == total => {
            format!("All {total} cells are valid: there is no reason against any of them.")
        }
        (valid, total) => format!(
            "{valid} of {} valid.",
            if total == 1 { "1 cell is".to_owned() } else { format!("{total} cells are") }
        ),
    }
}

fn invalid(items: &[Item<'_>]) -> Vec<Invalid> {
    let reasons = |verdict: &Verdict| {
        [(Class::Integrity, "Integrity"), (Class::Timing, "Timing")]
            .into_iter()
            .map(|(class, name)| (name, verdict.of_class(class).map(|reason| reason.text.clone()).collect::<Vec<_>>()))
            .filter(|(_, texts)| !texts.is_empty())
            .collect()
    };
    items
        .iter()
        .filter(|item| !item.valid())
        .map(|item| Invalid {
            anchor: anchor(item, items),
            label: item.label.clone(),
            id: item.record.id.clone(),
            reasons: reasons(&item.cell.verdict),
        })
        .collect()
}

fn agreed(item: &Item<'_>) -> Agreed {
    let agreement = &item.record.bytes.agreement;
    let more = |names: &[String], total: u64| match total.saturating_sub(names.len() as u64) {
        0 => None,
        more => Some(format!("and {} more", grouped(more))),
    };
    let named = |what: &str, names: &[String], total| {
        let list: Vec<_> = names.iter().cloned().chain(more(names, total)).collect();
        (!names.is_empty()).then(|| format!("{}, {what}: {}", item.label, list.join("; ")))
    };
    Agreed {
        label: item.label.clone(),
        // Without a server of ours there was nothing to compare with.
        compared: item.record.bytes.server.map_or(ABSENT.to_owned(), |_| grouped(agreement.compared)),
        with_kernel: grouped(agreement.compared_with_kernel),
        excluded: grouped(agreement.excluded),
        differences: grouped(agreement.differences),
        names: [
            named("differences", &agreement.difference_names, agreement.differences),
            named("left out", &agreement.excluded_names, agreement.excluded),
        ]
        .into_iter()
        .flatten()
        .collect(),
    }
}

fn surroundings(items: &[Item<'_>], lang: Lang) -> Vec<(&'static str, String)> {
    let values = |value: &dyn Fn(&Item<'_>) -> String| distinct(items.iter().map(value)).join("; ");
    let optional = |value: Option<String>| value.unwrap_or(ABSENT.to_owned());
    vec![
        ("processor", values(&|item| item.record.machine.cpu.clone())),
        ("cores", values(&|item| item.record.machine.cores.to_string())),
        ("memory", values(&|item| memory(item.record.machine.memory_bytes))),
        (
            "memory limit of the control group",
            values(&|item| optional(item.record.machine.cgroup_memory_bytes.map(memory))),
        ),
        ("kernel", values(&|item| format!("{} ({})", item.record.machine.kernel, item.record.machine.arch))),
        ("clock source", values(&|item| optional(item.record.machine.clock_source.clone()))),
        ("open files allowed for each process", values(&|item| grouped(item.record.machine.file_limit))),
        ("processes", words::processes(items, lang)),
        ("feedbench", values(&|item| item.record.tool.version.clone())),
        ("commit", values(&|item| optional(item.record.tool.commit.clone()))),
        ("build", values(&|item| item.record.tool.profile.clone())),
        ("memory allocator", values(&|item| item.record.tool.allocator.clone())),
        ("libraries", values(&libraries)),
    ]
}

fn libraries(item: &Item<'_>) -> String {
    let libraries = &item.record.tool.libraries;
    libraries.iter().map(|(name, version)| format!("{name} {version}")).collect::<Vec<_>>().join(", ")
}

impl Align {
    /// The class that the style sheet knows.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Align::Left => "text",
            Align::Right => "number",
        }
    }
}
