//! One transport, from the first page to the last byte.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use feedbench_record::browsers::{Order, Pair, Real, fields};
use feedbench_record::run::Window;
use feedbench_wire::Clock;
use tokio::time::timeout;

use crate::account;
use crate::args::Arguments;
use crate::browser::Browser;
use crate::client::{self, Client, Told};
use crate::deliveries::Deliveries;
use crate::exchange;
use crate::load;
use crate::recorder::Recorder;
use crate::server::Server;

/// From the last page that follows the feed to the window (us).
const WARM_UP_US: u64 = 1_000_000;
/// How long pages may take to follow the feed (us).
const PATIENCE_US: u64 = 60_000_000;
/// How long the browser may take to tell of the end of what the server has ended (us).
const END_US: u64 = 3_000_000;
/// How often it is asked whether something is so far (us).
const STEP_US: u64 = 100_000;

const CLOCK: Clock = Clock::Monotonic;

/// Measures with the browser, then with the load generator.
///
/// # Errors
/// When one of them, or a server, cannot be started, or fails.
pub(crate) async fn pair(arguments: &Arguments) -> anyhow::Result<Pair> {
    let browser = real(arguments).await?;
    let imitation = load::imitate(arguments, browser.request.as_ref()).await?;
    let heads = browser.request.as_ref().zip(imitation.request.as_ref());
    let fields = heads.map(|(request, imitation)| fields(&request.text, imitation)).unwrap_or_default();
    Ok(Pair { transport: arguments.transport, browser, imitation: Some(imitation), fields })
}

/// Measures with the browser.
async fn real(arguments: &Arguments) -> anyhow::Result<Real> {
    let server = Server::start(arguments).await?;
    let mut browser = Browser::start(arguments.family, &arguments.browser).await?;
    let product = browser.product().await?;
    let recorder = Recorder::new(arguments.family, arguments.transport);
    let mut pages = Pages { browser, recorder, clients: Vec::new() };
    pages.open(server.host(), arguments).await?;
    pages.until_they_follow().await?;
    pages.watch(WARM_UP_US).await?;

    let start_us = CLOCK.now_us();
    let window = Window { start_us, end_us: start_us + arguments.duration * 1_000 };
    pages.watch(window.end_us.saturating_sub(CLOCK.now_us())).await?;
    // What was published at the window's end is still on its way: to a poll, for a whole interval.
    pages.watch(arguments.interval * 1_000 + WARM_UP_US).await?;
    // What is kept before the server is asked, the server has written down before it answers.
    let mut kept = pages.kept();
    let account = account::ask(&pages.clients[0], &mut pages.browser).await;
    let witness = account.map(|account| account.compare(arguments.transport, &mut kept));
    let example = example(kept);

    server.ask_to_end();
    pages.until_it_is_over().await?;
    let told = pages.tell().await?;
    let Pages { browser, recorder, .. } = pages;
    let deliveries = Deliveries::of(told.iter().map(|page| page.deliveries.as_slice()), window);
    let bytes = recorder.end(deliveries.events);
    browser.end().await;
    server.gone().await?;
    let (request, answer) = example.map_or((None, None), |example| (Some(example.request), example.answer));
    Ok(Real {
        headless: true,
        product,
        window,
        delivered: deliveries.delivered,
        lost: deliveries.lost,
        duplicated: deliveries.duplicated + told.iter().map(|page| page.again).sum::<u64>(),
        latency: deliveries.latency,
        clock: client::clocks(&told),
        request,
        answer,
        bytes,
        witness,
        hidden: told.iter().filter(|page| page.visibility != "visible").count() as u32,
    })
}

/// The latest exchange with an answer; rather one of which the server has said in which order its fields came.
fn example(kept: Vec<exchange::Told>) -> Option<exchange::Told> {
    let answered = kept.into_iter().filter(|told| told.answer.is_some());
    answered.max_by_key(|told| told.request.order == Order::Wire)
}

/// All pages of a browser.
struct Pages {
    browser: Browser,
    recorder: Recorder,
    clients: Vec<Client>,
}

impl Pages {
    /// Opens them, one after the other.
    async fn open(&mut self, host: &str, arguments: &Arguments) -> anyhow::Result<()> {
        for number in 0..arguments.clients {
            let client = Client::open(&mut self.browser, number).await?;
            if number == 0 {
                self.recorder.keep(client.page());
            }
            client.follow(&mut self.browser, host, arguments).await?;
            self.clients.push(client);
            self.record();
        }
        ensure!(!self.clients.is_empty(), "without a page there is nothing to measure");
        Ok(())
    }

    /// Gives the recorder what has come.
    fn record(&mut self) {
        while let Some(event) = self.browser.taken() {
            self.recorder.take(event);
        }
    }

    /// Takes what comes for so long (us).
    async fn watch(&mut self, us: u64) -> anyhow::Result<()> {
        let end_us = CLOCK.now_us() + us;
        while let Some(left @ 1..) = end_us.checked_sub(CLOCK.now_us()) {
            match timeout(Duration::from_micros(left), self.browser.next()).await {
                Ok(event) => self.recorder.take(event?),
                Err(_) => break,
            }
        }
        Ok(())
    }

    /// Waits until every page knows the server's clock and has asked for events.
    async fn until_they_follow(&mut self) -> anyhow::Result<()> {
        let end_us = CLOCK.now_us() + PATIENCE_US;
        let knows = "JSON.stringify(Number.isFinite(globalThis.clock?.offsetMs))";
        for number in 0..self.clients.len() {
            while !self.clients[number].evaluate::<bool>(&mut self.browser, knows).await? {
                ensure!(CLOCK.now_us() < end_us, "a page does not find out about the server's clock");
                self.watch(STEP_US).await?;
            }
        }
        self.record();
        while self.recorder.pages_that_asked() < self.clients.len() {
            ensure!(CLOCK.now_us() < end_us, "a page does not ask for events");
            self.watch(STEP_US).await?;
        }
        Ok(())
    }

    /// The heads of the first page so far.
    fn kept(&mut self) -> Vec<exchange::Told> {
        self.record();
        self.recorder.kept()
    }

    /// Waits until the browser has told of the end of every request.
    async fn until_it_is_over(&mut self) -> anyhow::Result<()> {
        let end_us = CLOCK.now_us() + END_US;
        loop {
            self.watch(STEP_US).await?;
            if !self.recorder.has_open() || CLOCK.now_us() >= end_us {
                return Ok(());
            }
        }
    }

    async fn tell(&mut self) -> anyhow::Result<Vec<Told>> {
        let mut told = Vec::new();
        for client in &self.clients {
            told.push(client.tell(&mut self.browser).await.context("a page is gone")?);
        }
        self.record();
        Ok(told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use feedbench_record::browsers::Head;

    fn told(request: &str, order: Order, is_answered: bool) -> exchange::Told {
        let head = |text: &str, order| Head { text: text.to_owned(), order };
        let answer = is_answered.then(|| head("HTTP/1.1 200 OK\r\n\r\n", Order::Wire));
        exchange::Told { request: head(request, order), request_bytes: 0, answer, answer_bytes: 0 }
    }

    #[test]
    fn the_example_is_the_latest_answered_request_that_the_server_knows() {
        let known = [told("1", Order::Wire, true), told("2", Order::Wire, true)];
        let later = [told("3", Order::Name, true), told("4", Order::Wire, false)];
        let of = |kept: &[exchange::Told]| example(kept.to_vec()).map(|told| told.request.text);
        assert_eq!(of(&[&known[..], &later].concat()).as_deref(), Some("2"));
        assert_eq!(of(&later).as_deref(), Some("3"));
        assert_eq!(of(&later[1..]), None);
    }
}
