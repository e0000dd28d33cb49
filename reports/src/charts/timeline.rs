//! Latency, deliveries and bytes over time.

use feedbench_record::run::Second;

use super::frame::{Chart, Plan};
use super::panels::Grid;
use super::repetitions::{Columns, left, right};
use super::scale::Scale;
use super::scene::Scene;
use crate::lang::Lang;
use crate::set::{Item, Point};
use crate::table::Table;
use crate::text::charts_lines as text;
use crate::text::common;

/// A figure of a second, and its name.
pub(super) type Figure = (&'static str, fn(&Second) -> Option<f64>);

/// What a chart shows of each second.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    Latency,
    Deliveries,
    Bytes,
}

impl Measure {
    pub(super) const fn axis(self, lang: Lang) -> &'static str {
        match self {
            Measure::Latency => text::seconds_latency_axis(lang),
            Measure::Deliveries => text::deliveries_axis(lang),
            Measure::Bytes => text::bytes_axis(lang),
        }
    }

    const fn title(self, lang: Lang) -> &'static str {
        match self {
            Measure::Latency => text::latency_over_time(lang),
            Measure::Deliveries => text::deliveries_over_time(lang),
            Measure::Bytes => text::bytes_over_time(lang),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Measure::Latency => "latency-over-time",
            Measure::Deliveries => "deliveries-over-time",
            Measure::Bytes => "bytes-over-time",
        }
    }

    const fn meaning(self, lang: Lang) -> &'static str {
        match self {
            Measure::Latency => text::panel_latency(lang),
            Measure::Deliveries => text::panel_deliveries(lang),
            Measure::Bytes => text::panel_bytes(lang),
        }
    }

    /// The unit, as a reading has it.
    pub(super) const fn unit(self) -> &'static str {
        match self {
            Measure::Latency => "ms",
            Measure::Deliveries => "1/s",
            Measure::Bytes => "kB/s",
        }
    }

    /// The figures of a second, with their names: the one that is drawn thick first.
    pub(super) fn figures(self) -> &'static [Figure] {
        match self {
            Measure::Latency => &[("p50", |second| ms_at(second, 0.5)), ("p99", |second| ms_at(second, 0.99))],
            Measure::Deliveries => &[("", |second| Some(second.delivered as f64))],
            Measure::Bytes => &[("", |second| Some(second.bytes? as f64 / 1_000.0))],
        }
    }

    /// The figure that is drawn thick.
    pub(super) fn first(self, second: &Second) -> Option<f64> {
        self.figures()[0].1(second)
    }
}

/// The latency (ms) that this share of a second's deliveries does not exceed.
pub(super) fn ms_at(second: &Second, share: f64) -> Option<f64> {
    second.latency.as_ref()?.quantile_us(share).map(|us| us as f64 / 1_000.0)
}

/// Latency over time.
pub(crate) fn latency(scene: &Scene<'_>) -> Chart {
    chart(scene, Measure::Latency)
}

/// Deliveries over time.
pub(crate) fn deliveries(scene: &Scene<'_>) -> Chart {
    chart(scene, Measure::Deliveries)
}

/// Bytes over time; `None` where no record has them.
pub(crate) fn bytes(scene: &Scene<'_>) -> Option<Chart> {
    let mut seconds = scene.items.iter().flat_map(|item| &item.record.seconds);
    seconds.any(|second| second.bytes.is_some()).then(|| chart(scene, Measure::Bytes))
}

fn chart(scene: &Scene<'_>, measure: Measure) -> Chart {
    let (look, lang, points) = (scene.look, scene.lang(), scene.points.as_slice());
    let grid = Grid::of(look, points.len());
    let repeated = points.iter().any(|point| point.items().len() > 1);
    let sentences = [text::panels(lang, text::time_axis(lang), measure.axis(lang))];
    let sentences = sentences.into_iter().chain([measure.meaning(lang), text::panel_grey(lang)].map(str::to_owned));
    let sentences = sentences.chain(repeated.then(|| text::panel_repetitions(lang).to_owned()));
    let space = if lang == Lang::En { " " } else { "" };
    let plan = Plan {
        name: measure.name().to_owned(),
        title: measure.title(lang).to_owned(),
        description: sentences.collect::<Vec<_>>().join(space),
        notes: notes(lang, points, measure, repeated),
        data: data(lang, points, measure),
        height: grid.height(),
    };
    let y = scale(&scene.items, measure);
    plan.draw(look, &scene.caption, |canvas| grid.draw(canvas, points, y, measure))
}

/// One axis for all.
fn scale(items: &[Item<'_>], measure: Measure) -> Option<Scale> {
    let seconds = || items.iter().flat_map(|item| &item.record.seconds);
    let values = || seconds().flat_map(|second| measure.figures().iter().filter_map(|(_, figure)| figure(second)));
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max));
    (high > 0.0).then(|| match measure {
        Measure::Latency => Scale::logarithmic(low, high),
        Measure::Deliveries | Measure::Bytes => Scale::linear(high * 1.05),
    })
}

fn notes(lang: Lang, points: &[Point<'_>], measure: Measure, repeated: bool) -> Vec<String> {
    let has = |point: &Point<'_>, wanted: &dyn Fn(&Second) -> bool| {
        point.items().iter().flat_map(|item| &item.record.seconds).any(wanted)
    };
    let listed = |points: Vec<&Point<'_>>| {
        common::listed(lang, &points.into_iter().map(Point::marked_label).collect::<Vec<_>>())
    };
    let mut notes = Vec::new();
    if repeated {
        notes.push(text::panel_repetitions(lang).to_owned());
    }
    let without: Vec<_> = points.iter().filter(|point| !has(point, &|_| true)).collect();
    if !without.is_empty() {
        notes.push(text::no_seconds(lang, listed(without)));
    }
    let no_bytes = |point: &Point<'_>| has(point, &|_| true) && !has(point, &|second| second.bytes.is_some());
    let without: Vec<_> = points.iter().filter(|point| measure == Measure::Bytes && no_bytes(point)).collect();
    if !without.is_empty() {
        notes.push(text::no_bytes(lang, listed(without)));
    }
    notes
}

fn data(lang: Lang, points: &[Point<'_>], measure: Measure) -> Table {
    let columns = Columns::of(lang, points, measure.unit());
    let named = measure == Measure::Latency;
    let mut header = vec![left(text::point(lang)), right(text::second(lang))];
    header.extend(named.then(|| right(text::percentile(lang))));
    header.extend(columns.headings());
    let mut rows = Vec::new();
    for point in points {
        let mut seconds: Vec<_> =
            point.items().iter().flat_map(|item| &item.record.seconds).map(|second| second.second).collect();
        seconds.sort_unstable();
        seconds.dedup();
        for number in seconds {
            for (name, figure) in measure.figures() {
                let of_item = |item: &Item<'_>| {
                    item.record.seconds.iter().find(|second| second.second == number).and_then(figure)
                };
                let mut row = vec![point.label().to_owned(), number.to_string()];
                row.extend(named.then(|| (*name).to_owned()));
                row.extend(columns.texts(point, point.estimate(of_item).as_ref(), of_item));
                rows.push(row);
            }
        }
    }
    Table { header, rows }
}
