//! Delivery latency by percentile, one line for each cell, each with its label at its end.

use feedbench_record::Histogram;

use super::canvas::{Canvas, Point, Stroke};
use super::frame::{Chart, LABEL, Plan, Room, base_line, bottom_axis, bottom_title, left_axis, left_title, nothing};
use super::letters::{Letters, text_width};
use super::place::place;
use super::scale::Scale;
use super::scene::Scene;
use crate::number::significant;
use crate::set::Item;
use crate::style::{INK, INVALID, Style, tint};
use crate::table::{ABSENT, Align, Heading, Table};

const Y_AXIS: &str = "delivery latency (ms, logarithmic)";
const X_AXIS: &str = "percentile of the deliveries: so many took at most this long";
const LABEL_HEIGHT: f64 = 19.0;
/// From the axes' end to a label: the leader and the marker.
const LABEL_GAP: f64 = 50.0;
/// A point of a line stands at every so many pixels.
const STEP: f64 = 1.5;
/// The percentiles that have a marker, and a column in the data.
const MARKED: [f64; 8] = [0.5, 0.9, 0.99, 0.999, 0.999_9, 0.999_99, 0.999_999, 0.999_999_9];

/// One cell with its latencies.
struct Line<'a> {
    item: &'a Item<'a>,
    histogram: &'a Histogram,
}

impl Line<'_> {
    fn ms_at(&self, share: f64) -> Option<f64> {
        self.histogram.quantile_us(share).map(|us| us as f64 / 1_000.0)
    }

    /// Enough deliveries for a percentile: at least one above it.
    fn supports(&self, share: f64) -> bool {
        self.histogram.count() as f64 * (1.0 - share) >= 1.0 - 1e-6
    }

    fn points(&self, x: &Scale, y: &Scale, room: Room) -> Vec<Point> {
        let end = x.at(1.0 - 1.0 / self.histogram.count().max(1) as f64).max(room.left + 1.0);
        let steps = ((end - room.left) / STEP).ceil() as usize;
        let point = |step: usize| {
            let pixel = room.left + (end - room.left) * step as f64 / steps as f64;
            // The line ends at the largest latency.
            let share = if step == steps { 1.0 } else { x.value_at(pixel) };
            Some((pixel, y.at(self.ms_at(share)?)))
        };
        // What lies outside the histogram's bounds has no height.
        (0..=steps).map(point).skip_while(Option::is_none).map_while(|point| point).collect()
    }
}

fn lines<'a>(items: &'a [Item<'a>]) -> Vec<Line<'a>> {
    let line = |item: &'a Item<'a>| {
        let histogram = item.record.histograms.delivery_latency.as_ref()?;
        histogram.mean_us().map(|_| Line { item, histogram })
    };
    items.iter().filter_map(line).collect()
}

fn notes(items: &[Item<'_>]) -> Vec<String> {
    let note = |item: &Item<'_>| match item.record.histograms.delivery_latency.as_ref() {
        Some(histogram) if histogram.outside() > 0 => {
            Some(format!("{}: {} deliveries outside 0 to 60 s.", item.marked_label(), histogram.outside()))
        }
        Some(histogram) if histogram.count() > 0 => None,
        Some(_) => Some(format!("{}: no latency, nothing was delivered.", item.marked_label())),
        None => {
            let reason = item.record.latency_absent.as_deref().unwrap_or("no reason given");
            Some(format!("{}: no latency, {reason}.", item.marked_label()))
        }
    };
    items.iter().filter_map(note).collect()
}

pub(crate) fn chart(scene: &Scene<'_>) -> Chart {
    let items = scene.items.as_slice();
    let lines = lines(items);
    let height = if lines.is_empty() { 80.0 } else { (lines.len() as f64 * LABEL_HEIGHT + 70.0).max(440.0) };
    let plan = Plan {
        name: "latency-by-percentile".to_owned(),
        title: "Delivery latency by percentile".to_owned(),
        description: format!(
            "One line for each cell. Left to right: {X_AXIS} (%), as far as there are deliveries, each further nine \
             as long as the one before. Bottom to top: {Y_AXIS}."
        ),
        notes: notes(items),
        data: data(items),
        height,
    };
    plan.draw(scene.look, &scene.caption, |canvas| draw(canvas, &lines, height))
}

fn draw(canvas: &Canvas<'_>, lines: &[Line<'_>], height: f64) {
    let values = || lines.iter().flat_map(|line| [0.0, 0.5, 1.0, 0.99].map(|share| line.ms_at(share))).flatten();
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max));
    if high <= 0.0 {
        return nothing(canvas, height);
    }
    let longest = lines.iter().map(|line| text_width(&line.item.marked_label(), LABEL)).fold(0.0, f64::max);
    let room = Room {
        left: 76.0,
        top: 12.0,
        right: canvas.look().width() - LABEL_GAP - longest - 10.0,
        bottom: height - 52.0,
    };
    let samples = lines.iter().map(|line| line.histogram.count()).max().unwrap_or(1);
    let x = Scale::nines(samples).between(room.left, room.right);
    let y = Scale::logarithmic(low, high).between(room.bottom, room.top);
    bottom_axis(canvas, room, &x, 0, true);
    left_axis(canvas, room, &y, 0, true);
    base_line(canvas, (room.left, room.bottom), (room.right, room.bottom));
    bottom_title(canvas, room, X_AXIS);
    left_title(canvas, 20.0, room, Y_AXIS);

    let paths: Vec<_> = lines.iter().map(|line| line.points(&x, &y, room)).collect();
    for (line, path) in lines.iter().zip(&paths) {
        let Style { colour, dash, marker } = line.item.style();
        canvas.line(path, Stroke { colour, width: if line.item.valid() { 2.4 } else { 1.5 }, dash });
        for share in MARKED.into_iter().filter(|&share| line.supports(share)) {
            if let Some(ms) = line.ms_at(share) {
                canvas.marker((x.at(share), y.at(ms)), marker, 3.6, colour);
            }
        }
    }
    let ends: Vec<Point> = paths.iter().map(|path| path.last().copied().unwrap_or((room.left, room.bottom))).collect();
    let wanted: Vec<f64> = ends.iter().map(|end| end.1).collect();
    let placed = place(&wanted, LABEL_HEIGHT, room.top + 4.0, room.bottom + 30.0);
    for ((line, &end), middle) in lines.iter().zip(&ends).zip(placed) {
        label(canvas, line, end, (room.right + LABEL_GAP, middle));
    }
}

fn label(canvas: &Canvas<'_>, line: &Line<'_>, end: Point, at: Point) {
    let Style { colour, marker, .. } = line.item.style();
    let leader = Stroke { colour: tint(colour, 0.7), width: 1.0, dash: &[] };
    // Level until the axes' end: a leader that falls through the data would be taken for a line.
    let level = (at.0 - LABEL_GAP + 3.0, end.1);
    canvas.line(&[end, level, (at.0 - 20.0, at.1), (at.0 - 12.0, at.1)], leader);
    canvas.marker((at.0 - 9.0, at.1), marker, 4.4, colour);
    let ink = if line.item.valid() { INK } else { INVALID };
    canvas.text(at, &line.item.marked_label(), Letters::new(LABEL, ink));
}

fn data(items: &[Item<'_>]) -> Table {
    let lines = lines(items);
    let shares: Vec<_> = [0.0]
        .into_iter()
        .chain(MARKED.into_iter().filter(|&share| lines.iter().any(|line| line.supports(share))))
        .collect();
    let right = |text: String| Heading { text, align: Align::Right };
    let mut header = vec![Heading { text: "cell".to_owned(), align: Align::Left }, right("deliveries".to_owned())];
    header.extend(shares.iter().map(|share| match share {
        0.0 => right("smallest (ms)".to_owned()),
        // Rounded, because 0.999 * 100 is not 99.9 in binary.
        share => right(format!("{} % (ms)", (share * 1e9).round() / 1e7)),
    }));
    header.push(right("largest (ms)".to_owned()));
    let row = |item: &Item<'_>| {
        let histogram = item.record.histograms.delivery_latency.as_ref();
        let line = histogram.map(|histogram| Line { item, histogram });
        let count = histogram.map_or(ABSENT.to_owned(), |h| crate::number::grouped(h.count()));
        let figure = |share: f64| {
            let line = line.as_ref().filter(|line| share == 1.0 || line.supports(share))?;
            line.ms_at(share).map(significant)
        };
        let figures = shares.iter().chain([&1.0]).map(|&share| figure(share).unwrap_or(ABSENT.to_owned()));
        [item.label.clone(), count].into_iter().chain(figures).collect()
    };
    Table { header, rows: items.iter().map(row).collect() }
}
