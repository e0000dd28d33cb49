//! Bytes per delivered event: what each of them is for, above TCP and on IP.

use feedbench_record::summary::Layers;
use feedbench_record::{Layer, Way};
use plotters::style::RGBColor;

use super::bars::{self, Bar, Figure, Fill, Key, Part};
use super::frame::{Chart, Plan};
use super::scene::Scene;
use crate::lang::Lang;
use crate::look::{Look, Medium};
use crate::number::{grouped, significant};
use crate::set::{Item, Point};
use crate::style::layer_colour;
use crate::text::{charts_bars as text, common};
use crate::theory::{self, Quantity};

/// Headers of TCP and IP.
const BELOW: RGBColor = RGBColor(222, 225, 230);
/// Overhead of a record without a ledger.
const UNTOLD: RGBColor = RGBColor(160, 166, 173);

/// The payload first: what comes on top of it then begins at the same place in each bar.
const ORDER: [Layer; 9] = [
    Layer::Payload,
    Layer::EventFraming,
    Layer::BodyFraming,
    Layer::ResponseHeaders,
    Layer::RequestHeaders,
    Layer::Control,
    Layer::TlsHandshake,
    Layer::Tls,
    Layer::Unclassified,
];
const WAYS: [Way; 2] = [Way::Down, Way::Up];

pub(crate) fn chart(scene: &Scene<'_>) -> Chart {
    let (lang, points) = (scene.lang(), scene.points.as_slice());
    let axis = text::bytes_axis(lang);
    let groups = bars::groups(points, |point| bars_of(point, scene.look));
    let plan = Plan {
        name: "bytes-per-event".to_owned(),
        title: text::bytes_title(lang).to_owned(),
        description: text::bytes_description(lang, axis),
        notes: notes(points, lang),
        data: bars::data(lang, points.iter().flat_map(rows)),
        height: 0.0,
    };
    bars::chart(scene, plan, &groups, key(&scene.items, lang), axis)
}

fn total(item: &Item<'_>) -> Option<f64> {
    item.cell.bytes_per_event.total
}

fn on_ip(item: &Item<'_>) -> Option<f64> {
    item.cell.bytes_per_event.ip
}

fn payload(item: &Item<'_>) -> Option<f64> {
    item.cell.bytes_per_event.payload
}

fn fill(way: Way, layer: Layer) -> Fill {
    match way {
        Way::Up => Fill::Outlined(layer_colour(layer)),
        Way::Down => Fill::Solid(layer_colour(layer)),
    }
}

/// `request headers, client to server`.
fn layer_name(lang: Lang, way: Way, layer: Layer) -> String {
    let way = match way {
        Way::Up => text::upwards(lang),
        Way::Down => text::downwards(lang),
    };
    format!("{}{}{way}", common::layer(lang, layer), common::label_comma(lang))
}

fn part(length: f64, fill: Fill, look: Look, name: &str) -> Part {
    let bytes = significant(length);
    // In a column of a journal, digits inside of a bar are too small to be read.
    let inside = if look.medium == Medium::Paper { String::new() } else { bytes.clone() };
    let reading = text::bytes_reading(look.lang, name, bytes);
    Part { length, fill, text: inside, reading }
}

/// The repetitions whose layers a bar shows: the one whose figure is the median, or the two around it, whose mean it is. So
/// the layers, or their means, add up to the bar.
pub(super) fn middle<'p, 'a>(point: &'p Point<'a>, figure: fn(&Item<'_>) -> Option<f64>) -> Vec<&'p Item<'a>> {
    let valid = point.valid().any(|item| figure(item).is_some());
    let mut items: Vec<(f64, &Item<'a>)> = point
        .items()
        .iter()
        .filter(|item| item.valid() == valid)
        .filter_map(|item| Some((figure(item)?, item)))
        .collect();
    items.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (last, half) = (items.len().saturating_sub(1), items.len() / 2);
    items.into_iter().skip(last / 2).take(half + 1 - last / 2).map(|(_, item)| item).collect()
}

/// The mean of what all of these have; `None` where one has it not.
pub(super) fn mean(items: &[&Item<'_>], figure: impl Fn(&Item<'_>) -> Option<f64>) -> Option<f64> {
    let figures = items.iter().map(|item| figure(item)).collect::<Option<Vec<_>>>()?;
    (!figures.is_empty()).then(|| figures.iter().sum::<f64>() / figures.len() as f64)
}

/// What TCP carries in these repetitions; the parts add up to their total.
fn above_tcp(items: &[&Item<'_>], look: Look) -> Option<Vec<Part>> {
    let lang = look.lang;
    let layers = |item: &Item<'_>| item.cell.bytes_per_event.layers.clone();
    let Some(layers) = items.iter().map(|item| layers(item)).collect::<Option<Vec<Layers>>>() else {
        let payload = mean(items, payload)?;
        let overhead = mean(items, |item| item.cell.bytes_per_event.overhead)?;
        let of_payload = fill(Way::Down, Layer::Payload);
        return Some(vec![
            part(payload, of_payload, look, common::layer(lang, Layer::Payload)),
            part(overhead, Fill::Solid(UNTOLD), look, text::untold(lang)),
        ]);
    };
    let each = WAYS.into_iter().flat_map(|way| ORDER.map(|layer| (way, layer)));
    let parts = each.map(|(way, layer)| {
        let bytes = layers.iter().map(|layers| layers.get(way, layer)).sum::<f64>() / layers.len().max(1) as f64;
        part(bytes, fill(way, layer), look, &layer_name(lang, way, layer))
    });
    Some(parts.filter(|part| part.length > 0.0).collect())
}

fn bars_of(point: &Point<'_>, look: Look) -> Vec<Bar> {
    let lang = look.lang;
    let middle_of_total = middle(point, total);
    let (Some(estimate), Some(parts), Some(payload)) =
        (point.estimate(total), above_tcp(&middle_of_total, look), mean(&middle_of_total, payload))
    else {
        let nothing = point.items().iter().all(|item| item.record.cell_counts.delivered == 0);
        return vec![bars::absent(if nothing { common::no_event(lang) } else { common::not_measured(lang) })];
    };
    let figure = Figure { look, unit: text::bytes_unit(lang) };
    let shown = significant(estimate.median);
    let text = match look.medium {
        Medium::Paper => text::above_tcp_bytes(lang, shown),
        Medium::Page | Medium::Slide => {
            let overhead = significant(estimate.median - payload);
            bars::with_repetitions(lang, text::above_tcp_with_overhead(lang, shown, overhead), &estimate)
        }
    };
    let reading = figure.reading(text::above_tcp(lang), &estimate);
    let expected = expected_bytes(point);
    vec![Bar { parts, text, reading, estimate: Some(estimate), expected }, bar_on_ip(point, look)]
}

/// What theory expects above TCP; `None` where it has no word on the point.
fn expected_bytes(point: &Point<'_>) -> Option<f64> {
    let records: Vec<_> = point.items().iter().map(|item| item.record).collect();
    theory::of_repetitions(&records).figure(Quantity::Bytes).ok().flatten().map(|expected| expected.value)
}

fn bar_on_ip(point: &Point<'_>, look: Look) -> Bar {
    let lang = look.lang;
    let items = middle(point, on_ip);
    let (Some(estimate), Some(mut parts), Some(total)) =
        (point.estimate(on_ip), above_tcp(&items, look), mean(&items, total))
    else {
        return bars::absent(format!("{}{}{}", text::on_ip(lang), text::colon(lang), common::not_measured(lang)));
    };
    let below = (estimate.median - total).max(0.0);
    parts.push(part(below, Fill::Solid(BELOW), look, text::tcp_and_ip(lang)));
    let text = text::on_ip_bytes(lang, significant(estimate.median));
    let text = if look.medium == Medium::Paper { text } else { bars::with_repetitions(lang, text, &estimate) };
    let reading = Figure { look, unit: text::bytes_unit(lang) }.reading(text::on_ip(lang), &estimate);
    Bar { parts, text, reading, estimate: Some(estimate), expected: None }
}

fn key(items: &[Item<'_>], lang: Lang) -> Key {
    let layers = || items.iter().filter_map(|item| item.cell.bytes_per_event.layers.as_ref());
    let occurs = |layer: &Layer| layers().any(|layers| WAYS.iter().any(|&way| layers.get(way, *layer) > 0.0));
    let of_layer = |layer| (fill(Way::Down, layer), common::layer(lang, layer));
    let mut key: Vec<_> = ORDER.into_iter().filter(occurs).map(of_layer).collect();
    let bytes = || items.iter().map(|item| &item.cell.bytes_per_event).filter(|bytes| bytes.total.is_some());
    if bytes().any(|bytes| bytes.layers.is_none()) {
        if layers().next().is_none() {
            key.push(of_layer(Layer::Payload));
        }
        key.push((Fill::Solid(UNTOLD), text::untold(lang)));
    }
    if bytes().any(|bytes| bytes.ip.is_some()) {
        key.push((Fill::Solid(BELOW), text::tcp_and_ip(lang)));
    }
    if layers().next().is_some() {
        key.push((Fill::Full, text::downwards(lang)));
        key.push((Fill::Outlined(UNTOLD), text::upwards(lang)));
    }
    Key::of(key)
}

fn notes(points: &[Point<'_>], lang: Lang) -> Vec<String> {
    let mut notes = Vec::new();
    if points.iter().any(|point| point.items().len() > 1) {
        notes.push(text::layers_note(lang).to_owned());
    }
    let items = points.iter().flat_map(Point::items);
    notes.extend(items.filter_map(|item| {
        let (ip, all) = (item.record.bytes.ip?.connections, item.record.bytes.loadgen.connections);
        (ip < all).then(|| text::lower_bound(lang, item.marked_label(), grouped(ip), grouped(all)))
    }));
    notes
}

/// The figures of a point, and one for each of its layers in each direction.
fn rows(point: &Point<'_>) -> Vec<Vec<String>> {
    let lang = point.lang();
    let bytes = |name: &str| text::per_event(lang, name);
    let row = |name: String, figure: &dyn Fn(&Item<'_>) -> Option<f64>| {
        bars::row(point, &name, point.estimate(figure).as_ref())
    };
    let mut rows = vec![
        row(bytes(text::above_tcp(lang)), &total),
        row(bytes(common::layer(lang, Layer::Payload)), &payload),
        row(bytes(text::overhead(lang)), &|item| item.cell.bytes_per_event.overhead),
        row(bytes(text::on_ip(lang)), &on_ip),
        bars::row_of_theory(point, &bytes(text::expected_above_tcp(lang)), expected_bytes(point)),
        row(text::opening_figure(lang).to_owned(), &|item| item.cell.bytes_per_event.opening),
    ];
    for (way, layer) in WAYS.into_iter().flat_map(|way| ORDER.map(|layer| (way, layer))) {
        let of_layer = |item: &Item<'_>| Some(item.cell.bytes_per_event.layers.as_ref()?.get(way, layer));
        let occurs = |item: &Item<'_>| of_layer(item).is_some_and(|bytes| bytes > 0.0);
        if point.items().iter().any(occurs) {
            rows.push(row(bytes(&layer_name(lang, way, layer)), &of_layer));
        }
    }
    rows
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::fixture;
    use crate::set;
    use feedbench_record::{Record, Scenario, Transport};

    /// Repetitions whose request heads are so many bytes longer in all.
    fn repetitions(longer: &[u64]) -> Vec<Record> {
        let record = |(number, &longer): (usize, &u64)| {
            let scenario = Scenario { clients: 20, ..Scenario::default() };
            let mut record = fixture::record_of(Transport::Polling, scenario, number as u32 + 1);
            record.cell_counts.delivered = 1_000;
            record.bytes.loadgen.ledger.as_mut().unwrap().up.request_headers += longer;
            record.bytes.loadgen.up += longer;
            // Not in the order of the bytes above TCP.
            record.bytes.ip.as_mut().unwrap().up += longer + (longer * 7_919) % 1_000;
            record
        };
        longer.iter().enumerate().map(record).collect()
    }

    #[test]
    fn the_layers_of_a_bar_add_up_to_its_text_however_often_it_was_measured() {
        let longer = [40_000, 0, 13_000, 90_000, 52_000, 7_000, 61_000];
        for number in 1..=longer.len() {
            let records = repetitions(&longer[..number]);
            let points = set::points(&set::of(&records, Lang::En));
            let bars = bars_of(&points[0], Look::default());
            for bar in &bars {
                let (sum, estimate) = (bar.parts.iter().map(|part| part.length).sum::<f64>(), bar.estimate.as_ref());
                let median = estimate.unwrap().median;
                assert!((sum / median - 1.0).abs() < 1e-9, "{number}: {sum} and {median}");
                assert!(bar.text.starts_with(&significant(sum)), "{}", bar.text);
            }
            assert_eq!(bars.len(), 2);
        }
    }

    #[test]
    fn theory_stands_across_the_bar_above_tcp_where_it_has_a_word_and_in_the_data() {
        let mut records = vec![fixture::record(Transport::WebSocket)];
        let expected = theory::of_repetitions(&[&records[0]]).figure(Quantity::Bytes).unwrap().unwrap().value;
        let drawn = |records: &[Record]| {
            let points = set::points(&set::of(records, Lang::En));
            let name = text::per_event(Lang::En, text::expected_above_tcp(Lang::En));
            let told = rows(&points[0]).into_iter().find(|row| row[1] == name).unwrap()[2].clone();
            (bars_of(&points[0], Look::default()).iter().map(|bar| bar.expected).collect::<Vec<_>>(), told)
        };
        assert_eq!(drawn(&records), (vec![Some(expected), None], significant(expected)));
        records[0].scenario.tls = true;
        assert_eq!(drawn(&records), (vec![None, None], crate::table::ABSENT.to_owned()));
    }

    #[test]
    fn layers_of_invalid_repetitions_stand_only_where_there_are_no_others() {
        let mut records = repetitions(&[0, 900_000, 10_000]);
        for record in &mut records[1..] {
            record.counts.lost = Some(1);
            record.verdict = feedbench_record::judge::judge(record);
        }
        let points = set::points(&set::of(&records, Lang::En));
        assert_eq!(middle(&points[0], total).iter().map(|item| item.record.repetition).collect::<Vec<_>>(), [1]);
        let points = set::points(&set::of(&records[1..], Lang::En));
        assert_eq!(middle(&points[0], total).iter().map(|item| item.record.repetition).collect::<Vec<_>>(), [3, 2]);
    }
}
