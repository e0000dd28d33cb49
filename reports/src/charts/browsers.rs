//! The latency of a browser's pages and of the load generator, for each transport.

use feedbench_record::browsers::{Browsers, Pair};
use feedbench_record::histogram::Histogram;
use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, Reading, Stroke};
use super::frame::{Chart, LABEL, Plan, Room, SMALL, base_line, bottom_axis, bottom_title, nothing};
use super::letters::{Letters, text_width};
use super::repetitions::hollow;
use super::scale::Scale;
use crate::look::Look;
use crate::number::significant;
use crate::style::{self, INK, MUTED, Style};
use crate::table::Table;
use crate::text::browsers as text;
use crate::text::common;

const ROW: f64 = 20.0;
const GAP: f64 = 14.0;
const KEY: f64 = 28.0;
const AXIS: f64 = 52.0;
const EMPTY: f64 = 120.0;
/// The shares that are drawn.
const SHARES: [f64; 3] = [0.5, 0.9, 0.99];

/// One side of one transport.
struct Line<'a> {
    pair: &'a Pair,
    is_browser: bool,
    /// At each of [`SHARES`] (ms).
    ms: [f64; 3],
}

impl<'a> Line<'a> {
    fn of(pair: &'a Pair, latency: Option<&Histogram>, is_browser: bool) -> Option<Line<'a>> {
        let ms = SHARES.map(|share| latency?.quantile_us(share));
        let [Some(p50), Some(p90), Some(p99)] = ms else { return None };
        Some(Line { pair, is_browser, ms: [p50, p90, p99].map(|us| us as f64 / 1e3) })
    }

    fn words(&self) -> String {
        format!("p50 {} · p99 {} ms", significant(self.ms[0]), significant(self.ms[2]))
    }
}

/// The chart; without a line where nothing was delivered.
pub(crate) fn chart(measured: &Browsers, look: Look, data: Table, caption: &str) -> Chart {
    let groups: Vec<Vec<Line<'_>>> = measured.transports.iter().map(lines).filter(|lines| !lines.is_empty()).collect();
    let rows: usize = groups.iter().map(Vec::len).sum();
    let height = if rows == 0 { EMPTY } else { KEY + rows as f64 * ROW + groups.len() as f64 * GAP + AXIS };
    let plan = Plan {
        name: "browser-latency".to_owned(),
        title: text::latency_chart(look.lang).to_owned(),
        description: text::latency_description(look.lang).to_owned(),
        notes: Vec::new(),
        data,
        height,
    };
    plan.draw(look, caption, |canvas| if rows == 0 { nothing(canvas, height) } else { draw(canvas, &groups, height) })
}

fn lines(pair: &Pair) -> Vec<Line<'_>> {
    let imitation = pair.imitation.as_ref().and_then(|imitation| imitation.latency.as_ref());
    [Line::of(pair, Some(&pair.browser.latency), true), Line::of(pair, imitation, false)]
        .into_iter()
        .flatten()
        .collect()
}

fn draw(canvas: &Canvas<'_>, groups: &[Vec<Line<'_>>], height: f64) {
    let lang = canvas.look().lang;
    let all = || groups.iter().flatten();
    let side = |line: &Line<'_>| if line.is_browser { text::browser(lang) } else { text::load_generator(lang) };
    let sides = all().map(|line| text_width(side(line), SMALL)).fold(0.0, f64::max);
    let names = all().map(|line| text_width(common::transport(lang, line.pair.transport), LABEL)).fold(0.0, f64::max);
    let words = all().map(|line| text_width(&line.words(), SMALL)).fold(0.0, f64::max);
    let left = 16.0 + names * 1.1 + 16.0 + sides + 12.0;
    let room = Room { left, top: KEY, right: canvas.look().width() - words - 24.0, bottom: height - AXIS };
    let low = all().map(|line| line.ms[0]).fold(f64::INFINITY, f64::min);
    let high = all().map(|line| line.ms[2]).fold(0.0, f64::max);
    let x = Scale::logarithmic(low, high).between(room.left, room.right);
    canvas.text((16.0, 10.0), text::latency_key(lang), Letters::new(SMALL, MUTED));
    bottom_axis(canvas, room, &x, 6, true);
    bottom_title(canvas, room, text::latency_axis(lang));
    let mut top = room.top;
    for group in groups {
        let middle = |row: usize| top + GAP / 2.0 + ROW * (row as f64 + 0.5);
        let Some(transport) = group.first().map(|line| line.pair.transport) else { continue };
        let name = common::transport(lang, transport);
        let reading = |(row, line): (usize, &Line<'_>)| Reading {
            at: (x.at(line.ms[0]), middle(row)),
            text: format!("{}: {}", side(line), line.words()),
        };
        let readings: Vec<_> = group.iter().enumerate().map(reading).collect();
        canvas.series(transport, name, &readings, |canvas| {
            let height = (middle(0) + middle(group.len() - 1)) / 2.0;
            canvas.text((16.0, height), name, Letters::new(LABEL, INK).bold());
            for (row, line) in group.iter().enumerate() {
                let y = middle(row);
                let beside = Letters::new(SMALL, MUTED).anchored(HPos::Right);
                canvas.text((room.left - 12.0, y), side(line), beside);
                draw_line(canvas, line, y, &x);
                canvas.text((room.right + 10.0, y), &line.words(), Letters::new(SMALL, INK));
            }
        });
        top += GAP + ROW * group.len() as f64;
    }
    base_line(canvas, (room.left, room.top), (room.left, room.bottom));
}

fn draw_line(canvas: &Canvas<'_>, line: &Line<'_>, y: f64, x: &Scale) {
    let Style { colour, marker, .. } = style::of(line.pair.transport);
    let [p50, p90, p99] = line.ms.map(|ms| x.at(ms));
    let stroke = Stroke { colour, width: if line.is_browser { 2.4 } else { 1.4 }, dash: &[] };
    canvas.line(&[(p50, y), (p99, y)], stroke);
    for (at, half) in [(p90, 3.0), (p99, 5.0)] {
        canvas.line(&[(at, y - half), (at, y + half)], stroke);
    }
    match line.is_browser {
        true => canvas.marker((p50, y), marker, 4.2, colour),
        false => hollow(canvas, (p50, y), marker, 4.2, colour),
    }
}
