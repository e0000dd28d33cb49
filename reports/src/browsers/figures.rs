//! Latencies and bytes of both sides.

use feedbench_record::browsers::{Browsers, Field, Imitation, Outcome, Pair};
use feedbench_record::histogram::Histogram;

use crate::lang::Lang;
use crate::number::{grouped, significant};
use crate::table::{ABSENT, Align, Heading, Table};
use crate::text::browsers as text;
use crate::text::common;

/// A table with a row for each transport.
fn by_transport(measured: &Browsers, lang: Lang, columns: &[String], row: impl Fn(&Pair) -> Vec<String>) -> Table {
    let heading = |text: &str, align| Heading { text: text.to_owned(), align };
    let mut header = vec![heading(text::transport_head(lang), Align::Left)];
    header.extend(columns.iter().map(|column| heading(column, Align::Right)));
    let rows = measured.transports.iter().map(|pair| {
        let name = common::transport(lang, pair.transport).to_owned();
        [vec![name], row(pair)].concat()
    });
    Table { header, rows: rows.collect() }
}

/// The percentiles of both sides.
pub(super) fn latency(measured: &Browsers, lang: Lang) -> Table {
    let sides = [text::browser(lang), text::load_generator(lang)];
    let mut columns: Vec<String> = sides
        .iter()
        .flat_map(|side| ["p50", "p90", "p99"].map(|percentile| text::p_head(lang, side, percentile)))
        .collect();
    columns.push(text::later_head(lang).to_owned());
    columns.extend(sides.map(|side| text::events_head(lang, side)));
    columns.push(text::clock_head(lang).to_owned());
    by_transport(measured, lang, &columns, |pair| {
        let (browser, imitation) = (&pair.browser, pair.imitation.as_ref());
        let theirs = imitation.and_then(|imitation| imitation.latency.as_ref());
        let mut row: Vec<String> = [Some(&browser.latency), theirs]
            .into_iter()
            .flat_map(|latency| [0.5, 0.9, 0.99].map(|share| ms(latency, share)))
            .collect();
        let later = browser.latency.quantile_us(0.5).zip(theirs.and_then(|latency| latency.quantile_us(0.5)));
        row.push(later.map_or_else(absent, |(one, other)| significant((one as f64 - other as f64) / 1e3)));
        row.push(grouped(browser.delivered));
        row.push(imitation.and_then(|imitation| imitation.delivered).map_or_else(absent, grouped));
        let off = browser.clock.and_then(|clock| clock.witness_ms);
        row.push(off.map_or_else(absent, significant));
        row
    })
}

/// Heads and events of both sides.
pub(super) fn bytes(measured: &Browsers, lang: Lang) -> Table {
    let sides = [text::browser(lang), text::load_generator(lang)];
    let mut columns: Vec<String> = sides.map(|side| text::request_head(lang, side)).to_vec();
    columns.extend([text::difference_head(lang), text::fields_head(lang), text::answer_head(lang)].map(str::to_owned));
    columns.extend(sides.map(|side| text::per_event_head(lang, side)));
    columns.extend(sides.map(|side| text::opening_head(lang, side)));
    columns.push(text::heads_head(lang).to_owned());
    by_transport(measured, lang, &columns, |pair| {
        let (browser, imitation) = (&pair.browser, pair.imitation.as_ref());
        let figure = |of: fn(&Imitation) -> Option<f64>| imitation.and_then(of).map_or_else(absent, each);
        vec![
            browser.request.as_ref().map_or_else(absent, |head| grouped(head.bytes())),
            request_of_profile(pair).map_or_else(absent, grouped),
            longer(pair).map_or_else(absent, signed),
            different(pair).map_or_else(absent, |fields| grouped(fields.count() as u64)),
            browser.answer.as_ref().map_or_else(absent, |head| grouped(head.bytes())),
            browser.bytes.per_event.map_or_else(absent, each),
            figure(|imitation| imitation.per_event),
            browser.bytes.opening.map_or_else(absent, each),
            figure(|imitation| imitation.opening),
            browser.witness.map_or_else(absent, |witness| text::of(lang, witness.equal, witness.compared)),
        ]
    })
}

/// The figures that fit a terminal.
pub(super) fn short(measured: &Browsers, lang: Lang) -> Table {
    let sides = [text::browser(lang), text::load_generator(lang)];
    let mut columns: Vec<String> = sides.map(|side| text::request_head(lang, side)).to_vec();
    columns.push(text::fields_head(lang).to_owned());
    columns.extend(sides.map(|side| text::per_event_head(lang, side)));
    columns.extend(sides.iter().flat_map(|side| ["p50", "p99"].map(|percentile| text::p_head(lang, side, percentile))));
    by_transport(measured, lang, &columns, |pair| {
        let imitation = pair.imitation.as_ref();
        let theirs = imitation.and_then(|imitation| imitation.latency.as_ref());
        let mut row = vec![
            pair.browser.request.as_ref().map_or_else(absent, |head| grouped(head.bytes())),
            request_of_profile(pair).map_or_else(absent, grouped),
            different(pair).map_or_else(absent, |fields| grouped(fields.count() as u64)),
            pair.browser.bytes.per_event.map_or_else(absent, each),
            imitation.and_then(|imitation| imitation.per_event).map_or_else(absent, each),
        ];
        let latencies = [Some(&pair.browser.latency), theirs].into_iter();
        row.extend(latencies.flat_map(|latency| [0.5, 0.99].map(|share| ms(latency, share))));
        row
    })
}

fn absent() -> String {
    ABSENT.to_owned()
}

/// Bytes for each of something: two that hardly differ are told apart.
fn each(bytes: f64) -> String {
    if bytes < 1_000.0 { format!("{bytes:.1}") } else { significant(bytes) }
}

/// A percentile (ms).
pub(super) fn ms(latency: Option<&Histogram>, share: f64) -> String {
    latency.and_then(|latency| latency.quantile_us(share)).map_or_else(absent, |us| significant(us as f64 / 1e3))
}

fn request_of_profile(pair: &Pair) -> Option<u64> {
    Some(pair.imitation.as_ref()?.request.as_ref()?.len() as u64)
}

/// By how much the browser's request head is longer than the profile's (bytes).
fn longer(pair: &Pair) -> Option<i64> {
    Some(pair.browser.request.as_ref()?.bytes() as i64 - request_of_profile(pair)? as i64)
}

/// A difference, with its sign.
pub(super) fn signed(number: i64) -> String {
    match number {
        0 => "0".to_owned(),
        1.. => format!("+{}", grouped(number.unsigned_abs())),
        _ => format!("−{}", grouped(number.unsigned_abs())),
    }
}

/// The fields that are not the same at both; `None` where no two heads were compared.
pub(super) fn different(pair: &Pair) -> Option<impl Iterator<Item = &Field>> {
    request_of_profile(pair)?;
    pair.browser.request.as_ref()?;
    Some(pair.fields.iter().filter(|field| field.outcome() != Outcome::Same))
}
