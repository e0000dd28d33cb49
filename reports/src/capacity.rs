//! What searches for a capacity found: their sentences, their charts, and every step as a row.

use feedbench_record::Record;
use feedbench_record::capacity::{Axis, Capacity, Limit, Outcome, StepFigures, capacities};
use feedbench_record::verdict::Reason;

use crate::charts::{self, Chart};
use crate::lang::Lang;
use crate::look::Look;
use crate::number::{plain, significant};
use crate::set::{self, Item};
use crate::table::{ABSENT, Align, Heading, Table};
use crate::text::{charts_bars as text, common, reasons};

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
    let mut searches = capacities(records);
    searches.iter_mut().flat_map(|search| &mut search.steps).for_each(|step| tell(step, records, look.lang));
    let steps = set::kinds(items).steps;
    let scene = charts::Scene::of(&steps, look);
    (!searches.is_empty()).then(|| Found {
        sentences: searches.iter().map(|search| sentence(search, look.lang)).collect(),
        charts: charts::capacity(&searches, &scene),
        steps: table(&searches.iter().collect::<Vec<_>>(), look.lang),
        caption: scene.caption,
    })
}

/// The name of a search among others: its transport, with a number where that is not enough.
pub(crate) fn label(search: &Capacity, searches: &[&Capacity], lang: Lang) -> String {
    let transport = common::transport(lang, search.transport);
    let alike: Vec<_> = searches.iter().filter(|other| other.transport == search.transport).collect();
    match alike.iter().position(|other| std::ptr::eq(**other, search)) {
        Some(index) if alike.len() > 1 => format!("{transport} #{}", index + 1),
        _ => transport.to_owned(),
    }
}

/// What a search found, as a sentence.
pub(crate) fn sentence(search: &Capacity, lang: Lang) -> String {
    let title = common::sentence(lang, common::transport(lang, search.transport));
    let slo = plain(search.slo_us as f64 / 1_000.0);
    let named = |value: f64| match search.axis {
        Axis::Clients => clients(lang, value),
        Axis::Rate => text::events_per_s(lang, search.axis.text(value)),
    };
    let failed = search.failed.map_or_else(|| ABSENT.to_owned(), named);
    let last = search.failed.and_then(|failed| search.steps.iter().rfind(|step| step.value == failed));
    let why = last.map_or_else(|| ABSENT.to_owned(), |step| why(step, search.slo_us, lang));
    match (search.capacity.map(named), search.limit) {
        (Some(held), Limit::Slo) => text::held_to_slo(lang, title, held, slo, failed, why),
        (Some(held), Limit::LoadGenerator) => text::held_to_load_generator(lang, title, held, slo, failed, why),
        (Some(held), Limit::Machine) => text::held_to_machine(lang, title, held, slo),
        (Some(held), Limit::Unfinished) => text::held_unfinished(lang, title, held, slo),
        (None, Limit::Unfinished) => text::nothing_unfinished(lang, title),
        (None, Limit::LoadGenerator) => text::nothing_known(lang, title, failed, why),
        (None, Limit::Slo | Limit::Machine) => text::nothing_held(lang, title, failed, slo, why),
    }
}

/// Gives a step the reasons of its verdict in the report's language, behind the sentence about its p99 if there is one.
fn tell(step: &mut StepFigures, records: &[Record], lang: Lang) {
    let of_step = |record: &&Record| {
        let reasons = &record.verdict.reasons;
        // Two searches may have steps of one name.
        record.id == step.id && reasons.len() <= step.why.len() && step.why.ends_with(&texts(reasons))
    };
    if let Some(record) = records.iter().find(of_step) {
        step.why.truncate(step.why.len() - record.verdict.reasons.len());
        step.why.extend(record.verdict.reasons.iter().map(|reason| reasons::sentence(lang, reason, record)));
    }
}

fn texts(reasons: &[Reason]) -> Vec<String> {
    reasons.iter().map(|reason| reason.text.clone()).collect()
}

/// Why a step did not hold.
fn why(step: &StepFigures, slo_us: u64, lang: Lang) -> String {
    let p99 = match step.p99_us {
        Some(p99_us) if p99_us <= slo_us => None,
        Some(p99_us) => Some(text::p99_was(lang, format!("{:.1}", p99_us as f64 / 1_000.0))),
        None => Some(text::p99_unknown(lang).to_owned()),
    };
    // The step's own sentence about p99 comes first, and is English.
    let reasons = step.why.iter().skip(usize::from(p99.is_some())).cloned();
    p99.into_iter().chain(reasons).collect::<Vec<_>>().join(text::semicolon(lang))
}

fn clients(lang: Lang, number: f64) -> String {
    common::counted(lang, number.round() as u64, "client", "clients", "个客户端")
}

fn outcome(outcome: Outcome, lang: Lang) -> &'static str {
    match outcome {
        Outcome::Held => text::held(lang),
        Outcome::Missed => text::missed(lang),
        Outcome::Disturbed => text::disturbed(lang),
    }
}

/// Every step of these searches.
pub(crate) fn table(searches: &[&Capacity], lang: Lang) -> Table {
    let heading = |text: &str, align| Heading { text: text.to_owned(), align };
    let mut header = vec![heading(text::search(lang), Align::Left)];
    let figures = [
        text::searched_value(lang),
        "p50 (ms)",
        "p99 (ms)",
        "SLO (ms)",
        text::server_cores(lang),
        text::loadgen_cores(lang),
    ];
    header.extend(figures.map(|text| heading(text, Align::Right)));
    header.extend([text::outcome(lang), text::why(lang)].map(|text| heading(text, Align::Left)));
    let row = |search: &Capacity, step: &StepFigures| {
        let shown = |figure: Option<f64>| figure.map_or_else(|| ABSENT.to_owned(), significant);
        let ms = |us: Option<u64>| shown(us.map(|us| us as f64 / 1_000.0));
        let value = match search.axis {
            Axis::Clients => clients(lang, step.value),
            Axis::Rate => text::events_per_s(lang, search.axis.text(step.value)),
        };
        let latency = [ms(step.p50_us), ms(step.p99_us), plain(search.slo_us as f64 / 1_000.0)];
        let cpu = [shown(step.server_cores), shown(step.loadgen_cores)];
        let mut row = vec![label(search, searches, lang), value];
        row.extend(latency.into_iter().chain(cpu));
        row.extend([outcome(step.outcome, lang).to_owned(), why(step, search.slo_us, lang)]);
        row
    };
    let rows = searches.iter().flat_map(|search| search.steps.iter().map(move |step| row(search, step)));
    Table { header, rows: rows.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_sentence_says_the_same_in_each_language() {
        let found = capacities(&fixture::searches());
        let last = &found[found.len() - 1];
        let [en, zh] = Lang::ALL.map(|lang| sentence(last, lang));
        assert!(en.starts_with("WebSocket: at least ") && en.contains("not the server"), "{en}");
        assert!(zh.starts_with("WebSocket：") && zh.contains("负载生成器") && zh.ends_with('。'), "{zh}");
        for number in [last.capacity, last.failed].into_iter().flatten() {
            assert!(en.contains(&plain(number)) && zh.contains(&plain(number)), "{number}: {en} {zh}");
        }
    }

    #[test]
    fn the_reasons_of_a_step_are_told_in_the_language_of_the_report() {
        let records = fixture::searches();
        let look = |lang| Look { lang, ..Look::default() };
        let why = |lang| {
            let found = found(&records, &set::of(&records, lang), look(lang));
            found.map_or_else(String::new, |found| found.sentences[2].clone())
        };
        let (en, zh) = (why(Lang::En), why(Lang::Zh));
        assert!(en.contains("the load generator was late to read"), "{en}");
        assert!(!zh.contains("load generator") && zh.contains("90.0 ms"), "{zh}");
    }

    #[test]
    fn a_step_whose_p99_held_keeps_every_other_reason() {
        let (reason, known) = ("the host took 3 % of the CPU time".to_owned(), Some(9_000));
        let mut step = capacities(&fixture::searches()).remove(0).steps.remove(0);
        (step.p99_us, step.why) = (known, vec![reason.clone()]);
        assert_eq!(why(&step, 12_000, Lang::Zh), reason);
        (step.p99_us, step.why) = (Some(30_000), vec!["p99 was 30.0 ms".to_owned(), reason.clone()]);
        assert_eq!(why(&step, 12_000, Lang::Zh), format!("p99 为 30.0 ms；{reason}"));
    }
}
