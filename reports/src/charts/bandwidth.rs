//! Bandwidth of all clients against their number, and empty polls against the event rate.

use feedbench_record::transport::Manner;

use super::frame::Chart;
use super::layers::Layers;
use super::scene::Scene;
use super::sweep::picture::{Thin, Words};
use super::sweep::{self, Measure};
use crate::quantum_leap::{self, Origin};
use crate::set::{Item, Point};
use crate::sweep::{Axis, Course, Sweep, along};
use crate::text::{charts_sweep as text, common};
use crate::theory;

/// Bandwidth grows with the number of clients by what one of them takes: two numbers are enough for a line.
const VALUES_MIN: usize = 2;

pub(super) const ABOVE_TCP: Measure = Measure {
    id: "bandwidth",
    title: text::title_bandwidth,
    name: text::bandwidth_above_tcp,
    unit: text::mbit_per_s,
    figure: |item| item.cell.bits_per_s.map(|bits| bits / 1e6),
    about: text::both_directions,
};

pub(super) const ON_IP: Measure = Measure {
    id: "ip-bandwidth",
    title: text::title_ip_bandwidth,
    name: text::bandwidth_on_ip,
    unit: text::mbit_per_s,
    figure: on_ip,
    about: text::both_directions,
};

/// By the kernel's counters at both edges of the window; computed where they were not read there (Mbit/s).
fn on_ip(item: &Item<'_>) -> Option<f64> {
    match item.record.bytes.ip_in_window {
        Some(bytes) => Some(bytes as f64 * 8.0 / 1e6 / item.record.window.seconds().max(1e-6)),
        None => computed_on_ip(item),
    }
}

/// What the window has above TCP, times what IP adds to it over the whole cell (Mbit/s).
fn computed_on_ip(item: &Item<'_>) -> Option<f64> {
    let bytes = &item.cell.bytes_per_event;
    let total = bytes.total.filter(|&total| total > 0.0)?;
    Some(item.cell.bits_per_s? / 1e6 * bytes.ip? / total)
}

/// Says it where figures on IP are computed.
fn is_computed(scene: &Scene<'_>) -> Option<String> {
    let computed = |item: &Item<'_>| item.record.bytes.ip_in_window.is_none() && computed_on_ip(item).is_some();
    scene.items.iter().any(computed).then(|| text::on_ip_is_computed(scene.lang()).to_owned())
}

const EMPTY_POLLS: Measure = Measure {
    id: "empty-polls",
    title: text::title_empty_polls,
    name: text::empty_polls,
    unit: text::percent,
    figure: |item| {
        let polls = item.cell.polls.filter(|polls| polls.total > 0)?;
        Some(polls.empty as f64 * 100.0 / polls.total as f64)
    },
    about: text::nothing_to_add,
};

/// Bandwidth above TCP and on IP: by the number of clients, or as bars where nothing varies.
pub(crate) fn charts(scene: &Scene<'_>) -> Vec<Chart> {
    let Some(sweep) = along(&scene.points, Axis::Clients, VALUES_MIN) else {
        return bars(scene).into_iter().collect();
    };
    [&ABOVE_TCP, &ON_IP].into_iter().filter_map(|measure| by_clients(scene, &sweep, measure)).collect()
}

/// A pair of bars for each transport; `None` where something else than the clients varies, against which other charts show
/// what an event takes.
fn bars(scene: &Scene<'_>) -> Option<Chart> {
    let lang = scene.lang();
    if Axis::ALL.into_iter().any(|axis| along(&scene.points, axis, VALUES_MIN).is_some()) {
        return None;
    }
    let layers = Layers {
        name: "bandwidth",
        title: text::title_bandwidth_of_all(lang),
        axis: text::bandwidth(lang),
        unit: text::mbit_per_s(lang),
        of: [ABOVE_TCP.figure, ON_IP.figure],
        notes: [Some(text::both_directions(lang).to_owned()), is_computed(scene)].into_iter().flatten().collect(),
    };
    layers.chart(scene)
}

fn by_clients(scene: &Scene<'_>, sweep: &Sweep<'_, '_>, measure: &Measure) -> Option<Chart> {
    let lang = scene.lang();
    let (mut picture, mut notes) = sweep::picture(scene, sweep, measure)?;
    if measure.id == ABOVE_TCP.id {
        picture.thin = published(scene);
    } else {
        notes.extend(is_computed(scene));
    }
    if !picture.thin.is_empty() {
        notes.push(text::published_bandwidth(lang).to_owned());
    }
    let words = Words {
        name: format!("{}-by-{}", measure.id, Axis::Clients.id()),
        title: text::title_by(lang, (measure.title)(lang), text::axis_in_title(lang, Axis::Clients)),
        description: picture.description(lang),
        notes,
    };
    picture.chart(scene, words)
}

/// What the article printed, where its suite was measured (Mbit/s).
fn published(scene: &Scene<'_>) -> Vec<Thin> {
    let records: Vec<_> = scene.items.iter().map(|item| item.record).collect();
    let series = quantum_leap::series(&records, scene.lang()).unwrap_or_default();
    let published = series.into_iter().filter(|series| series.origin == Origin::Published);
    let thin = published.map(|series| Thin {
        transport: series.transport,
        label: text::published(scene.lang(), common::transport(scene.lang(), series.transport)),
        points: series.points.iter().map(|point| (point.clients, point.mbit_per_s.median)).collect(),
        dash: &[2.0, 4.0],
        has_points: true,
    });
    thin.collect()
}

/// Polls without an event against the event rate, with what theory says; `None` where the rate does not vary, or nobody
/// polls.
pub(crate) fn empty_polls(scene: &Scene<'_>) -> Option<Chart> {
    let lang = scene.lang();
    let asks = |point: &&Point<'_>| point.transport().manner() == Manner::Asks && point.scenario().rate_per_s > 0.0;
    let polling: Vec<_> = scene.points.iter().filter(asks).cloned().collect();
    let sweep = along(&polling, Axis::Rate, VALUES_MIN)?;
    let (mut picture, mut notes) = sweep::picture(scene, &sweep, &EMPTY_POLLS)?;
    let (shown, _) = sweep.shown();
    picture.thin = shown.courses.iter().filter_map(theory).collect();
    (picture.is_joined, picture.y_end) = (false, Some(100.0));
    if !picture.thin.is_empty() {
        notes.push(text::empty_polls_theory(lang).to_owned());
    }
    let words = Words {
        name: format!("{}-by-{}", EMPTY_POLLS.id, Axis::Rate.id()),
        title: text::title_by(lang, text::title_empty_polls(lang), text::axis_in_title(lang, Axis::Rate)),
        description: picture.description(lang),
        notes,
    };
    picture.chart(scene, words)
}

/// The share that theory expects from the lowest rate of a course to its highest; `None` where it has no word on its cells.
fn theory(course: &Course<'_, '_>) -> Option<Thin> {
    const STEPS: usize = 60;
    let points = course.points();
    let (low, high) = (points[0].0, points[points.len() - 1].0);
    let records = || points.iter().flat_map(|(_, point)| point.items()).map(|item| item.record);
    let record = records().find(|record| theory::empty_polls_at(record, low).is_some())?;
    let point = |step: usize| {
        let rate_per_s = low * (high / low).powf(step as f64 / STEPS as f64);
        Some((rate_per_s, 100.0 * theory::empty_polls_at(record, rate_per_s)?))
    };
    let points = (0..=STEPS).filter_map(point).collect();
    Some(Thin { transport: course.transport(), label: String::new(), points, dash: &[], has_points: false })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::fixture::{self, sweeps};
    use crate::lang::Lang;
    use crate::look::Look;
    use crate::set;
    use feedbench_record::summary::Cell;
    use feedbench_record::{Record, Transport};

    fn scene_of(records: &[Record]) -> Scene<'_> {
        Scene::of(&set::of(records, Lang::En), Look::default())
    }

    fn names(charts: &[Chart]) -> Vec<&str> {
        charts.iter().map(|chart| chart.name.as_str()).collect()
    }

    #[test]
    fn bandwidth_is_bars_where_nothing_varies_and_lines_by_the_number_of_clients() {
        assert_eq!(names(&charts(&scene_of(&fixture::suite()))), ["bandwidth"]);
        let by_clients = ["bandwidth-by-clients", "ip-bandwidth-by-clients"];
        assert_eq!(names(&charts(&scene_of(&sweeps::scale(&[5, 10], 1)))), by_clients);
        assert!(charts(&scene_of(&sweeps::payload(&[64, 128, 256], 1))).is_empty());
    }

    #[test]
    fn what_the_article_printed_stands_beside_its_suite_alone() {
        let thin = |records: &[Record]| published(&scene_of(records));
        let leap = thin(&fixture::quantum_leap::suite());
        assert_eq!(leap[0].points, [(1_000.0, 6.968), (10_000.0, 69.68), (100_000.0, 696.8)]);
        assert!(thin(&sweeps::scale(&[5, 10], 1)).is_empty());
    }

    #[test]
    fn bandwidth_on_ip_is_what_the_kernel_counted_in_the_window_or_computed_and_called_so() {
        let mut record = fixture::record(Transport::WebSocket);
        record.bytes.in_window = Some(1_000_000);
        let of = |record: &Record| on_ip(&set::of(std::slice::from_ref(record), Lang::En)[0]).unwrap();
        let bytes = Cell::of(&record).bytes_per_event;
        assert!((of(&record) - 0.8 * bytes.ip.unwrap() / bytes.total.unwrap()).abs() < 1e-9);
        assert!(is_computed(&scene_of(std::slice::from_ref(&record))).is_some());
        record.bytes.ip_in_window = Some(2_500_000);
        assert!((of(&record) - 2.0).abs() < 1e-9);
        assert_eq!(is_computed(&scene_of(std::slice::from_ref(&record))), None);
    }

    #[test]
    fn empty_polls_have_a_chart_where_the_rate_varies() {
        let chart = empty_polls(&scene_of(&sweeps::crossover(1))).unwrap();
        assert_eq!(chart.data.rows.len(), sweeps::RATES.len() * sweeps::INTERVALS.len());
        assert!(empty_polls(&scene_of(&fixture::suite())).is_none());
    }

    #[test]
    fn the_line_of_theory_runs_through_the_share_of_intervals_without_an_event() {
        let records = sweeps::crossover(1);
        let scene = scene_of(&records);
        let polling: Vec<_> = scene.points.iter().filter(|p| p.transport() == Transport::Polling).cloned().collect();
        let sweep = along(&polling, Axis::Rate, VALUES_MIN).unwrap();
        for (course, interval_ms) in sweep.courses.iter().zip(sweeps::INTERVALS) {
            let line = theory(course).unwrap().points;
            assert_eq!((line[0].0, line[line.len() - 1].0), (0.2, 10.0));
            for (rate_per_s, percent) in line {
                let expected = 100.0 * (-rate_per_s * interval_ms as f64 / 1_000.0).exp();
                assert!((percent - expected).abs() < 1e-6, "{rate_per_s}: {percent} and {expected}");
            }
        }
    }
}
