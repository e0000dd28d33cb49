//! Bandwidth of all clients against their number, and empty polls against the event rate.

use feedbench_record::scenario::Arrivals;
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
    picture.thin = shown.courses.iter().map(theory).collect();
    (picture.is_joined, picture.y_end) = (false, Some(100.0));
    notes.push(text::empty_polls_theory(lang).to_owned());
    let words = Words {
        name: format!("{}-by-{}", EMPTY_POLLS.id, Axis::Rate.id()),
        title: text::title_by(lang, text::title_empty_polls(lang), text::axis_in_title(lang, Axis::Rate)),
        description: picture.description(lang),
        notes,
    };
    picture.chart(scene, words)
}

/// The share that theory expects from the lowest rate of a course to its highest.
fn theory(course: &Course<'_, '_>) -> Thin {
    const STEPS: usize = 60;
    let points = course.points();
    let (low, high) = (points[0].0, points[points.len() - 1].0);
    let scenario = points[0].1.scenario();
    let point = |step: usize| {
        let rate_per_s = low * (high / low).powf(step as f64 / STEPS as f64);
        (rate_per_s, 100.0 * empty_share(rate_per_s, scenario.interval_ms as f64 / 1_000.0, scenario.arrivals))
    };
    Thin {
        transport: course.transport(),
        label: String::new(),
        points: (0..=STEPS).map(point).collect(),
        dash: &[],
        has_points: false,
    }
}

/// The share of polls that find nothing, when one is sent each `interval_s` and `rate_per_s` events come a second: no event
/// of a Poisson process falls into the interval with the probability exp(-λT); of events with equal gaps of 1/λ one falls
/// into it with the probability T λ, and always where the interval is not shorter than the gap.
fn empty_share(rate_per_s: f64, interval_s: f64, arrivals: Arrivals) -> f64 {
    let events = rate_per_s * interval_s;
    match arrivals {
        Arrivals::Poisson => (-events).exp(),
        Arrivals::Fixed => (1.0 - events).max(0.0),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_poll_finds_nothing_as_often_as_an_interval_has_no_event() {
        assert!((empty_share(2.0, 0.5, Arrivals::Poisson) - 0.367_879).abs() < 1e-6);
        assert_eq!(empty_share(0.5, 1.0, Arrivals::Fixed), 0.5);
        assert_eq!(empty_share(4.0, 1.0, Arrivals::Fixed), 0.0);
        for arrivals in [Arrivals::Poisson, Arrivals::Fixed] {
            assert!((empty_share(1e-9, 1.0, arrivals) - 1.0).abs() < 1e-6, "nothing comes");
        }
    }
}
