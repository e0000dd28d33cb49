//! The bytes of one client against the time that it stays: what opens its connection, paid once, and what each second
//! costs at the cell's event rate. Both are measured; that they go on like this is assumed.

use feedbench_record::transport::Manner;

use crate::set::{Item, Point};

/// One client's course, both directions above TCP.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Course {
    /// Paid once (bytes): the opening of a pushed connection, and the handshake of TLS. A client that polls in clear has
    /// nothing of that above TCP.
    pub(crate) opening: f64,
    /// Paid on and on: the mean of the window (bytes/s).
    pub(crate) per_second: f64,
}

impl Course {
    /// Bytes after so many seconds.
    pub(crate) fn after(self, seconds: f64) -> f64 {
        self.opening + self.per_second * seconds
    }

    /// The second from which on this course is below the other one, if it begins above it.
    fn falls_below(self, other: Course) -> Option<f64> {
        let (opening, rate) = (self.opening - other.opening, other.per_second - self.per_second);
        (opening > 0.0 && rate > 0.0).then(|| opening / rate)
    }
}

/// The course of a cell; `None` where the window's bytes or the opening were not measured.
pub(crate) fn of(item: &Item<'_>) -> Option<Course> {
    let opening = match item.record.transport.manner() {
        Manner::Asks | Manner::Waits => 0.0,
        Manner::Pushed => item.cell.bytes_per_event.opening?,
    };
    let opening = opening + item.cell.bytes_per_event.tls_handshake.unwrap_or(0.0);
    let (clients, bits_per_s) = (f64::from(item.cell.clients), item.cell.bits_per_s?);
    (clients > 0.0 && bits_per_s > 0.0).then(|| Course { opening, per_second: bits_per_s / 8.0 / clients })
}

/// The course of a point: the opening and the bytes of a second are each the median over the repetitions.
pub(crate) fn of_point(point: &Point<'_>) -> Option<Course> {
    let median = |figure: fn(Course) -> f64| Some(point.estimate(|item| of(item).map(figure))?.median);
    Some(Course { opening: median(|course| course.opening)?, per_second: median(|course| course.per_second)? })
}

/// Where the course of a pushed point falls below that of a polling point of the same scenario.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Crossing {
    /// The place of the pushed point among those of the report.
    pub(crate) pushed: usize,
    /// The place of the point that polls.
    pub(crate) polls: usize,
    pub(crate) at_s: f64,
    pub(crate) bytes: f64,
}

/// All crossings, the earliest first.
pub(crate) fn crossings(points: &[Point<'_>]) -> Vec<Crossing> {
    let courses: Vec<_> = points.iter().map(of_point).collect();
    let manner = |index: usize| points[index].transport().manner();
    let pairs = (0..points.len()).flat_map(|pushed| (0..points.len()).map(move |polls| (pushed, polls)));
    let crossing = |(pushed, polls): (usize, usize)| {
        let (one, other) = (courses[pushed]?, courses[polls]?);
        let wanted = manner(pushed) == Manner::Pushed
            && manner(polls) != Manner::Pushed
            && are_comparable(&points[pushed], &points[polls]);
        let at_s = one.falls_below(other).filter(|_| wanted)?;
        Some(Crossing { pushed, polls, at_s, bytes: one.after(at_s) })
    };
    let mut crossings: Vec<_> = pairs.filter_map(crossing).collect();
    crossings.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    crossings
}

/// Do the two differ in nothing but the transport?
fn are_comparable(one: &Point<'_>, other: &Point<'_>) -> bool {
    one.items().iter().any(|item| other.items().iter().any(|other| item.is_comparable(other)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixture, set};
    use feedbench_record::{Record, Transport};

    /// A cell with these bytes of opening for each client, and these bytes a client and second.
    fn cell(transport: Transport, opening: u64, per_second: u64) -> Record {
        let mut record = fixture::record(transport);
        let clients = u64::from(record.scenario.clients);
        record.bytes.loadgen.opening_up = Some(opening * clients);
        record.bytes.loadgen.opening_down = Some(0);
        record.bytes.in_window = Some(per_second * clients * 10);
        record
    }

    fn crossings_of(records: &[Record]) -> Vec<Crossing> {
        crossings(&set::points(&set::of(records, crate::lang::Lang::En)))
    }

    #[test]
    fn an_opening_is_paid_off_after_its_bytes_over_the_difference_of_the_rates() {
        let records = [cell(Transport::Polling, 0, 300), cell(Transport::WebSocket, 400, 100)];
        assert_eq!(crossings_of(&records), [Crossing { pushed: 1, polls: 0, at_s: 2.0, bytes: 600.0 }]);
    }

    #[test]
    fn lines_that_never_meet_have_no_crossing() {
        let dearer = [cell(Transport::Polling, 0, 100), cell(Transport::WebSocket, 400, 100)];
        assert_eq!(crossings_of(&dearer), []);
        let mut elsewhere = [cell(Transport::Polling, 0, 300), cell(Transport::WebSocket, 400, 100)];
        elsewhere[1].scenario.rate_per_s = 4.0;
        assert_eq!(crossings_of(&elsewhere), [], "another scenario is not compared");
    }

    #[test]
    fn a_window_that_did_not_end_has_no_course() {
        let records = [fixture::interrupted(Transport::WebSocket)];
        assert_eq!(of(&set::of(&records, crate::lang::Lang::En)[0]), None);
    }
}
