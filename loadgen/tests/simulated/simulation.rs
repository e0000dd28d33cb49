//! One server and its clients on a simulated network.

use std::cell::RefCell;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::rc::Rc;
use std::time::Duration;

use feedbench_loadgen::simulated;
use feedbench_record::run::Window;
use feedbench_record::scenario::{ClientKind, Protocol};
use feedbench_record::transport::Manner;
use feedbench_record::{Scenario, Transport};
use feedbench_server::feed::Feed;
use feedbench_server::publisher::{Published, Publisher, Span};
use feedbench_server::schedule::Schedule;
use feedbench_server::source::synthetic::Synthetic;
use feedbench_server::source::{Content, Program};
use feedbench_server::{Config, Server};
use feedbench_wire::Clock;
use feedbench_wire::control::{LoadPlan, LoadResult, Timeline};
use feedbench_wire::headers::Profile;
use feedbench_wire::io::Socket;
use tokio::time::Instant;
use turmoil::Sim;
use turmoil::net::TcpListener;

use crate::network;
use crate::outcome::{Books, Outcome};

/// A transit of the network, d (ms).
pub(crate) const TRANSIT_MS: u64 = 50;
/// The simulation's step, and what all instants are whole numbers of (ms): the runtime's timers are as coarse.
const STEP_MS: u64 = 1;
/// A window that begins here (ms) begins when every client has its place in the feed.
pub(crate) const READY_MS: u64 = 1_000;
/// Segments under way on a connection, and connections under way to a listener, at most: no limit for what is done here.
const SEGMENTS_MAX: usize = 4_096;

/// How the server answers: as by itself, but on one day.
const ANSWER: &str = "[answer]\ncontent-length: {length}\ndate: Thu, 14 Apr 2011 00:00:00 GMT\n";

const SERVER: &str = "server";
const CLIENTS: &str = "clients";
const PORT: u16 = 80;

/// How a client is built.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    pub(crate) transport: Transport,
    pub(crate) client: ClientKind,
    pub(crate) protocol: Protocol,
}

/// Every transport, with each kind of client, over each protocol.
pub(crate) fn every_way() -> impl Iterator<Item = Way> {
    Transport::ALL.into_iter().flat_map(|transport| {
        ClientKind::ALL
            .into_iter()
            .flat_map(move |client| Protocol::ALL.into_iter().map(move |protocol| Way { transport, client, protocol }))
    })
}

/// Those that come by their events in this manner.
pub(crate) fn ways(manner: Manner) -> impl Iterator<Item = Way> {
    every_way().filter(move |way| way.transport.manner() == manner)
}

/// What is simulated.
#[derive(Clone, Debug)]
pub(crate) struct Simulation {
    pub(crate) way: Way,
    /// Its rate and phases are not used.
    pub(crate) scenario: Scenario,
    /// When an event is published (ms), one after the other.
    pub(crate) published_ms: Vec<u64>,
    /// The measurement window (ms).
    pub(crate) window_ms: Range<u64>,
    /// When the feed ends (ms).
    pub(crate) end_ms: u64,
    /// What everything takes that travels (ms).
    pub(crate) transit_ms: u64,
    /// What happens to the network (ms), one after the other.
    pub(crate) incidents: Vec<(u64, Incident)>,
}

/// What happens to the network between server and clients.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Incident {
    /// From now on nothing arrives.
    Hold,
    /// All that was held arrives.
    Release,
    /// From now on everything is lost, and the clients give their connections up.
    Break,
    /// The network works again.
    Repair,
}

impl Simulation {
    /// One client, and these events.
    pub(crate) fn new(way: Way, published_ms: impl Into<Vec<u64>>) -> Simulation {
        let published_ms = published_ms.into();
        assert!(published_ms.is_sorted(), "events are published one after the other");
        let last_ms = published_ms.last().copied().unwrap_or(READY_MS);
        let Way { client, protocol, .. } = way;
        let scenario = Scenario { clients: 1, client, protocol, synchronised: true, ..Scenario::default() };
        Simulation {
            way,
            scenario,
            published_ms,
            window_ms: READY_MS..last_ms + 1,
            end_ms: last_ms + 1_500,
            transit_ms: TRANSIT_MS,
            incidents: vec![],
        }
    }

    /// Runs it to the end of its last connection.
    pub(crate) fn run(&self) -> Outcome {
        let transit = Duration::from_millis(self.transit_ms);
        let mut sim = turmoil::Builder::new()
            .simulation_duration(Duration::from_secs(3_600))
            .tick_duration(Duration::from_millis(STEP_MS))
            .min_message_latency(transit)
            .max_message_latency(transit)
            .tcp_capacity(SEGMENTS_MAX)
            .rng_seed(1)
            .build();
        let (books, load) = (Rc::default(), Rc::default());
        // The server first: an answer to a SYN is heard within the same step by who comes after it.
        let address = SocketAddr::new(sim.lookup(SERVER), PORT);
        sim.client(SERVER, keep(&books, self.clone().serve(address)));
        sim.client(CLIENTS, keep(&load, self.clone().load(address)));
        let mut incidents = self.incidents.iter().peekable();
        loop {
            while let Some((_, incident)) =
                incidents.next_if(|(at_ms, _)| Duration::from_millis(*at_ms) <= sim.elapsed())
            {
                incident.befall(&sim);
            }
            if sim.step().unwrap() {
                break;
            }
        }
        // In its last step, the last host is done.
        let over_ms = sim.elapsed().as_millis() as u64 - STEP_MS;
        let mut outcome = Outcome { load: load.take().unwrap(), server: books.take().unwrap(), over_ms };
        // The only thing that is left to chance: in which order tasks are told of one and the same end.
        outcome.load.connections.sort_by_key(|connection| connection.client);
        outcome.server.connections.sort_by_key(|connection| connection.client);
        outcome.assert_complete();
        outcome
    }

    fn timeline(&self) -> Timeline {
        let window = Window { start_us: self.window_ms.start * 1_000, end_us: self.window_ms.end * 1_000 };
        Timeline { idle_us: 0, start_us: 0, window, end_us: self.end_ms * 1_000 }
    }

    async fn serve(self, address: SocketAddr) -> Books {
        let clock = Clock::Runtime { origin: Instant::now() };
        let config = Config {
            listen: address,
            tls: None,
            scenario: self.scenario.clone(),
            headers: Profile::parse(ANSWER).unwrap(),
            epoch: 1,
            allow_publish: false,
            connections_max: usize::MAX,
            clock,
            transcript: None,
            classroom: None,
        };
        let server = Server::without_listener(&config, Feed::of(&self.scenario, config.epoch));
        let times_us: Vec<u64> = self.published_ms.iter().map(|at_ms| at_ms * 1_000).collect();
        let program = Program {
            schedule: Schedule::recorded(&times_us, 1.0, 1),
            content: Content::Synthetic(Box::new(Synthetic::new(1, self.scenario.payload_bytes))),
        };
        let Timeline { window, end_us, .. } = self.timeline();
        // A recorded series counts from its first event.
        let span = Span { start_us: times_us.first().copied().unwrap_or(0), end_us: None, window: Some(window) };
        let mut publisher = Publisher::task(program, server.feed().clone(), span, clock);

        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, PORT)).await.unwrap();
        let accept = async {
            loop {
                let (stream, client) = listener.accept().await.unwrap();
                server.serve(Socket::simulated(stream), client);
            }
        };
        tokio::select! {
            biased;
            () = clock.sleep_until_us(end_us) => {}
            () = accept => {}
        }
        let Published { in_window, lag, .. } = publisher.finished().await.unwrap();
        server.end().await;
        let published = in_window.iter().sum();
        Books {
            published,
            late_us: lag.max_us(),
            connections: server.ledger().accounts(),
            layers: server.ledger().layers(),
        }
    }

    async fn load(self, address: SocketAddr) -> LoadResult {
        let clock = Clock::Runtime { origin: Instant::now() };
        let plan = LoadPlan {
            target: address,
            tls: None,
            host: address.to_string(),
            transport: self.way.transport,
            scenario: self.scenario.clone(),
            headers: Profile::default(),
            cores: vec![],
            latency_absent: None,
            clock_ahead_us: 0,
            server_ends_feed: true,
        };
        let dial = network::dial(Duration::from_millis(self.transit_ms), self.breaks(clock));
        simulated::run(plan, clock, 0, self.timeline(), dial).await.unwrap()
    }

    /// When the network breaks, if it does.
    fn breaks(&self, clock: Clock) -> Option<Instant> {
        let breaks = self.incidents.iter().find(|(_, incident)| matches!(incident, Incident::Break))?;
        Some(clock.instant(breaks.0 * 1_000))
    }
}

impl Incident {
    fn befall(self, sim: &Sim<'_>) {
        match self {
            Incident::Hold => sim.hold(SERVER, CLIENTS),
            Incident::Release => sim.release(SERVER, CLIENTS),
            Incident::Break => sim.partition(SERVER, CLIENTS),
            Incident::Repair => sim.repair(SERVER, CLIENTS),
        }
    }
}

/// A host of the simulation that leaves what it tells in `place`.
fn keep<T: 'static>(
    place: &Rc<RefCell<Option<T>>>,
    host: impl Future<Output = T> + 'static,
) -> impl Future<Output = turmoil::Result> + 'static {
    let place = Rc::clone(place);
    async move {
        let told = host.await;
        place.replace(Some(told));
        Ok(())
    }
}
