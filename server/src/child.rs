//! The server of one cell: a process of its own, led over its standard input and output ([`feedbench_wire::control`]).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, bail};
use feedbench_record::Histogram;
use feedbench_record::histogram::Precision;
use feedbench_record::run::Usage;
use feedbench_wire::control::{self, ServePlan, ServerAnswer, ServerOrder, ServerResult, Timeline};
use feedbench_wire::io::tls::{Acceptor, Identity};
use feedbench_wire::sys::{cores, memory};
use feedbench_wire::{Clock, Reading, loop_lag};
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

use crate::feed::random_epoch;
use crate::publisher::{Published, Publisher, Span};
use crate::runtime;
use crate::server::{Config, Server};
use crate::source::Program;
use crate::source::stdin::Told;

/// How long to wait for connections after the end of the feed: a little more than one needs at most, and a share for each.
const CLOSE_WAIT: Duration = Duration::from_secs(12);

/// Orders that wait at most; each may be a line to be published.
const ORDERS_WAITING: usize = 16;

/// The orders on standard input.
type Orders = Receiver<ServerOrder>;

/// The hidden subcommand: serves one cell as standard input orders, and answers on standard output. When the input ends,
/// so does the process, at once.
///
/// # Errors
/// Never: what fails is an answer, because the parent is the one who tells people.
pub fn run() -> anyhow::Result<()> {
    let mut orders = control::bounded_orders(ORDERS_WAITING);
    if let Err(error) = obey(&mut orders) {
        control::answer(&ServerAnswer::Failed(format!("{error:#}")));
    }
    // The parent ends this process by ending its input, after it has read the answer.
    while orders.blocking_recv().is_some() {}
    Ok(())
}

fn obey(orders: &mut Orders) -> anyhow::Result<()> {
    let plan = match orders.blocking_recv() {
        Some(ServerOrder::Serve(plan)) => plan,
        Some(ServerOrder::StartAt(_) | ServerOrder::Stop(_) | ServerOrder::Publish { .. }) => {
            bail!("the first order must be to serve")
        }
        None => return Ok(()),
    };
    // Before any thread starts: threads inherit it.
    cores::keep_to(&plan.cores).with_context(|| format!("cannot keep to cores {:?}", plan.cores))?;
    let program = Program::of(&plan.scenario, plan.replay_file.as_deref())?;
    runtime::build().context("cannot start the runtime")?.block_on(serve(*plan, program, orders))
}

async fn serve(plan: ServePlan, program: Option<Program>, orders: &mut Orders) -> anyhow::Result<()> {
    let close_wait =
        CLOSE_WAIT + Duration::from_millis(Timeline::crowd_ms(&plan.scenario) + plan.scenario.round_trip_max_ms());
    let accept = |identity: &Identity| Acceptor::new(identity, plan.scenario.tls_resumption);
    let tls = plan.tls.as_ref().map(accept).transpose().context("cannot speak TLS")?;
    let server = Server::bind(&Config {
        listen: plan.listen,
        scenario: plan.scenario,
        headers: plan.headers,
        epoch: random_epoch(),
        allow_publish: false,
        connections_max: runtime::connections_max(),
        clock: Clock::Monotonic,
        tls,
        transcript: None,
        classroom: None,
    })?;
    let mut usage = Usage {
        cores: cores::allowed().len() as u32,
        rss_before_bytes: memory::resident_bytes().unwrap_or(0),
        ..Usage::default()
    };
    control::answer(&ServerAnswer::Ready { address: server.address() });

    let loop_lag = Arc::new(Mutex::new(Histogram::new(Precision::Coarse)));
    let published = match orders.recv().await {
        Some(ServerOrder::StartAt(timeline)) => cell(&server, program, timeline, orders, &mut usage, &loop_lag).await?,
        Some(ServerOrder::Serve(_)) => bail!("already serving"),
        Some(ServerOrder::Publish { .. }) => bail!("there is no window yet to publish in"),
        Some(ServerOrder::Stop(_)) | None => Published::none(server.feed().topics().len()),
    };
    // Connections that hang are not in the books, and the parent sees that they are missing.
    let _ = timeout(close_wait, server.end()).await;

    control::answer(&ServerAnswer::Result(Box::new(ServerResult {
        published_in_window: published.in_window,
        published: published.total,
        publish_lag: published.lag,
        loop_lag: lock(&loop_lag).clone(),
        usage,
        connections: server.ledger().accounts(),
        ledger: server.ledger().layers(),
        slow_readers: server.ledger().slow_readers(),
    })));
    Ok(())
}

fn lock(histogram: &Mutex<Histogram>) -> MutexGuard<'_, Histogram> {
    histogram.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Publishes along the timeline, and takes the readings, up to the instant at which the feed is to end. Without a program
/// the parent says what to publish, and when.
async fn cell(
    server: &Server,
    program: Option<Program>,
    timeline: Timeline,
    orders: &mut Orders,
    usage: &mut Usage,
    loop_lag: &Arc<Mutex<Histogram>>,
) -> anyhow::Result<Published> {
    let clock = Clock::Monotonic;
    let window = timeline.window;
    let span = Span { start_us: timeline.start_us, end_us: Some(window.end_us), window: Some(window) };
    let feed = Arc::clone(server.feed());
    let told = Told::new(Arc::clone(&feed), window);
    let publisher = program.map(|program| Publisher::thread(program, feed, span)).transpose();
    let mut publisher = publisher.context("cannot start the publisher")?;

    let lag = Arc::clone(loop_lag);
    let late = move |us| lock(&lag).record(us as i64);
    let watch = tokio::spawn(loop_lag::watch(clock, window, late));
    let mut wait = Wait { orders, clock, stopped: None, told };
    wait.until(timeline.idle_us).await;
    let idle = Reading::now(clock);
    wait.until(timeline.start_us).await;
    let started = Reading::now(clock);
    wait.until(window.start_us).await;
    let opened = Reading::now(clock);
    wait.until(window.end_us).await;
    let closed = Reading::now(clock);
    if wait.stopped.is_some() {
        watch.abort();
    }

    if started.at_us() >= timeline.start_us {
        usage.cpu_idle_us_per_s = idle.cpu_us_per_s(&started);
    }
    if opened.at_us() >= window.start_us {
        opened.window_to(&closed, usage);
        usage.rss_window_bytes = memory::resident_bytes();
    }

    wait.until(timeline.end_us).await;
    if let (Some(publisher), Some(_)) = (&publisher, wait.stopped) {
        publisher.stop();
    }
    let mut published = match &mut publisher {
        Some(publisher) => publisher.finished().await.context("the publisher failed")?,
        None => wait.told.published,
    };
    let Some(stopped) = wait.stopped else { return Ok(published) };
    // What was published while the order was on its way lies after the window's new end.
    let after = window.start_us.max(stopped.window.end_us);
    for (count, topic) in published.in_window.iter_mut().zip(server.feed().topics()) {
        *count = count.saturating_sub(topic.published_in(after, window.end_us).unwrap_or(0));
    }
    clock.sleep_until_us(stopped.end_us).await;
    Ok(published)
}

/// Waits for the instants of a timeline, and publishes what the parent says, until the timeline is replaced by a shorter
/// one: then no instant is waited for any more.
struct Wait<'o> {
    orders: &'o mut Orders,
    clock: Clock,
    stopped: Option<Timeline>,
    told: Told,
}

impl Wait<'_> {
    async fn until(&mut self, at_us: u64) {
        while self.stopped.is_none() {
            tokio::select! {
                () = self.clock.sleep_until_us(at_us) => return,
                Some(order) = self.orders.recv() => match order {
                    ServerOrder::Stop(timeline) => self.stopped = Some(timeline),
                    ServerOrder::Publish { at_us, line } => self.told.publish(at_us, &line, self.clock),
                    ServerOrder::Serve(_) | ServerOrder::StartAt(_) => {}
                },
            }
        }
    }
}
