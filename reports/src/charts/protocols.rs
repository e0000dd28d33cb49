//! Every transport over every protocol: what an event takes, beside how long it takes.

use feedbench_record::{Layer, Transport, Way};
use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::bars;
use super::bytes::{mean, middle};
use super::canvas::{Canvas, Reading, Stroke, corners};
use super::frame::{Chart, Plan, Room, SMALL, base_line, bottom_axis, bottom_title};
use super::letters::{Letters, text_width};
use super::scale::Scale;
use super::scene::Scene;
use crate::lang::Lang;
use crate::look::{Look, Medium};
use crate::number::{duration_ms, significant};
use crate::protocols::{Board, Carrier, Row, boards, mean_latency_ms, on_ip, request_bytes};
use crate::set::{Item, Point};
use crate::style::{self, INK, INVALID, MUTED, Marker, PAPER, layer_colour, tint};
use crate::text::{common, protocols as text};

/// The layers of each part of a bar, but for the last: what lies below TCP. A part has the colour of its first layer.
const PARTS: [&[Layer]; 4] = [
    &[Layer::Payload],
    &[Layer::EventFraming, Layer::BodyFraming, Layer::Control, Layer::Unclassified],
    &[Layer::RequestHeaders, Layer::ResponseHeaders, Layer::OpeningHandshake],
    &[Layer::Tls, Layer::TlsHandshake],
];
const BELOW: RGBColor = RGBColor(214, 218, 223);
/// One for each distance; who has more of them reads their order along the line.
const MARKERS: [Marker; 5] =
    [Marker::Circle, Marker::Diamond, Marker::Square, Marker::TriangleUp, Marker::TriangleDown];

const ROW: f64 = 17.0;
const NAME: f64 = 20.0;
const GAP: f64 = 9.0;
const KEY_LINE: f64 = 20.0;
const REFERENCE: f64 = 18.0;
const AXIS: f64 = 52.0;
const BETWEEN: f64 = 34.0;

/// A chart for each board.
pub(crate) fn charts(scene: &Scene<'_>) -> Vec<Chart> {
    let boards = boards(&scene.points);
    let many = boards.len() > 1;
    let chart = |(index, board): (usize, &Board<'_, '_>)| {
        let drawing = Drawing { board, look: scene.look };
        let lang = scene.lang();
        let plan = Plan {
            name: if many { format!("protocols-{}", index + 1) } else { "protocols".to_owned() },
            title: text::title(lang).to_owned(),
            description: text::description(lang).to_owned(),
            notes: notes(board, lang),
            data: bars::data(lang, rows(board)),
            height: drawing.height(),
        };
        plan.draw(scene.look, &scene.caption, |canvas| drawing.draw(canvas))
    };
    boards.iter().enumerate().map(chart).collect()
}

/// What the chart answers, in words.
fn notes(board: &Board<'_, '_>, lang: Lang) -> Vec<String> {
    let bytes = |transport, carrier| Some(board.row(transport, carrier)?.nearest().estimate(on_ip)?.median);
    let delay = |transport, carrier| Some(board.row(transport, carrier)?.nearest().estimate(mean_latency_ms)?.median);
    let plain = Carrier::PLAIN;
    let http2 = Carrier { protocol: feedbench_record::scenario::Protocol::Http2, ..plain };
    let mut notes = Vec::new();
    let of = |figure: &dyn Fn(Transport, Carrier) -> Option<f64>| {
        Some([
            figure(Transport::Polling, plain)?,
            figure(Transport::Polling, http2)?,
            figure(Transport::WebSocket, plain)?,
        ])
    };
    if let Some([h1, h2, websocket]) = of(&bytes) {
        let percent = significant(((h1 - h2) / h1 * 100.0).abs());
        let change = if h2 <= h1 { text::less(lang, percent) } else { text::more(lang, percent) };
        let [shown1, shown2, shown_ws] = [h1, h2, websocket].map(significant);
        notes.push(text::answer_polling(lang, shown1, shown2, change, shown_ws, significant(h2 / websocket)));
    }
    if let Some(delays) = of(&delay) {
        let [h1, h2, websocket] = delays.map(significant);
        notes.push(text::answer_delay(lang, h1, h2, websocket));
    }
    let hpack = board.rows().find_map(|(transport, row)| {
        let (first, later) = row.nearest().valid().find_map(request_bytes)?;
        Some(text::hpack(lang, common::transport(lang, transport), significant(first), significant(later?)))
    });
    notes.extend(hpack);
    if let [nearest, _, ..] = board.rtts_ms[..] {
        notes.push(text::bytes_at(lang, duration_ms(nearest)));
    }
    notes
}

/// Every figure of every row.
fn rows(board: &Board<'_, '_>) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for (_, row) in board.rows() {
        for (rtt_ms, point) in &row.points {
            let (lang, rtt) = (point.lang(), duration_ms(*rtt_ms));
            rows.push(bars::row(point, &text::bytes_figure(lang, &rtt), point.estimate(on_ip).as_ref()));
            rows.push(bars::row(point, &text::latency_figure(lang, &rtt), point.estimate(mean_latency_ms).as_ref()));
        }
        let (point, lang) = (row.nearest(), row.nearest().lang());
        let first = |item: &Item<'_>| Some(request_bytes(item)?.0);
        let later = |item: &Item<'_>| request_bytes(item)?.1;
        if point.estimate(first).is_some() {
            rows.push(bars::row(point, text::first_request(lang), point.estimate(first).as_ref()));
            rows.push(bars::row(point, text::later_request(lang), point.estimate(later).as_ref()));
        }
    }
    rows
}

/// What a row's bar is made of: bytes and colour of each part.
fn parts(point: &Point<'_>) -> Option<Vec<(f64, RGBColor)>> {
    let items = middle(point, on_ip);
    let of = |layers: &[Layer]| {
        mean(&items, |item| {
            let told = item.cell.bytes_per_event.layers.as_ref()?;
            Some(Way::ALL.iter().flat_map(|&way| layers.iter().map(move |&layer| told.get(way, layer))).sum())
        })
    };
    let mut parts =
        PARTS.iter().map(|layers| Some((of(layers)?, layer_colour(layers[0])))).collect::<Option<Vec<_>>>()?;
    let all = mean(&items, on_ip)?;
    let above: f64 = parts.iter().map(|(bytes, _)| bytes).sum();
    parts.push(((all - above).max(0.0), BELOW));
    Some(parts)
}

/// A board on its way to paper.
struct Drawing<'b, 'p, 'a> {
    board: &'b Board<'p, 'a>,
    look: Look,
}

impl Drawing<'_, '_, '_> {
    fn lang(&self) -> Lang {
        self.look.lang
    }

    /// Every distance (ms) with its marker.
    fn distances(&self) -> impl Iterator<Item = (u64, Marker)> {
        self.board.rtts_ms.iter().copied().zip(MARKERS.into_iter().cycle())
    }

    /// How the name of a transport is written.
    fn name(&self) -> Letters {
        Letters::new(SMALL + 1.0, INK).bold()
    }

    fn row_height(&self) -> f64 {
        if self.look.medium == Medium::Slide { 15.0 } else { ROW }
    }

    fn key(&self) -> Vec<(Option<Marker>, RGBColor, String)> {
        let lang = self.lang();
        let names = [text::event(lang), text::framing(lang), text::heads(lang), text::tls(lang), text::below(lang)];
        let colours = PARTS.iter().map(|layers| layer_colour(layers[0])).chain([BELOW]);
        let fills = colours.zip(names).map(|(colour, name)| (None, colour, name.to_owned()));
        let markers = self.distances().map(|(ms, marker)| (Some(marker), MUTED, text::rtt(lang, duration_ms(ms))));
        fills.chain(markers).collect()
    }

    /// The entries of the key in lines that fit.
    fn key_lines(&self) -> Vec<Vec<(Option<Marker>, RGBColor, String)>> {
        let mut lines: Vec<Vec<_>> = vec![Vec::new()];
        let mut x = 0.0;
        for entry in self.key() {
            let width = text_width(&entry.2, SMALL) + 44.0;
            if x + width > self.look.width() - 16.0 && x > 0.0 {
                lines.push(Vec::new());
                x = 0.0;
            }
            x += width;
            lines.last_mut().expect("there is always one").push(entry);
        }
        lines
    }

    fn top(&self) -> f64 {
        self.key_lines().len() as f64 * KEY_LINE + REFERENCE
    }

    fn rows_height(&self) -> f64 {
        let rows: usize = self.board.transports.iter().map(|(_, rows)| rows.len()).sum();
        rows as f64 * self.row_height() + self.board.transports.len() as f64 * (NAME + GAP)
    }

    fn height(&self) -> f64 {
        self.top() + self.rows_height() + AXIS
    }

    fn label_width(&self) -> f64 {
        let names = self.board.rows().map(|(_, row)| text_width(&text::carrier(self.lang(), row.carrier), SMALL));
        let titles = self
            .board
            .transports
            .iter()
            .map(|(transport, _)| self.name().width(common::transport(self.lang(), *transport)) - 6.0);
        names.chain(titles).fold(0.0, f64::max) + 30.0
    }

    /// The rooms of bytes and of latency.
    fn rooms(&self) -> [Room; 2] {
        let (left, right) = (self.label_width(), self.look.width() - 24.0);
        let (top, bottom) = (self.top(), self.height() - AXIS);
        let middle = left + (right - left) * 0.6;
        [Room { left, top, right: middle, bottom }, Room { left: middle + BETWEEN, top, right, bottom }]
    }

    fn draw(&self, canvas: &Canvas<'_>) {
        self.draw_key(canvas);
        let [bytes, latency] = self.rooms();
        let points = || self.board.rows().map(|(_, row)| row);
        let most = points().filter_map(|row| Some(row.nearest().estimate(on_ip)?.bounds().1)).fold(0.0, f64::max);
        let room_for_text = text_width("0,000", SMALL) + 10.0;
        let width = bytes.right - bytes.left;
        let bytes_scale = Scale::linear(most * width / (width - room_for_text)).between(bytes.left, bytes.right);
        let delays = || points().flat_map(|row| &row.points).filter_map(|(_, point)| point.estimate(mean_latency_ms));
        let low = delays().map(|estimate| estimate.bounds().0).fold(f64::INFINITY, f64::min);
        let high = delays().map(|estimate| estimate.bounds().1).fold(0.0, f64::max);
        let latency_scale = Scale::logarithmic(low * 0.8, high * 1.2).between(latency.left, latency.right);
        bottom_axis(canvas, bytes, &bytes_scale, 6, true);
        bottom_axis(canvas, latency, &latency_scale, 0, true);
        bottom_title(canvas, bytes, text::bytes_axis(self.lang()));
        bottom_title(canvas, latency, text::latency_axis(self.lang()));
        base_line(canvas, (bytes.left, bytes.top), (bytes.left, bytes.bottom));
        let mut y = bytes.top;
        for (transport, rows) in &self.board.transports {
            canvas.text((10.0, y + NAME - 8.0), common::transport(self.lang(), *transport), self.name());
            y += NAME;
            for row in rows {
                let middle = y + self.row_height() / 2.0;
                let readings = self.readings(row, middle, [&bytes_scale, &latency_scale]);
                let label = format!(
                    "{} · {}",
                    common::transport(self.lang(), *transport),
                    text::carrier(self.lang(), row.carrier)
                );
                canvas.series(*transport, &label, &readings, |canvas| {
                    self.draw_row(canvas, *transport, row, middle, [&bytes_scale, &latency_scale]);
                });
                y += self.row_height();
            }
            y += GAP;
        }
        self.draw_reference(canvas, bytes, &bytes_scale);
    }

    fn draw_row(
        &self,
        canvas: &Canvas<'_>,
        transport: Transport,
        row: &Row<'_, '_>,
        y: f64,
        [bytes, latency]: [&Scale; 2],
    ) {
        let point = row.nearest();
        let ink = if point.is_valid() { INK } else { INVALID };
        let carrier = text::carrier(self.lang(), row.carrier);
        let carrier = if point.is_valid() { carrier } else { format!("{carrier} ✗") };
        canvas.text((bytes.at(0.0) - 8.0, y), &carrier, Letters::new(SMALL, ink).anchored(HPos::Right));
        let half = self.row_height() / 2.0 - 2.0;
        match (parts(point), point.estimate(on_ip)) {
            (Some(parts), Some(estimate)) => {
                let mut sum = 0.0;
                for (length, colour) in parts {
                    let colour = if point.is_valid() { colour } else { tint(colour, 0.35) };
                    canvas.fill(&corners(bytes.at(sum), y - half, bytes.at(sum + length), y + half), colour);
                    sum += length;
                }
                for (index, dot) in estimate.dots.iter().enumerate().filter(|_| estimate.dots.len() > 1) {
                    let beside = y - half / 2.0 + half * index as f64 / estimate.dots.len() as f64;
                    bars::dot(canvas, (bytes.at(dot.value), beside), dot.valid);
                }
                let at = bytes.at(sum.max(estimate.bounds().1)) + 6.0;
                canvas.text((at, y), &significant(estimate.median), Letters::new(SMALL - 0.5, ink));
            }
            _ => canvas.text(
                (bytes.at(0.0) + 6.0, y),
                common::not_measured(self.lang()),
                Letters::new(SMALL - 0.5, MUTED),
            ),
        }
        let colour = style::of(transport).colour;
        let measured = |rtt_ms: u64| Some((row.at(rtt_ms)?, row.at(rtt_ms)?.estimate(mean_latency_ms)?));
        let delays: Vec<_> = self.distances().filter_map(|(ms, marker)| Some((marker, measured(ms)?))).collect();
        let ends = (delays.first(), delays.last());
        if let (Some((_, (_, first))), Some((_, (_, last)))) = ends {
            let line = [(latency.at(first.median), y), (latency.at(last.median), y)];
            canvas.line(&line, Stroke { colour: tint(colour, 0.45), width: 1.4, dash: &[] });
        }
        for (marker, (point, estimate)) in delays {
            for dot in estimate.dots.iter().filter(|_| estimate.dots.len() > 1) {
                bars::dot(canvas, (latency.at(dot.value), y + half), dot.valid);
            }
            canvas.marker(
                (latency.at(estimate.median), y),
                marker,
                4.6,
                if point.is_valid() { colour } else { INVALID },
            );
            if !point.is_valid() {
                canvas.marker((latency.at(estimate.median), y), marker, 2.6, PAPER);
            }
        }
    }

    fn readings(&self, row: &Row<'_, '_>, y: f64, [bytes, latency]: [&Scale; 2]) -> Vec<Reading> {
        let lang = self.lang();
        let mut readings = Vec::new();
        if let Some(estimate) = row.nearest().estimate(on_ip) {
            let figure = bars::Figure { look: self.look, unit: "" };
            let text = figure.reading(text::bytes_axis(lang), &estimate);
            readings.push(Reading { at: (bytes.at(estimate.median), y), text });
        }
        for (rtt_ms, point) in &row.points {
            let Some(estimate) = point.estimate(mean_latency_ms) else { continue };
            let figure = bars::Figure { look: self.look, unit: " ms" };
            let text = figure.reading(&text::rtt(lang, duration_ms(*rtt_ms)), &estimate);
            readings.push(Reading { at: (latency.at(estimate.median), y), text });
        }
        readings
    }

    /// The line that every bar is to be compared with.
    fn draw_reference(&self, canvas: &Canvas<'_>, room: Room, scale: &Scale) {
        let row = self.board.row(Transport::WebSocket, Carrier::PLAIN);
        let Some(estimate) = row.and_then(|row| row.nearest().estimate(on_ip)) else { return };
        let x = scale.at(estimate.median);
        let colour = style::of(Transport::WebSocket).colour;
        canvas.line(&[(x, room.top - 4.0), (x, room.bottom)], Stroke { colour, width: 1.4, dash: &[4.0, 3.0] });
        let words = text::reference(self.lang(), significant(estimate.median));
        canvas.text((x + 4.0, room.top - 9.0), &words, Letters::new(SMALL - 0.5, colour));
    }

    fn draw_key(&self, canvas: &Canvas<'_>) {
        for (line, entries) in self.key_lines().into_iter().enumerate() {
            let (mut x, y) = (12.0, KEY_LINE * (line as f64 + 0.5));
            for (marker, colour, words) in entries {
                match marker {
                    None => canvas.fill(&corners(x, y - 5.0, x + 18.0, y + 5.0), colour),
                    Some(marker) => canvas.marker((x + 9.0, y), marker, 4.6, colour),
                }
                canvas.text((x + 25.0, y), &words, Letters::new(SMALL, INK));
                x += text_width(&words, SMALL) + 44.0;
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::fixture;
    use crate::set;
    use feedbench_record::scenario::Protocol;
    use feedbench_record::{Record, Scenario};

    /// Every transport over every carrier at both distances; HTTP/2 takes less for heads, TLS more for records.
    fn records() -> Vec<Record> {
        let mut records = Vec::new();
        for rtt_ms in [0, 50] {
            for (protocol, tls) in Protocol::ALL.into_iter().flat_map(|protocol| [(protocol, false), (protocol, true)])
            {
                for transport in Transport::ALL {
                    let scenario = Scenario { rtt_ms, protocol, tls, clients: 20, ..Scenario::default() };
                    records.push(fixture::record_of(transport, scenario, 1));
                }
            }
        }
        records
    }

    #[test]
    fn a_board_has_a_row_for_each_transport_and_protocol_and_a_marker_for_each_distance() {
        let records = records();
        let points = set::points(&set::of(&records, Lang::En));
        let boards = boards(&points);
        assert_eq!(boards.len(), 1);
        assert_eq!(boards[0].rows().count(), 4 * Transport::ALL.len());
        assert_eq!(boards[0].rtts_ms, [0, 50]);
        assert!(boards[0].rows().all(|(_, row)| row.points.len() == 2 && row.nearest().scenario().rtt_ms == 0));
        for medium in Medium::ALL {
            for lang in Lang::ALL {
                let charts = charts(&Scene::of(&set::of(&records, lang), Look { lang, medium }));
                assert_eq!(charts.len(), 1);
                assert_eq!(charts[0].data.rows.len(), 4 * Transport::ALL.len() * 2 * 2);
            }
        }
    }

    #[test]
    fn cells_over_one_protocol_have_no_such_chart() {
        let records: Vec<_> = records()
            .into_iter()
            .filter(|record| record.scenario.protocol == Protocol::Http2 && record.scenario.tls)
            .collect();
        assert!(charts(&Scene::of(&set::of(&records, Lang::En), Look::default())).is_empty());
    }

    #[test]
    fn the_answer_compares_polling_over_http_2_with_websocket_over_http_1_1() {
        let mut records = records();
        for record in records.iter_mut().filter(|record| record.transport == Transport::Polling) {
            let ip = record.bytes.ip.as_mut().unwrap();
            ip.up += if record.scenario.protocol == Protocol::Http1 { 40_000_000 } else { 8_000_000 };
        }
        let items = set::of(&records, Lang::En);
        let points = set::points(&items);
        let boards = boards(&points);
        let notes = notes(&boards[0], Lang::En);
        assert!(notes[0].contains("% less") && notes[0].contains("times as many"), "{notes:?}");
        records.retain(|record| record.transport != Transport::WebSocket);
        let items = set::of(&records, Lang::En);
        assert!(
            !super::notes(&super::boards(&set::points(&items))[0], Lang::En).iter().any(|note| note.contains("times"))
        );
    }
}
