//! A real server and a real client over loopback, in this process: the server on a runtime of its own thread, the client as
//! a cell of the load generator. Both ends write down what they read and write.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail, ensure};
use feedbench_loadgen::cell;
use feedbench_record::{Scenario, Transport};
use feedbench_server::feed::random_epoch;
use feedbench_server::publisher::{Publisher, Span};
use feedbench_server::server::{Config, Server};
use feedbench_server::source::Program;
use feedbench_wire::Clock;
use feedbench_wire::control::{LoadAnswer, LoadOrder, LoadPlan, LoadResult, Timeline};
use feedbench_wire::headers::Profile;
use feedbench_wire::io::transcript::{Keeper, Transcript, Written};
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::time::timeout;

/// From the client's place in the feed to the first phase (us).
const LEAD_US: u64 = 20_000;
/// How long past its time the client may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// The client's own source of connections needs nothing more than these.
const CONNECTIONS_MAX: usize = 16;

/// What both ends wrote down.
pub(super) struct Recorded {
    pub(super) server_address: SocketAddr,
    pub(super) client: Written,
    pub(super) server: Written,
    /// The clients' addresses, in the order in which the connections ended.
    pub(super) result: LoadResult,
}

/// Runs one client through a few events.
///
/// # Errors
/// When the server cannot listen, or the client does not get every event.
pub(super) fn record(transport: Transport, scenario: &Scenario, headers: &Profile) -> anyhow::Result<Recorded> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(run(transport, scenario, headers))
}

async fn run(transport: Transport, scenario: &Scenario, headers: &Profile) -> anyhow::Result<Recorded> {
    let clock = Clock::Monotonic;
    let (ours, theirs) = (Keeper::default(), Keeper::default());
    let told_to = |keeper: &Keeper| Transcript::told_to(clock, Arc::new(keeper.clone()));
    let server = Server::bind(&Config {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        scenario: scenario.clone(),
        headers: headers.clone(),
        epoch: random_epoch(),
        allow_publish: false,
        connections_max: CONNECTIONS_MAX,
        clock,
        tls: None,
        transcript: Some(told_to(&theirs)),
        classroom: None,
    })
    .context("cannot listen on loopback")?;
    let (orders, mut answers) = client(transport, scenario, headers, server.address(), told_to(&ours))?;
    orders.send(LoadOrder::Connect)?;
    while !matches!(answer(&mut answers).await?, LoadAnswer::Connected) {}

    let timeline = timeline(scenario, clock.now_us() + LEAD_US);
    let program = Program::of(scenario, None)?.context("a trace makes its own events")?;
    let window = timeline.window;
    let span = Span { start_us: timeline.start_us, end_us: Some(window.end_us), window: Some(window) };
    let mut publisher =
        Publisher::thread(program, Arc::clone(server.feed()), span).context("cannot start the publisher")?;
    orders.send(LoadOrder::StartAt(timeline))?;
    let published = publisher.finished().await.context("the publisher failed")?;
    clock.sleep_until_us(timeline.end_us).await;
    server.end().await;
    let result = loop {
        if let LoadAnswer::Result(result) = answer(&mut answers).await? {
            break *result;
        }
    };
    let published: u64 = published.total.iter().sum();
    ensure!(
        result.delivered == published && result.errors.is_empty() && result.malformed == 0,
        "{published} events were published and {} delivered, errors: {:?}",
        result.delivered,
        result.errors
    );
    Ok(Recorded { server_address: server.address(), client: ours.written(), server: theirs.written(), result })
}

/// Starts the client on a thread of its own.
fn client(
    transport: Transport,
    scenario: &Scenario,
    headers: &Profile,
    target: SocketAddr,
    transcript: Transcript,
) -> anyhow::Result<(mpsc::UnboundedSender<LoadOrder>, UnboundedReceiver<LoadAnswer>)> {
    let plan = LoadPlan {
        target,
        host: target.to_string(),
        transport,
        scenario: scenario.clone(),
        headers: headers.clone(),
        cores: Vec::new(),
        latency_absent: None,
        clock_ahead_us: 0,
        server_ends_feed: true,
        tls: None,
    };
    let (orders, ordered) = mpsc::unbounded_channel();
    let (answer, answers) = mpsc::unbounded_channel();
    let work = move || {
        let tell = |told| drop(answer.send(told));
        if let Err(error) = cell::run(plan, Clock::Monotonic, ordered, tell, Some(&transcript)) {
            tell(LoadAnswer::Failed(format!("{error:#}")));
        }
    };
    thread::Builder::new().name("client".to_owned()).spawn(work).context("cannot start the client")?;
    Ok((orders, answers))
}

async fn answer(answers: &mut UnboundedReceiver<LoadAnswer>) -> anyhow::Result<LoadAnswer> {
    match timeout(PATIENCE, answers.recv()).await {
        Ok(Some(LoadAnswer::Failed(why))) => bail!(why),
        Ok(Some(answer)) => Ok(answer),
        Ok(None) => Err(anyhow!("the client is gone")),
        Err(_) => Err(anyhow!("the client says nothing for {PATIENCE:?}")),
    }
}

/// The phases, with a drain that is just long enough for the last poll: nothing is measured here.
fn timeline(scenario: &Scenario, start_us: u64) -> Timeline {
    let timeline = Timeline::of(scenario, start_us);
    Timeline {
        end_us: timeline.window.end_us + (scenario.interval_ms + 2 * scenario.round_trip_max_ms() + 100) * 1_000,
        ..timeline
    }
}
