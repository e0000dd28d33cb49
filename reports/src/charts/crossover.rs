//! Which transport is the cheapest and which the fastest at each event rate and poll interval: a map with its borders.

mod border;
mod map;
mod square;

use feedbench_record::Transport;

use border::BreakEven;
use map::Map;
use square::{Grid, Square, TIE_SHARE};

use super::frame::{Chart, Plan};
use super::scene::Scene;
use crate::conditions::distinct;
use crate::lang::Lang;
use crate::number::{duration_ms, plain, significant};
use crate::set::Item;
use crate::sweep::Axis;
use crate::table::{ABSENT, Align, Heading, Table};
use crate::text::{charts_sweep as text, common};

/// What a map compares; the lowest wins.
struct Measure {
    id: &'static str,
    title: fn(Lang) -> &'static str,
    name: fn(Lang) -> &'static str,
    unit: fn(Lang) -> &'static str,
    figure: fn(&Item<'_>) -> Option<f64>,
    /// Does theory have a border for it?
    is_bytes: bool,
}

const ON_IP: Measure = Measure {
    id: "crossover-bytes",
    title: text::cheapest_on_ip,
    name: text::bytes_on_ip,
    unit: text::bytes,
    figure: |item| item.cell.bytes_per_event.ip,
    is_bytes: true,
};

/// Where the kernel did not tell the segments of every transport.
const ABOVE_TCP: Measure = Measure {
    title: text::cheapest_above_tcp,
    name: text::bytes_above_tcp,
    figure: |item| item.cell.bytes_per_event.total,
    ..ON_IP
};

const CPU: Measure = Measure {
    id: "crossover-cpu",
    title: text::cheapest_in_cpu,
    name: text::cpu_of_server,
    unit: text::us,
    figure: |item| item.cell.cpu_us_per_event.server,
    is_bytes: false,
};

const LATENCY: Measure = Measure {
    id: "crossover-latency",
    title: text::fastest,
    name: text::latency_p50,
    unit: text::ms,
    figure: |item| item.cell.latency_us?.p50.map(|us| us as f64 / 1_000.0),
    is_bytes: false,
};

/// Three maps of each grid of event rates and poll intervals; none where there is no such grid.
pub(crate) fn charts(scene: &Scene<'_>) -> Vec<Chart> {
    let grids = square::grids(&scene.points);
    let of_grid = |(index, grid): (usize, &Grid<'_, '_>)| {
        let on_ip = grid.points.iter().all(|point| point.estimate(ON_IP.figure).is_some());
        let measures = [if on_ip { &ON_IP } else { &ABOVE_TCP }, &CPU, &LATENCY];
        measures.map(|measure| chart(scene, grid, index, measure))
    };
    grids.iter().enumerate().flat_map(of_grid).flatten().collect()
}

/// The map of one measure; `None` where no square has a winner.
fn chart(scene: &Scene<'_>, grid: &Grid<'_, '_>, index: usize, measure: &Measure) -> Option<Chart> {
    let lang = scene.lang();
    let squares = grid.squares(measure.figure);
    if squares.iter().all(|square| square.winners().is_empty()) {
        return None;
    }
    let break_even = measure.is_bytes.then(|| BreakEven::of(grid, measure.figure)).flatten();
    let measured = text::axis_title(lang, (measure.name)(lang), (measure.unit)(lang), false);
    let map = Map {
        look: scene.look,
        rates: &grid.rates,
        intervals: &grid.intervals,
        transports: &grid.transports,
        squares: &squares,
        head: text::in_each_square(lang, &measured),
        unit: (measure.unit)(lang),
        border: break_even.and_then(|even| even.events_per_interval()),
    };
    let mut notes = notes(&squares, lang);
    notes.extend(break_even.map(|even| border_note(&even, map.shows_border(), lang)));
    let plan = Plan {
        name: if index == 0 { measure.id.to_owned() } else { format!("{}-{}", measure.id, index + 1) },
        title: (measure.title)(lang).to_owned(),
        description: text::map(lang, measured, map::x_title(lang), map::y_title(lang)),
        notes,
        data: data(grid, &squares, measure, lang),
        height: map.height(),
    };
    Some(plan.draw(scene.look, &scene.caption, |canvas| map.draw(canvas)))
}

fn notes(squares: &[Square], lang: Lang) -> Vec<String> {
    let contenders = || squares.iter().flat_map(|square| &square.contenders);
    let mut notes = vec![text::other_transports(lang).to_owned()];
    if contenders().any(|contender| contender.estimate.spread.is_some()) {
        notes.push(text::tie_by_spread(lang).to_owned());
    }
    if contenders().any(|contender| contender.estimate.spread.is_none()) {
        notes.push(text::tie_within(lang, plain(TIE_SHARE * 100.0)));
    }
    let incomplete = distinct(squares.iter().flat_map(|square| not_taking_part(square, lang)));
    if !incomplete.is_empty() {
        notes.push(text::hatched_squares(lang, common::listed(lang, &incomplete)));
    }
    notes
}

fn border_note(even: &BreakEven, is_shown: bool, lang: Lang) -> String {
    let transport = common::transport(lang, even.cheapest);
    let [poll, event, pushed] = [even.poll, even.event, even.pushed].map(significant);
    match even.events_per_interval().map(significant) {
        None => text::break_even_never(lang, event, transport, pushed),
        Some(events) if is_shown => text::break_even(lang, poll, event, transport, pushed, events),
        Some(events) => text::break_even_beyond(lang, poll, event, transport, pushed, events),
    }
}

/// `2 events/s, interval 5 s`
fn place(square: &Square, lang: Lang) -> String {
    text::square(lang, plain(square.rate_per_s), duration_ms(square.interval_ms as u64))
}

/// Those that do not take part, and why.
fn left_out(square: &Square, lang: Lang) -> String {
    let named = |transports: &[Transport], why: &str| -> Vec<String> {
        transports.iter().map(|&transport| format!("{} {why}", common::transport(lang, transport))).collect()
    };
    let invalid = named(&square.invalid, common::invalid(lang));
    [invalid, named(&square.missing, common::not_measured(lang))].concat().join(common::comma(lang))
}

/// The same, each with its place: that of a transport which the interval does not concern is the whole column.
fn not_taking_part(square: &Square, lang: Lang) -> Vec<String> {
    let at = |&transport: &Transport| {
        let place = match Axis::Interval.concerns(transport) {
            true => place(square, lang),
            false => text::at_rate(lang, plain(square.rate_per_s)),
        };
        text::at_value(lang, common::transport(lang, transport), place)
    };
    square.invalid.iter().chain(&square.missing).map(at).collect()
}

/// Those that are lowest, by name.
fn winners(square: &Square, lang: Lang) -> String {
    let names: Vec<_> =
        square.winners().iter().map(|winner| common::transport(lang, winner.transport).to_owned()).collect();
    match names.as_slice() {
        [] => text::nobody(lang).to_owned(),
        [one] => one.clone(),
        several => text::tied(lang, common::listed(lang, several)),
    }
}

/// Every square as a row, with every transport's figure.
fn data(grid: &Grid<'_, '_>, squares: &[Square], measure: &Measure, lang: Lang) -> Table {
    let heading = |text: String, align| Heading { text, align };
    let figure = |name: &str| text::axis_title(lang, name, (measure.unit)(lang), false);
    let mut header = vec![
        heading(text::axis_title(lang, text::rate(lang), text::per_s(lang), false), Align::Right),
        heading(text::axis_title(lang, text::interval(lang), text::ms(lang), false), Align::Right),
        heading(text::events_per_interval(lang).to_owned(), Align::Right),
        heading(text::winner(lang).to_owned(), Align::Left),
        heading(figure((measure.name)(lang)), Align::Right),
        heading(text::runner_up(lang).to_owned(), Align::Left),
        heading(text::ratio(lang).to_owned(), Align::Right),
        heading(text::left_out(lang).to_owned(), Align::Left),
    ];
    header.extend(grid.transports.iter().map(|&t| heading(figure(common::transport(lang, t)), Align::Right)));
    let row = |square: &Square| {
        let absent = || ABSENT.to_owned();
        let best = square.winners().first();
        let runner_up = square.runner_up();
        let left_out = left_out(square, lang);
        let mut row = vec![
            plain(square.rate_per_s),
            plain(square.interval_ms),
            significant(square.rate_per_s * square.interval_ms / 1_000.0),
            winners(square, lang),
            best.map_or_else(absent, |best| significant(best.estimate.median)),
            runner_up.map_or_else(absent, |(next, _)| common::transport(lang, next.transport).to_owned()),
            runner_up.map_or_else(absent, |(_, ratio)| significant(ratio)),
            if left_out.is_empty() { absent() } else { left_out },
        ];
        row.extend(grid.transports.iter().map(|&transport| {
            let contender = square.contenders.iter().find(|contender| contender.transport == transport);
            contender.map_or_else(absent, |contender| significant(contender.estimate.median))
        }));
        row
    };
    Table { header, rows: squares.iter().map(row).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::sweeps;
    use crate::look::{Look, Medium};
    use crate::set;
    use feedbench_record::Record;

    fn charts_of(records: &[Record], look: Look) -> Vec<Chart> {
        charts(&Scene::of(&set::of(records, look.lang), look))
    }

    #[test]
    fn three_maps_have_a_row_for_every_square_in_each_language_and_medium() {
        let mut records = sweeps::crossover(1);
        sweeps::spoil(&mut records[0]);
        for lang in Lang::ALL {
            for medium in Medium::ALL {
                let charts = charts_of(&records, Look { lang, medium });
                let names: Vec<_> = charts.iter().map(|chart| chart.name.as_str()).collect();
                assert_eq!(names, ["crossover-bytes", "crossover-cpu", "crossover-latency"]);
                for chart in charts {
                    assert_eq!(chart.data.rows.len(), sweeps::RATES.len() * sweeps::INTERVALS.len());
                    assert!(chart.data.rows.iter().all(|row| row.len() == chart.data.header.len()));
                    assert_eq!(chart.data.rows[0][3], text::nobody(lang), "polling is invalid there");
                }
            }
        }
    }

    #[test]
    fn bytes_are_compared_above_tcp_where_the_kernel_did_not_tell_its_segments() {
        let mut records = sweeps::crossover(1);
        records[7].bytes.ip = None;
        let charts = charts_of(&records, Look::default());
        assert_eq!(charts[0].title, text::cheapest_above_tcp(Lang::En));
        let notes = charts[0].notes.join(" ");
        assert!(notes.contains("H = 197 bytes"), "{notes}");
    }

    #[test]
    fn a_report_without_a_grid_has_no_map() {
        assert!(charts_of(&crate::fixture::suite(), Look::default()).is_empty());
        assert!(charts_of(&sweeps::scale(&[5, 10, 20], 1), Look::default()).is_empty());
    }
}
