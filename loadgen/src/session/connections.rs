//! A client's connections, one after the other: when to open the next one, and what the end of one means. This is where
//! the connection policy is, so that no transport knows of it.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use feedbench_record::scenario::Protocol;
use feedbench_record::transport::Manner;
use feedbench_wire::io::transcript::{Moment, Scribe};
use feedbench_wire::io::{Counted, End, Link, Meter, Socket, Tls};

use super::Session;
use crate::connect::{self, Ending};
use crate::fault::{Ended, Fault};
use crate::h2::{self, Arrival, Joined, Share};
use crate::line::Line;
use crate::shared::Shared;
use crate::tls;
use crate::wake::{self, Bell};

/// Failed attempts in a row after which a client that was never connected gives up.
const ATTEMPTS: u32 = 5;

/// What the session knows of its open connection.
pub(super) enum Connection {
    /// Its own.
    Own {
        address: SocketAddr,
        /// With its meter.
        bell: Arc<Bell>,
        /// A request was answered on it.
        answered: bool,
    },
    /// A share of one: the read that brought what was taken last.
    Shared(Rc<Cell<Arrival>>),
}

impl Connection {
    /// The read that brought what was taken last.
    pub(super) fn arrival(&self) -> Arrival {
        match self {
            Connection::Own { bell, .. } => Arrival::last(bell),
            Connection::Shared(arrival) => arrival.get(),
        }
    }

    /// A request was answered on it.
    pub(super) fn answer(&mut self) {
        if let Connection::Own { answered, .. } = self {
            *answered = true;
        }
    }
}

impl Session {
    /// Opens a connection, again and again until one opens; where each poll has one of its own, at the poll's instant.
    /// Where neighbours share one, only the first of them opens it. `None` when the cell is over.
    pub(crate) async fn open(&mut self) -> Option<Line> {
        let clock = self.shared.clock();
        while !self.over() {
            if self.failures > 0 {
                let pause = Duration::from_millis(50 << self.failures.min(5));
                self.unless_over(tokio::time::sleep(pause)).await?;
            }
            if self.asks_anew() && self.shared.plan().transport.manner() == Manner::Asks {
                self.next_poll().await?;
                self.due = true;
            }
            let shares = self.shared.plan().scenario.protocol == Protocol::Http2;
            let mut turn = if shares {
                match self.unless_over(self.shared.join(self.client)).await? {
                    Joined::Open(connection) => return Some(self.share(connection)),
                    Joined::Turn => Some(Turn { shared: Rc::clone(&self.shared), client: self.client, opened: None }),
                }
            } else {
                None
            };
            let started_us = clock.now_us();
            let half_trips = if self.shared.plan().tls.is_some() { 5 } else { 3 };
            let request_us = started_us + self.shared.round_trip().as_micros() as u64 * half_trips / 2;
            if self.asks_anew() && self.shared.phases().feed_ended(request_us) {
                // The server would answer nobody any more.
                return None;
            }
            let mut scribe = self.shared.scribe();
            note(scribe.as_mut(), Moment::Connecting);
            let plan = self.shared.plan();
            let distance = self.shared.next_distance(self.client);
            let mss_bytes = plan.scenario.mss_bytes;
            let opening = connect::open(self.client, self.shared.network(), plan.target, mss_bytes, distance.as_ref());
            match self.unless_over(opening).await? {
                Ok((address, socket)) => {
                    note(scribe.as_mut(), Moment::Connected);
                    self.shared.recorder().connected(clock.now_us() - started_us, self.reconnects);
                    let meter = Meter::new(clock, End::Client);
                    self.shared.opened(self.client, meter.clone());
                    let link = wake::link(socket, &meter, distance);
                    let (tls, fault) = self.secure(link, &meter, address).await?;
                    let (stack, bell) = wake::stack(tls, meter, scribe);
                    if let Some(turn) = turn.as_mut().filter(|_| fault.is_none()) {
                        let connection = h2::Connection::open(&self.shared, self.client, stack, bell, address);
                        turn.opened = Some(Rc::clone(&connection));
                        return Some(self.share(connection));
                    }
                    drop(turn);
                    self.connection = Some(Connection::Own { address, bell, answered: false });
                    let line = Line::Http1(stack);
                    match fault {
                        None => return Some(line),
                        fault => self.close(Ended { line: Some(line), fault }).await,
                    }
                }
                Err(_) if self.asks_anew() && self.shared.phases().feed_ended(clock.now_us()) => return None,
                Err(error) => self.failed(connect::error_kind(&error)),
            }
        }
        None
    }

    /// The handshake of TLS, where there is one; `None` when the cell is over before it is.
    async fn secure(
        &self,
        link: Link<Counted<Socket>>,
        meter: &Meter,
        address: SocketAddr,
    ) -> Option<(Tls<Link<Counted<Socket>>>, Option<Fault>)> {
        let Some(connector) = self.shared.tls().of_client(self.client) else { return Some((Tls::clear(link), None)) };
        let begun_us = meter.now_us();
        match self.unless_over(tls::secure(&connector, link, meter, self.shared.round_trip())).await {
            Some(Ok(tls)) => {
                self.shared.recorder().secured(meter.now_us() - begun_us);
                Some((tls, None))
            }
            Some(Err(failed)) => Some((failed.stream, Some(Fault::TlsHandshake))),
            None => {
                self.shared.recorder().close(&meter.account_lost(address), None, meter.counts().reads());
                self.shared.closed(self.client);
                None
            }
        }
    }

    /// A share of a connection that a neighbour opened, or the client itself.
    fn share(&mut self, connection: Rc<h2::Connection>) -> Line {
        let arrival = Rc::default();
        self.connection = Some(Connection::Shared(Rc::clone(&arrival)));
        self.reconnects = false;
        Line::Http2(Share::of(connection, arrival))
    }

    /// Ends a connection exactly: reads what is still coming, lets the kernel account for it, closes. A connection that
    /// neighbours go on with is only left.
    pub(crate) async fn close(&mut self, ended: Ended) {
        let leaving = self.shared.over();
        let feed_ended = self.feed_ended();
        let Some(connection) = self.connection.take() else { return };
        let answered = matches!(connection, Connection::Own { answered: true, .. });
        let served = self.asks_anew() && answered && ended.fault.is_none();
        let ending = match (self.asks_anew(), leaving) {
            (true, _) if served || !leaving => Ending::Planned,
            (_, true) => Ending::Ours,
            (_, false) => Ending::Theirs,
        };
        self.reconnects = !served;
        if !served && !leaving && !feed_ended {
            self.failed(ended.fault.unwrap_or(Fault::Closed).kind());
        }
        match (connection, ended.line) {
            (_, Some(Line::Http2(share))) => share.leave().await,
            (Connection::Own { address, bell, .. }, line) => {
                let meter = bell.meter();
                let (account, ip) = match line {
                    Some(Line::Http1(stack)) => {
                        let (kept, round_trip) = (!self.asks_anew(), self.shared.round_trip());
                        connect::end(stack, self.shared.scratch(), meter, address, ending, kept, round_trip).await
                    }
                    _ => (meter.account_lost(address), None),
                };
                self.shared.recorder().close(&account, ip, meter.counts().reads());
                self.shared.closed(self.client);
            }
            (Connection::Shared(_), _) => {}
        }
        self.left = leaving || feed_ended;
    }

    /// One more failure in a row. A client that never had a place in the feed ends the cell after some.
    fn failed(&mut self, kind: &'static str) {
        self.shared.recorder().error(kind);
        self.failures += 1;
        if self.epoch.is_none() && self.failures >= ATTEMPTS {
            let target = self.shared.plan().target;
            self.shared.give_up(format!("client {} gets no events from {target}: {kind}", self.client));
        }
    }
}

/// A client's turn to open the connection that its neighbours wait for. They are told when it is over, whatever ends it.
struct Turn {
    shared: Rc<Shared>,
    client: u32,
    opened: Option<Rc<h2::Connection>>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.shared.joinable(self.client, self.opened.take());
    }
}

fn note(scribe: Option<&mut Scribe>, moment: Moment<&[u8]>) {
    if let Some(scribe) = scribe {
        scribe.note(scribe.now_us(), moment);
    }
}
