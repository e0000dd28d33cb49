//! The same transports over several protocols: what HTTP/2 and TLS change.

use feedbench_record::scenario::Protocol;
use feedbench_record::{Scenario, Transport};

use crate::conditions::distinct;
use crate::set::{Item, Point};
use crate::sweep::without_measurement;

/// What carries a transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Carrier {
    pub(crate) protocol: Protocol,
    pub(crate) tls: bool,
}

impl Carrier {
    /// What a tutorial compares everything with.
    pub(crate) const PLAIN: Carrier = Carrier { protocol: Protocol::Http1, tls: false };

    pub(crate) fn of(scenario: &Scenario) -> Carrier {
        Carrier { protocol: scenario.protocol, tls: scenario.tls }
    }
}

/// One transport over one carrier, at each distance.
pub(crate) struct Row<'p, 'a> {
    pub(crate) carrier: Carrier,
    /// At least one, by RTT (ms), ascending; each RTT once.
    pub(crate) points: Vec<(u64, &'p Point<'a>)>,
}

impl<'p, 'a> Row<'p, 'a> {
    /// The nearest point: bytes are taken from there.
    pub(crate) fn nearest(&self) -> &'p Point<'a> {
        self.points[0].1
    }

    /// The point at this distance.
    pub(crate) fn at(&self, rtt_ms: u64) -> Option<&'p Point<'a>> {
        self.points.iter().find(|(at, _)| *at == rtt_ms).map(|(_, point)| *point)
    }
}

/// Every transport over every carrier, everything else being equal.
pub(crate) struct Board<'p, 'a> {
    /// In the order of the transport table, and for each its rows in the order of the carriers.
    pub(crate) transports: Vec<(Transport, Vec<Row<'p, 'a>>)>,
    /// Every distance (ms), ascending.
    pub(crate) rtts_ms: Vec<u64>,
    scenario: Scenario,
}

impl<'p, 'a> Board<'p, 'a> {
    /// The row of a transport over a carrier.
    pub(crate) fn row(&self, transport: Transport, carrier: Carrier) -> Option<&Row<'p, 'a>> {
        let (_, rows) = self.transports.iter().find(|(of, _)| *of == transport)?;
        rows.iter().find(|row| row.carrier == carrier)
    }

    /// Every row with its transport.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (Transport, &Row<'p, 'a>)> {
        self.transports.iter().flat_map(|(transport, rows)| rows.iter().map(move |row| (*transport, row)))
    }

    fn add(&mut self, point: &'p Point<'a>) {
        let (transport, carrier, rtt_ms) = (point.transport(), Carrier::of(point.scenario()), point.scenario().rtt_ms);
        let at = self.transports.iter().position(|(of, _)| *of == transport).unwrap_or_else(|| {
            self.transports.push((transport, Vec::new()));
            self.transports.len() - 1
        });
        let rows = &mut self.transports[at].1;
        match rows.iter_mut().find(|row| row.carrier == carrier) {
            Some(row) if row.at(rtt_ms).is_some() => {}
            Some(row) => row.points.push((rtt_ms, point)),
            None => rows.push(Row { carrier, points: vec![(rtt_ms, point)] }),
        }
    }

    fn sort(&mut self) {
        self.transports.sort_by_key(|(transport, _)| *transport);
        for (_, rows) in &mut self.transports {
            rows.sort_by_key(|row| row.carrier);
            rows.iter_mut().for_each(|row| row.points.sort_by_key(|(rtt_ms, _)| *rtt_ms));
        }
        let rtts = self.rows().flat_map(|(_, row)| row.points.iter().map(|(rtt_ms, _)| *rtt_ms));
        self.rtts_ms = distinct(rtts.collect::<Vec<_>>());
        self.rtts_ms.sort_unstable();
    }
}

/// A board for each group of points that differ in transport, carrier and distance alone, if it has several carriers.
pub(crate) fn boards<'p, 'a>(points: &'p [Point<'a>]) -> Vec<Board<'p, 'a>> {
    let mut boards: Vec<Board<'p, 'a>> = Vec::new();
    for point in points {
        let scenario = levelled(point.scenario());
        match boards.iter_mut().find(|board| board.scenario == scenario) {
            Some(board) => board.add(point),
            None => {
                let mut board = Board { transports: Vec::new(), rtts_ms: Vec::new(), scenario };
                board.add(point);
                boards.push(board);
            }
        }
    }
    boards.retain(|board| distinct(board.rows().map(|(_, row)| row.carrier)).len() > 1);
    boards.iter_mut().for_each(Board::sort);
    boards
}

/// The scenario with the usual carrier and distance.
fn levelled(scenario: &Scenario) -> Scenario {
    let usual = Scenario::default();
    Scenario {
        protocol: usual.protocol,
        tls: usual.tls,
        tls_resumption: usual.tls_resumption,
        clients_per_connection: usual.clients_per_connection,
        rtt_ms: usual.rtt_ms,
        ..without_measurement(scenario)
    }
}

/// Bytes per event on IP, without what opens a connection that is kept.
pub(crate) fn on_ip(item: &Item<'_>) -> Option<f64> {
    item.cell.bytes_per_event.ip
}

/// Mean delivery latency (ms).
pub(crate) fn mean_latency_ms(item: &Item<'_>) -> Option<f64> {
    item.cell.latency_us.map(|latency| latency.mean / 1_000.0)
}

/// The bytes of a request over HTTP/2, frame included: the first of a connection, and each later one.
pub(crate) fn request_bytes(item: &Item<'_>) -> Option<(f64, Option<f64>)> {
    let hpack = item.record.bytes.loadgen.ledger?.hpack;
    let mean =
        |heads: feedbench_record::ledger::Heads| (heads.count > 0).then(|| heads.wire as f64 / heads.count as f64);
    Some((mean(hpack.first_requests)?, mean(hpack.repeated_requests)))
}
