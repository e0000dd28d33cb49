//! The server alone, for people: it publishes from its start and serves until it is told to stop.

use std::future::Future;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use feedbench_record::Scenario;
use feedbench_wire::Clock;
use feedbench_wire::headers::Profile;
use feedbench_wire::io::tls::Acceptor;

use crate::classroom::origin::HostNames;
use crate::classroom::{Classroom, Ports, live};
use crate::feed::{Feed, random_epoch};
use crate::publisher::{Publisher, Span};
use crate::runtime;
use crate::server::{Config, Server};
use crate::source::{Program, stdin};

/// What to serve.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// Where to listen; port 0 for any.
    pub listen: SocketAddr,
    /// Fan-out, source, rate, payload, heartbeat, recycling.
    pub scenario: Scenario,
    /// How answers are headed.
    pub headers: Profile,
    /// The text of the recorded file when the source is a replay; without it the built-in series of that name.
    pub replay_file: Option<String>,
    /// The file that the feed is continued from and kept in; not for a feed from standard input.
    pub state: Option<PathBuf>,
    /// May programs publish? The page may, within bounds.
    pub allow_publish: bool,
    /// Is there a page in a browser? It takes the six ports after `listen`, too.
    pub page: bool,
    /// The server's end of TLS; `None` in clear, in which the page is served.
    pub tls: Option<Acceptor>,
    /// The one clock.
    pub clock: Clock,
}

/// Serves until `shutdown` is over, then ends the feed, waits for its connections and returns. `ready` learns the
/// address, and the ports of the page, as soon as clients can connect. Runs on the caller's runtime.
///
/// # Errors
/// When the scenario cannot be published, the state file cannot be continued, or the address cannot be bound.
pub async fn serve(
    options: ServeOptions,
    ready: impl FnOnce(SocketAddr, Option<&Ports>),
    shutdown: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let clock = options.clock;
    let program = Program::of(&options.scenario, options.replay_file.as_deref())?;
    let epoch = random_epoch();
    let feed = match &options.state {
        Some(path) => Feed::continued(&options.scenario, epoch, path, warn)?,
        None => Feed::of(&options.scenario, epoch),
    };
    let program = program.map(|program| program.starting_at(&feed.program_position()));
    if program.as_ref().is_some_and(Program::is_over) {
        warn("the series was published to its end before; without its state file it begins again");
    }
    let classroom = options.page.then(|| {
        let names = HostNames::of_this_machine();
        Arc::new(Classroom::new(&options.scenario, names, clock))
    });
    let config = Config {
        listen: options.listen,
        scenario: options.scenario.clone(),
        headers: options.headers,
        epoch,
        allow_publish: options.allow_publish,
        connections_max: runtime::connections_max(),
        clock,
        tls: options.tls,
        transcript: classroom.as_ref().map(|classroom| classroom.transcript()),
        classroom: classroom.clone(),
    };
    let server = Server::with_feed(&config, feed)?;
    let ports = classroom.as_ref().map(|classroom| classroom.ports().clone());
    let feed = Arc::clone(server.feed());
    let span = Span { start_us: clock.now_us(), end_us: None, window: None };
    let _publisher = match (program, classroom) {
        (None, _) => {
            publish_stdin(feed, clock);
            None
        }
        (Some(_), Some(classroom)) => {
            let settings = classroom.settings();
            tokio::spawn(live::publish(options.scenario, options.replay_file, feed, clock, settings));
            None
        }
        (Some(program), None) => {
            Some(Publisher::start(program, feed, span, clock).context("cannot start the publisher")?)
        }
    };
    ready(server.address(), ports.as_ref());
    shutdown.await;
    server.end().await;
    Ok(())
}

/// Tells people something after which the server goes on, even when nobody reads its standard error any more.
fn warn(text: &str) {
    let _ = writeln!(std::io::stderr(), "feedbench: {text}");
}

/// A thread that waits for standard input cannot be told to stop: it ends with the process.
fn publish_stdin(feed: Arc<Feed>, clock: Clock) {
    std::thread::spawn(move || {
        if let Err(error) = stdin::publish(std::io::stdin().lock(), &feed, clock, |text| warn(&text)) {
            warn(&format!("standard input: {error}"));
        }
    });
}
