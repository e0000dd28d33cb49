//! What searches for a capacity found: their sentences, their charts, and every step as a row.

use feedbench_record::Record;
use feedbench_record::capacity::{Axis, Capacity, StepFigures, capacities};

use crate::charts::{self, Chart};
use crate::look::Look;
use crate::number::{plain, significant};
use crate::set::{self, Item};
use crate::table::{ABSENT, Align, Heading, Table};

/// The part of a report that searches have.
pub(crate) struct Found {
    /// One for each search.
    pub(crate) sentences: Vec<String>,
    pub(crate) charts: Vec<Chart>,
    /// Every step of every search.
    pub(crate) steps: Table,
    pub(crate) caption: String,
}

/// What the searches among these cells found; `None` without a search.
pub(crate) fn found(records: &[Record], items: &[Item<'_>], look: Look) -> Option<Found> {
    let searches = capacities(records);
    let steps = set::kinds(items).steps;
    let scene = charts::Scene::of(&steps, look);
    (!searches.is_empty()).then(|| Found {
        sentences: searches.iter().map(|search| format!("{}.", search.text.trim_end_matches('.'))).collect(),
        charts: charts::capacity(&searches, &scene),
        steps: table(&searches.iter().collect::<Vec<_>>()),
        caption: scene.caption,
    })
}

/// The name of a search among others: its transport, with a number where that is not enough.
pub(crate) fn label(search: &Capacity, searches: &[&Capacity]) -> String {
    let alike: Vec<_> = searches.iter().filter(|other| other.transport == search.transport).collect();
    match alike.iter().position(|other| std::ptr::eq(**other, search)) {
        Some(index) if alike.len() > 1 => format!("{} #{}", search.transport.title(), index + 1),
        _ => search.transport.title().to_owned(),
    }
}

/// Every step of these searches.
pub(crate) fn table(searches: &[&Capacity]) -> Table {
    let heading = |text: &str, align| Heading { text: text.to_owned(), align };
    let mut header = vec![heading("search", Align::Left)];
    let figures =
        ["clients or events/s", "p50 (ms)", "p99 (ms)", "SLO (ms)", "server CPU (cores)", "load generator CPU (cores)"];
    header.extend(figures.map(|text| heading(text, Align::Right)));
    header.extend(["outcome", "why"].map(|text| heading(text, Align::Left)));
    let row = |search: &Capacity, step: &StepFigures| {
        let shown = |figure: Option<f64>| figure.map_or_else(|| ABSENT.to_owned(), significant);
        let ms = |us: Option<u64>| shown(us.map(|us| us as f64 / 1_000.0));
        let value = match search.axis {
            Axis::Clients => plain(step.value),
            Axis::Rate => search.axis.text(step.value),
        };
        let latency = [ms(step.p50_us), ms(step.p99_us), plain(search.slo_us as f64 / 1_000.0)];
        let cpu = [shown(step.server_cores), shown(step.loadgen_cores)];
        let mut row = vec![label(search, searches), format!("{value} {}", search.axis.unit())];
        row.extend(latency.into_iter().chain(cpu));
        row.extend([step.outcome.title().to_owned(), step.why.join("; ")]);
        row
    };
    let rows = searches.iter().flat_map(|search| search.steps.iter().map(move |step| row(search, step)));
    Table { header, rows: rows.collect() }
}
