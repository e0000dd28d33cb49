//! Any measure against what was swept: clients, event rate, payload, poll interval or round-trip time.

mod curve;
pub(super) mod picture;

use curve::Curve;
use picture::{Picture, Quantity, Words};

use super::frame::Chart;
use super::scene::Scene;
use crate::lang::Lang;
use crate::set::{Item, Point};
use crate::sweep::{self, Axis, Course, Sweep};
use crate::text::{charts_sweep as text, common};

/// One figure of a cell.
pub(super) struct Measure {
    /// The first part of the chart's name.
    pub(super) id: &'static str,
    pub(super) title: fn(Lang) -> &'static str,
    /// On the axis.
    pub(super) name: fn(Lang) -> &'static str,
    pub(super) unit: fn(Lang) -> &'static str,
    pub(super) figure: fn(&Item<'_>) -> Option<f64>,
    /// What else is in it; empty for nothing.
    pub(super) about: fn(Lang) -> &'static str,
}

const MEASURES: [Measure; 6] = [
    Measure {
        id: "p50",
        title: text::title_p50,
        name: text::latency_p50,
        unit: text::ms,
        figure: |item| item.cell.latency_us?.p50.map(ms),
        about: text::nothing_to_add,
    },
    Measure {
        id: "p99",
        title: text::title_p99,
        name: text::latency_p99,
        unit: text::ms,
        figure: |item| item.cell.latency_us?.p99.map(ms),
        about: text::nothing_to_add,
    },
    Measure {
        id: "bytes",
        title: text::title_bytes,
        name: text::bytes_above_tcp,
        unit: text::bytes,
        figure: |item| item.cell.bytes_per_event.total,
        about: text::both_directions_without_opening,
    },
    Measure {
        id: "ip-bytes",
        title: text::title_ip_bytes,
        name: text::bytes_on_ip,
        unit: text::bytes,
        figure: |item| item.cell.bytes_per_event.ip,
        about: text::both_directions_without_opening,
    },
    Measure {
        id: "cpu",
        title: text::title_cpu,
        name: text::cpu_of_server,
        unit: text::us,
        figure: |item| item.cell.cpu_us_per_event.server,
        about: text::nothing_to_add,
    },
    Measure {
        id: "memory",
        title: text::title_memory,
        name: text::memory_of_server,
        unit: text::kib,
        figure: |item| item.cell.rss_bytes_per_client.server.map(|bytes| bytes / 1_024.0),
        about: text::nothing_to_add,
    },
];

fn ms(us: u64) -> f64 {
    us as f64 / 1_000.0
}

/// A chart of each measure along each axis that has enough values. None where nothing varies.
pub(crate) fn charts(scene: &Scene<'_>) -> Vec<Chart> {
    let sweeps = sweep::sweeps(&scene.points);
    let charts = sweeps.iter().flat_map(|sweep| MEASURES.iter().filter_map(|measure| chart(scene, sweep, measure)));
    charts.collect()
}

fn chart(scene: &Scene<'_>, sweep: &Sweep<'_, '_>, measure: &Measure) -> Option<Chart> {
    let (picture, notes) = picture(scene, sweep, measure)?;
    let lang = scene.lang();
    let words = Words {
        name: format!("{}-by-{}", measure.id, sweep.axis.id()),
        title: text::title_by(lang, (measure.title)(lang), text::axis_in_title(lang, sweep.axis)),
        description: picture.description(lang),
        notes,
    };
    picture.chart(scene, words)
}

/// The lines of one measure, and what is to be said of them; `None` where no point has the figure.
pub(super) fn picture(scene: &Scene<'_>, sweep: &Sweep<'_, '_>, measure: &Measure) -> Option<(Picture, Vec<String>)> {
    let lang = scene.lang();
    let (shown, chosen) = sweep.shown();
    let curves = curves(&shown, measure, lang);
    if curves.iter().all(|curve| curve.spots.is_empty()) {
        return None;
    }
    let about = (measure.about)(lang);
    let mut notes: Vec<String> = [about].into_iter().filter(|about| !about.is_empty()).map(str::to_owned).collect();
    if !chosen.is_empty() {
        notes.push(text::chosen(lang, common::listed(lang, &chosen.iter().map(|&c| at(lang, c)).collect::<Vec<_>>())));
    }
    let without = without(&shown, measure, lang);
    if !without.is_empty() {
        notes.push(text::without_figure(lang, common::listed(lang, &without)));
    }
    let y = Quantity { name: (measure.name)(lang), unit: (measure.unit)(lang) };
    let tabled = if chosen.is_empty() { Vec::new() } else { self::curves(sweep, measure, lang) };
    Some((Picture { axis: sweep.axis, y, curves, tabled, thin: Vec::new(), is_joined: true, y_end: None }, notes))
}

fn curves(sweep: &Sweep<'_, '_>, measure: &Measure, lang: Lang) -> Vec<Curve> {
    let curve = |(course, label): (&Course<'_, '_>, String)| {
        let spot = |&(value, point): &(f64, &Point<'_>)| Some((value, point.estimate(measure.figure)?));
        let spots = course.points().iter().filter_map(spot).collect();
        Curve { transport: course.transport(), label, spots, is_level: course.is_level() }
    };
    sweep.courses.iter().zip(sweep.labels(lang)).map(curve).collect()
}

/// The points that have no such figure, by name.
fn without(sweep: &Sweep<'_, '_>, measure: &Measure, lang: Lang) -> Vec<String> {
    let of_course = |(course, label): (&Course<'_, '_>, String)| {
        let missing = course.points().iter().filter(|(_, point)| point.estimate(measure.figure).is_none());
        let name = |value: f64| text::value_of(lang, sweep.axis, value);
        missing.map(|&(value, _)| text::at_value(lang, &label, name(value))).collect::<Vec<_>>()
    };
    sweep.courses.iter().zip(sweep.labels(lang)).flat_map(of_course).collect()
}

fn at(lang: Lang, (axis, value): (Axis, f64)) -> String {
    let (name, value) = (text::axis_in_title(lang, axis), text::value_of(lang, axis, value));
    if axis == Axis::Clients { value } else { format!("{name} {value}") }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::fixture::{self, sweeps};
    use crate::look::{Look, Medium};
    use crate::set;
    use feedbench_record::{Record, Transport};

    fn charts_of(records: &[Record], look: Look) -> Vec<Chart> {
        charts(&Scene::of(&set::of(records, look.lang), look))
    }

    fn names(charts: &[Chart]) -> Vec<&str> {
        charts.iter().map(|chart| chart.name.as_str()).collect()
    }

    #[test]
    fn each_measure_has_a_chart_along_what_was_swept_in_each_language_and_medium() {
        let records = sweeps::payload(&[64, 1_024, 65_536], 2);
        for lang in Lang::ALL {
            for medium in Medium::ALL {
                let charts = charts_of(&records, Look { lang, medium });
                let by_payload =
                    ["p50", "p99", "bytes", "ip-bytes", "cpu", "memory"].map(|id| format!("{id}-by-payload"));
                assert_eq!(names(&charts), by_payload);
                assert!(charts.iter().all(|chart| chart.data.rows.len() == 3 * Transport::ALL.len()));
            }
        }
    }

    #[test]
    fn nothing_is_drawn_where_nothing_varies() {
        assert!(charts_of(&fixture::suite(), Look::default()).is_empty());
        assert!(charts_of(&[fixture::record(Transport::Sse)], Look::default()).is_empty());
    }

    #[test]
    fn an_invalid_point_is_named_and_stands_in_the_table_without_a_repetition_that_counts() {
        let mut records = sweeps::scale(&[5, 10, 20], 1);
        sweeps::spoil(&mut records[Transport::ALL.len()]);
        let charts = charts_of(&records, Look::default());
        let (p50, row) = (&charts[0], &charts[0].data.rows[1]);
        assert!(p50.notes.iter().any(|note| note.contains("polling at 10 clients")), "{:?}", p50.notes);
        assert_eq!((row[1].as_str(), &row[5..]), ("10", ["0".to_owned(), "1".to_owned()].as_slice()));
    }

    #[test]
    fn a_point_without_the_figure_is_named() {
        let mut records = sweeps::scale(&[5, 10, 20], 1);
        records[0].server = None;
        let charts = charts_of(&records, Look::default());
        let cpu = charts.iter().find(|chart| chart.name == "cpu-by-clients").unwrap();
        assert!(cpu.notes.iter().any(|note| note.contains("polling at 5 clients")), "{:?}", cpu.notes);
        assert_eq!(cpu.data.rows.len(), 3 * Transport::ALL.len() - 1);
    }

    #[test]
    fn cells_with_all_kinds_of_trouble_do_not_stop_a_chart() {
        let mut records = Vec::new();
        for clients in [100, 500, 1_000] {
            for mut record in fixture::troubled_suite() {
                record.scenario.clients = clients;
                record.suite = "scale".to_owned();
                records.push(record);
            }
        }
        for medium in Medium::ALL {
            let charts = charts_of(&records, Look { lang: Lang::Zh, medium });
            assert!(names(&charts).contains(&"bytes-by-clients"));
        }
    }
}
