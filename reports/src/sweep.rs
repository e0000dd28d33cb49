//! Sweeps: the values along which the points of a report lie, everything else of their scenarios being equal.

use feedbench_record::transport::Manner;
use feedbench_record::{Scenario, Transport};

use crate::conditions::{self, distinct};
use crate::lang::Lang;
use crate::set::Point;
use crate::text::common;

/// An axis with fewer values is no course: bars compare two values, and a line between them would tell of what lies between,
/// which nobody measured.
pub(crate) const VALUES_MIN: usize = 3;
/// More lines in one chart cannot be told apart.
const COURSES_MAX: usize = 12;

/// A value of the scenario that several points differ in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Axis {
    /// The number of clients.
    Clients,
    /// Events per second and topic.
    Rate,
    /// Length of the event text (bytes).
    Payload,
    /// Poll interval (ms); it concerns polling alone.
    Interval,
    /// Emulated round-trip time (ms).
    Rtt,
}

impl Axis {
    /// All of them.
    pub(crate) const ALL: [Axis; 5] = [Axis::Clients, Axis::Rate, Axis::Payload, Axis::Interval, Axis::Rtt];

    /// The name in the names of files.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Axis::Clients => "clients",
            Axis::Rate => "rate",
            Axis::Payload => "payload",
            Axis::Interval => "interval",
            Axis::Rtt => "rtt",
        }
    }

    /// Does the value make a difference to this transport?
    pub(crate) fn concerns(self, transport: Transport) -> bool {
        self != Axis::Interval || transport.manner() == Manner::Asks
    }

    /// The value, in the axis's unit.
    pub(crate) fn value(self, scenario: &Scenario) -> f64 {
        match self {
            Axis::Clients => f64::from(scenario.clients),
            Axis::Rate => scenario.rate_per_s,
            Axis::Payload => f64::from(scenario.payload_bytes),
            Axis::Interval => scenario.interval_ms as f64,
            Axis::Rtt => scenario.rtt_ms as f64,
        }
    }

    /// The scenario with the usual value of this axis, so that points which differ in it alone become equal.
    fn levelled(self, scenario: Scenario) -> Scenario {
        let usual = Scenario::default();
        match self {
            Axis::Clients => Scenario { clients: usual.clients, clients_asked: None, ..scenario },
            Axis::Rate => Scenario { rate_per_s: usual.rate_per_s, ..scenario },
            Axis::Payload => Scenario { payload_bytes: usual.payload_bytes, ..scenario },
            Axis::Interval => Scenario { interval_ms: usual.interval_ms, ..scenario },
            Axis::Rtt => Scenario { rtt_ms: usual.rtt_ms, ..scenario },
        }
    }
}

/// A scenario without the seed and without how long was measured: what is rare is measured for longer.
pub(crate) fn without_measurement(scenario: &Scenario) -> Scenario {
    let usual = Scenario::default();
    Scenario { seed: usual.seed, window_ms: usual.window_ms, ..scenario.clone() }
}

/// The points of one transport that differ in the axis alone.
#[derive(Clone)]
pub(crate) struct Course<'p, 'a> {
    /// At least one, ascending; each value once.
    points: Vec<(f64, &'p Point<'a>)>,
    /// What they have in common, with the usual value of the axis.
    scenario: Scenario,
    level: bool,
}

impl<'p, 'a> Course<'p, 'a> {
    /// Each value of the axis with its point, ascending. At least one.
    pub(crate) fn points(&self) -> &[(f64, &'p Point<'a>)] {
        &self.points
    }

    pub(crate) fn transport(&self) -> Transport {
        self.points[0].1.transport()
    }

    /// Does the axis not concern the transport, so that its one point holds for every value?
    pub(crate) fn is_level(&self) -> bool {
        self.level
    }

    fn suite(&self) -> &'a str {
        &self.points[0].1.first().record.suite
    }
}

/// All courses along one axis.
pub(crate) struct Sweep<'p, 'a> {
    pub(crate) axis: Axis,
    /// Every course, transport by transport.
    pub(crate) courses: Vec<Course<'p, 'a>>,
}

/// Each axis that has at least [`VALUES_MIN`] values.
pub(crate) fn sweeps<'p, 'a>(points: &'p [Point<'a>]) -> Vec<Sweep<'p, 'a>> {
    Axis::ALL.into_iter().filter_map(|axis| along(points, axis, VALUES_MIN)).collect()
}

/// The points along one axis; `None` when no transport has that many values of it. A suite that does not vary it is left
/// out.
pub(crate) fn along<'p, 'a>(points: &'p [Point<'a>], axis: Axis, values_min: usize) -> Option<Sweep<'p, 'a>> {
    let mut courses: Vec<Course<'p, 'a>> = Vec::new();
    for point in points {
        let transport = point.transport();
        let seen = without_measurement(point.scenario()).as_seen_by(transport);
        let value = axis.value(if axis.concerns(transport) { &seen } else { point.scenario() });
        let scenario = axis.levelled(seen);
        let suite = &point.first().record.suite;
        let belongs = |course: &&mut Course<'p, 'a>| {
            (course.transport(), course.suite()) == (transport, suite)
                && course.scenario == scenario
                // A value that is there twice was measured in two runs: those are two courses.
                && course.points.iter().all(|&(other, _)| other != value)
        };
        match courses.iter_mut().find(belongs) {
            Some(course) => course.points.push((value, point)),
            None => courses.push(Course { points: vec![(value, point)], scenario, level: false }),
        }
    }
    let varied: Vec<_> = courses
        .iter()
        .filter(|course| axis.concerns(course.transport()) && course.points.len() >= values_min)
        .map(Course::suite)
        .collect();
    courses.retain(|course| varied.contains(&course.suite()));
    for course in &mut courses {
        course.points.sort_by(|a, b| a.0.total_cmp(&b.0));
        course.level = !axis.concerns(course.transport()) && course.points.len() == 1;
    }
    courses.sort_by_key(Course::transport);
    (!courses.is_empty()).then_some(Sweep { axis, courses })
}

impl<'p, 'a> Sweep<'p, 'a> {
    /// The same with few enough courses for one chart: where another axis varies, too, those at its middle value. Says
    /// which values were chosen.
    pub(crate) fn shown(&self) -> (Sweep<'p, 'a>, Vec<(Axis, f64)>) {
        let (mut courses, mut chosen) = (self.courses.clone(), Vec::new());
        for axis in Axis::ALL.into_iter().filter(|&axis| axis != self.axis) {
            let concerned = |course: &Course<'_, '_>| axis.concerns(course.transport());
            let mut values: Vec<f64> =
                courses.iter().filter(|course| concerned(course)).map(|course| axis.value(&course.scenario)).collect();
            values.sort_by(f64::total_cmp);
            values.dedup();
            if courses.len() > COURSES_MAX && values.len() > 1 {
                let middle = values[(values.len() - 1) / 2];
                courses.retain(|course| !concerned(course) || axis.value(&course.scenario) == middle);
                chosen.push((axis, middle));
            }
        }
        (Sweep { axis: self.axis, courses }, chosen)
    }

    /// A label for each course: the transport, and what tells it apart from other courses of the same transport.
    pub(crate) fn labels(&self, lang: Lang) -> Vec<String> {
        let conditions: Vec<_> = self.courses.iter().map(|course| conditions::of(&course.scenario, lang)).collect();
        let of_transport = |transport: Transport| {
            (0..self.courses.len()).filter(move |&index| self.courses[index].transport() == transport)
        };
        let differs = |transport: Transport, value: &dyn Fn(usize) -> String| {
            distinct(of_transport(transport).map(value)).len() > 1
        };
        let label = |index: usize| {
            let course = &self.courses[index];
            let transport = course.transport();
            let mut parts = vec![common::transport(lang, transport).to_owned()];
            for (number, condition) in conditions[index].iter().enumerate() {
                if differs(transport, &|other| conditions[other][number].short.clone()) {
                    parts.push(condition.short.clone());
                }
            }
            if differs(transport, &|other| self.courses[other].suite().to_owned()) {
                parts.push(course.suite().to_owned());
            }
            parts.join(common::label_comma(lang))
        };
        let labels: Vec<_> = (0..self.courses.len()).map(label).collect();
        let numbered = |(index, text): (usize, &String)| {
            let before = labels[..index].iter().filter(|other| *other == text).count();
            if before == 0 { text.clone() } else { format!("{text} #{}", before + 1) }
        };
        labels.iter().enumerate().map(numbered).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::fixture::sweeps;
    use crate::set::{self, points};
    use feedbench_record::Record;

    fn with_points<T>(records: &[Record], check: impl Fn(&[Point<'_>]) -> T) -> T {
        check(&points(&set::of(records, Lang::En)))
    }

    #[test]
    fn points_that_differ_in_clients_alone_are_a_course_of_each_transport() {
        with_points(&sweeps::scale(&[5, 10, 20], 2), |points| {
            let sweeps = sweeps(points);
            assert_eq!(sweeps.iter().map(|sweep| sweep.axis).collect::<Vec<_>>(), [Axis::Clients]);
            let courses = &sweeps[0].courses;
            assert_eq!(courses.iter().map(Course::transport).collect::<Vec<_>>(), Transport::ALL);
            for course in courses {
                assert_eq!(course.points().iter().map(|&(value, _)| value).collect::<Vec<_>>(), [5.0, 10.0, 20.0]);
                assert!(course.points().iter().all(|(_, point)| point.items().len() == 2));
            }
        });
    }

    #[test]
    fn two_values_are_no_course() {
        with_points(&sweeps::scale(&[5, 10], 1), |points| {
            assert!(sweeps(points).is_empty());
            assert!(along(points, Axis::Clients, 2).is_some());
        });
    }

    #[test]
    fn what_an_axis_does_not_concern_stays_one_point_for_all_its_values() {
        with_points(&sweeps::crossover(1), |points| {
            let by_interval = along(points, Axis::Interval, VALUES_MIN).unwrap();
            for course in &by_interval.courses {
                let polls = course.transport() == Transport::Polling;
                assert_eq!(course.is_level(), !polls);
                assert_eq!(course.points().len(), if polls { sweeps::INTERVALS.len() } else { 1 });
            }
            assert_eq!(by_interval.courses.len(), sweeps::RATES.len() * Transport::ALL.len());
        });
    }

    #[test]
    fn a_rare_event_that_is_measured_for_longer_belongs_to_the_course_of_the_others() {
        with_points(&sweeps::crossover(1), |points| {
            let by_rate = along(points, Axis::Rate, VALUES_MIN).unwrap();
            assert_eq!(by_rate.courses.len(), sweeps::INTERVALS.len() + Transport::ALL.len() - 1);
            assert!(by_rate.courses.iter().all(|course| course.points().len() == sweeps::RATES.len()));
            assert!(by_rate.courses.iter().all(|course| !course.is_level()));
        });
    }

    #[test]
    fn of_more_lines_than_one_can_tell_apart_those_at_the_middle_of_the_other_axis_are_shown() {
        with_points(&sweeps::crossover(1), |points| {
            let (shown, chosen) = along(points, Axis::Interval, VALUES_MIN).unwrap().shown();
            assert_eq!((shown.courses.len(), chosen), (Transport::ALL.len(), vec![(Axis::Rate, 1.0)]));
            assert_eq!(shown.labels(Lang::En), Transport::ALL.map(Transport::title));
            let (all, chosen) = along(points, Axis::Rate, VALUES_MIN).unwrap().shown();
            assert_eq!((all.courses.len(), chosen), (10, Vec::new()));
        });
    }

    #[test]
    fn a_label_tells_courses_of_a_transport_apart_and_no_two_are_the_same() {
        let twice = [sweeps::crossover(1), sweeps::crossover(1)].concat();
        with_points(&twice, |points| {
            for sweep in sweeps(points) {
                let labels = sweep.labels(Lang::En);
                assert_eq!(distinct(&labels).len(), labels.len(), "{labels:?}");
            }
        });
        with_points(&sweeps::crossover(1), |points| {
            let labels = along(points, Axis::Rate, VALUES_MIN).unwrap().labels(Lang::En);
            assert_eq!([&labels[0], &labels[9]], ["polling, interval 500 ms", "WebSocket"]);
        });
    }

    #[test]
    fn another_suite_that_does_not_vary_the_axis_is_left_out() {
        let records = [sweeps::scale(&[5, 10, 20], 1), crate::fixture::suite()].concat();
        with_points(&records, |points| {
            let courses = along(points, Axis::Clients, VALUES_MIN).unwrap().courses;
            assert!(courses.iter().all(|course| course.suite() == "scale"));
        });
    }
}
