//! What polling and long polling ask in vain, and what they say again.

use feedbench_record::transport::Manner;

use super::bars::{self, Axis, Bar, Figure, Fill, Key, Part};
use super::frame::{Chart, Plan};
use super::scene::Scene;
use crate::lang::Lang;
use crate::look::{Look, Medium};
use crate::number::{grouped, significant};
use crate::set::{Item, Point};
use crate::text::{charts_bars as text, common};
use crate::theory::{self, Quantity};

/// What stands beside the bars of one chart.
struct Words {
    axis: &'static str,
    /// What the whole is counted in.
    unit: &'static str,
    /// Of the part, and of the rest.
    key: [&'static str; 2],
    /// The figures of the data: share, part and whole.
    figures: [&'static str; 3],
    /// What theory expects (%), where it has a word on it.
    expected: fn(&Point<'_>) -> Option<f64>,
}

/// A part of a whole.
struct Share {
    part: u64,
    of: u64,
}

impl Share {
    fn percent(&self) -> Option<f64> {
        (self.of > 0).then(|| self.part as f64 * 100.0 / self.of as f64)
    }
}

/// The share of empty polls; `None` when no cell polls.
pub(crate) fn empty(scene: &Scene<'_>) -> Option<Chart> {
    let share = |item: &Item<'_>| item.cell.polls.map(|polls| Share { part: polls.empty, of: polls.total });
    let lang = scene.lang();
    let words = Words {
        axis: text::empty_polls_axis(lang),
        unit: text::polls(lang),
        key: [text::without_event(lang), text::with_events(lang)],
        figures: [text::empty_polls_percent(lang), text::empty_polls(lang), text::polls_of_window(lang)],
        expected: expected_empty_polls,
    };
    let (title, description) =
        (text::empty_polls_title(lang), text::empty_polls_description(lang, text::empty_polls_axis(lang)));
    chart(scene, share, ("empty-polls", title, description), &words)
}

/// The share of the header bytes of polls that repeat the head before; `None` when no cell polls.
pub(crate) fn repetition(scene: &Scene<'_>) -> Option<Chart> {
    let share = |item: &Item<'_>| {
        let repetition = item.record.bytes.loadgen.ledger?.repetition;
        Some(Share { part: repetition.identical, of: repetition.heads })
    };
    let lang = scene.lang();
    let words = Words {
        axis: text::repeated_axis(lang),
        unit: text::bytes_of_heads(lang),
        key: [text::same_as_before(lang), text::new_bytes(lang)],
        figures: [text::repeated_percent(lang), text::repeated_bytes(lang), text::heads_with_one_before(lang)],
        expected: |_| None,
    };
    let (title, description) =
        (text::repeated_title(lang), text::repeated_description(lang, text::repeated_axis(lang)));
    chart(scene, share, ("repeated-headers", title, description), &words)
}

fn expected_empty_polls(point: &Point<'_>) -> Option<f64> {
    let records: Vec<_> = point.items().iter().map(|item| item.record).collect();
    let expected = theory::of_repetitions(&records).figure(Quantity::EmptyPolls).ok().flatten();
    expected.map(|share| share.value * 100.0)
}

fn polls(point: &&Point<'_>) -> bool {
    point.transport().manner() != Manner::Pushed
}

/// The points that have no place in such a chart, by name.
fn others(points: &[Point<'_>], lang: Lang) -> Vec<String> {
    let others: Vec<_> = points.iter().filter(|point| !polls(point)).map(Point::marked_label).collect();
    match others.as_slice() {
        [] => Vec::new(),
        [one] => vec![text::apart(lang, &text::does_not_poll(lang, one))],
        several => vec![text::apart(lang, &text::do_not_poll(lang, common::listed(lang, several)))],
    }
}

fn chart(
    scene: &Scene<'_>,
    share: impl Fn(&Item<'_>) -> Option<Share>,
    (name, title, description): (&str, &str, String),
    words: &Words,
) -> Option<Chart> {
    let groups = bars::groups(scene.points.iter().filter(polls), |point| vec![bar(point, scene.look, &share, words)]);
    let plan = Plan {
        name: name.to_owned(),
        title: title.to_owned(),
        description,
        notes: others(&scene.points, scene.lang()),
        data: bars::data(scene.lang(), scene.points.iter().filter(polls).flat_map(|p| rows(p, &share, words))),
        height: 0.0,
    };
    let key = Key::of([Fill::Full, Fill::Light].into_iter().zip(words.key));
    let axis = Axis { title: words.axis, end: Some(100.0) };
    (!groups.is_empty()).then(|| bars::chart(scene, plan, &groups, key, axis))
}

fn bar(point: &Point<'_>, look: Look, share: &impl Fn(&Item<'_>) -> Option<Share>, words: &Words) -> Bar {
    let unit = words.unit;
    let wholes: Vec<_> = point.items().iter().filter_map(|item| Some(share(item)?.of)).collect();
    let Some(estimate) = point.estimate(|item| share(item)?.percent()) else {
        return bars::absent(match wholes.as_slice() {
            [] => common::not_measured(look.lang).to_owned(),
            _ => format!("n = 0 {unit}"),
        });
    };
    let figure = Figure { look, unit: " %" };
    let text = match wholes.as_slice() {
        [of] if look.medium != Medium::Paper => {
            text::percent_of(look.lang, significant(estimate.median), grouped(*of), unit)
        }
        _ => figure.text(&estimate),
    };
    Bar {
        parts: vec![Part::plain(estimate.median, Fill::Full), Part::plain(100.0 - estimate.median, Fill::Light)],
        text,
        reading: figure.reading("", &estimate),
        estimate: Some(estimate),
        expected: (words.expected)(point),
    }
}

fn rows(point: &Point<'_>, share: &impl Fn(&Item<'_>) -> Option<Share>, words: &Words) -> Vec<Vec<String>> {
    let row = |name, figure: fn(&Share) -> Option<f64>| {
        bars::row(point, name, point.estimate(|item| figure(&share(item)?)).as_ref())
    };
    let [percent, part, of] = words.figures;
    let mut rows = vec![
        row(percent, Share::percent),
        row(part, |share| Some(share.part as f64)),
        row(of, |share| Some(share.of as f64)),
    ];
    if let Some(expected) = (words.expected)(point) {
        rows.push(bars::row_of_theory(point, text::expected_empty_polls(point.lang()), Some(expected)));
    }
    rows
}
