//! One client: a page in a browser context of its own, so that its connections are its own, too.

use anyhow::Context as _;
use feedbench_record::browsers::PageClock;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use feedbench_wire::Clock;
use feedbench_wire::clock::realtime_us;

use crate::args::Arguments;
use crate::browser::{Browser, Page};
use crate::deliveries::Delivery;

/// A page.
pub(crate) struct Client {
    /// What it calls itself in its requests.
    name: String,
    page: Page,
    /// The server's clock less 1970's on this machine, when the page was opened (ms).
    system_offset_ms: f64,
}

/// What a page tells of its own.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Told {
    /// Every event, in the order in which the callback got them.
    pub(crate) deliveries: Vec<Delivery>,
    /// Events that it was offered a second time; they are not among the deliveries.
    pub(crate) again: u64,
    /// How well it knows the server's clock.
    pub(crate) clock: Option<ToldClock>,
    /// `visible`, unless the browser slows its timers.
    pub(crate) visibility: String,
    /// When its clock began, since 1970 (ms).
    time_origin_ms: f64,
    /// When each of the deliveries was heard of, since 1970 (ms).
    heard: Vec<f64>,
    /// The server's clock less 1970's on this machine (ms).
    #[serde(skip)]
    system_offset_ms: f64,
}

/// A page's idea of the server's clock.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ToldClock {
    /// The server's clock less `performance.now()` (ms).
    pub(crate) offset_ms: f64,
    /// Half of the shortest round trip (ms).
    pub(crate) error_ms: f64,
}

/// Notes the instant of each delivery on the clock that the machine's processes share, in steps of 0.1 ms in Chromium and
/// 1 ms in Firefox. The page's own latencies rest on a comparison of clocks over HTTP, which on a busy machine is wrong by
/// more than the latency itself.
const HEAR: &str = "(() => { \
    let panel; \
    const heard = []; \
    const hear = () => heard.push(performance.timeOrigin + performance.now()); \
    Object.defineProperty(globalThis, 'heard', { get: () => heard }); \
    Object.defineProperty(globalThis, 'panel', { get: () => panel, set(made) { panel = made; made.listen(hear); } }); \
  })()";

const TELL: &str = "JSON.stringify({ deliveries: globalThis.deliveries ?? [], again: globalThis.panel?.again ?? 0, \
    clock: Number.isFinite(globalThis.clock?.offsetMs) \
      ? { offsetMs: globalThis.clock.offsetMs, errorMs: globalThis.clock.errorMs } : null, \
    visibility: document.visibilityState, timeOriginMs: performance.timeOrigin, heard: globalThis.heard })";

impl Client {
    /// Opens a page of whose network everything is told, before it asks for anything.
    ///
    /// # Errors
    /// When the browser refuses.
    pub(crate) async fn open(browser: &mut Browser, number: u32) -> anyhow::Result<Client> {
        let page = browser.open(HEAR).await?;
        let system_offset_ms = (Clock::Monotonic.now_us() as f64 - realtime_us() as f64) / 1e3;
        Ok(Client { name: format!("real{number:04}"), page, system_offset_ms })
    }

    /// What it calls itself in its requests.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Its page.
    pub(crate) fn page(&self) -> &Page {
        &self.page
    }

    /// Goes to the page that follows one transport.
    ///
    /// # Errors
    /// When the browser refuses, or the page does not exist.
    pub(crate) async fn follow(&self, browser: &mut Browser, host: &str, arguments: &Arguments) -> anyhow::Result<()> {
        let Arguments { transport, interval, hold, .. } = arguments;
        let url = format!(
            "http://{host}/page/alone.html?transport={transport}&interval={interval}&hold={hold}&client={}",
            self.name
        );
        browser.go(&self.page, &url).await
    }

    /// What the page tells of its own.
    ///
    /// # Errors
    /// When the page is gone, or says something else.
    pub(crate) async fn tell(&self, browser: &mut Browser) -> anyhow::Result<Told> {
        let told = Told { system_offset_ms: self.system_offset_ms, ..self.evaluate(browser, TELL).await? };
        told.by_the_machines_clocks().context("the page has not noted when it heard of each event")
    }

    /// The value of an expression that gives JSON as a text, or a promise of it.
    ///
    /// # Errors
    /// When it throws, or the text is something else.
    pub(crate) async fn evaluate<T: DeserializeOwned>(
        &self,
        browser: &mut Browser,
        expression: &str,
    ) -> anyhow::Result<T> {
        let text = browser.evaluate(&self.page, expression).await?;
        serde_json::from_str(&text).with_context(|| format!("the page tells {text:.80}"))
    }
}

impl Told {
    /// The same deliveries, with latencies by the clocks of this machine. `None` when an instant is missing.
    fn by_the_machines_clocks(mut self) -> Option<Told> {
        if self.heard.len() != self.deliveries.len() {
            return None;
        }
        for (delivery, heard_ms) in self.deliveries.iter_mut().zip(&self.heard) {
            delivery.latency_ms = heard_ms + self.system_offset_ms - delivery.at_us as f64 / 1e3;
        }
        Some(self)
    }
}

/// How well pages knew the server's clock: the worst of them.
pub(crate) fn clocks(told: &[Told]) -> Option<PageClock> {
    let one = |page: &Told| {
        let clock = page.clock?;
        let witness_ms = clock.offset_ms - (page.time_origin_ms + page.system_offset_ms);
        Some(PageClock { error_ms: clock.error_ms, witness_ms: Some(witness_ms.abs()) })
    };
    told.iter().filter_map(one).reduce(|worst, next| PageClock {
        error_ms: worst.error_ms.max(next.error_ms),
        witness_ms: worst.witness_ms.zip(next.witness_ms).map(|(one, other)| one.max(other)),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn page(offset_ms: f64, error_ms: f64) -> Told {
        // The server's clock is 900 s behind 1970's.
        let clock = Some(ToldClock { offset_ms, error_ms });
        Told { clock, time_origin_ms: 1_000_000.0, system_offset_ms: -900_000.0, ..Told::default() }
    }

    #[test]
    fn the_worst_page_speaks_for_all() {
        let clocks = clocks(&[page(100_000.2, 0.3), page(99_999.9, 0.5), Told::default()]).unwrap();
        assert_eq!(clocks.error_ms, 0.5);
        assert!((clocks.witness_ms.unwrap() - 0.2).abs() < 1e-6);
    }

    #[test]
    fn pages_without_a_clock_say_nothing_of_it() {
        assert!(clocks(&[Told::default()]).is_none());
    }

    #[test]
    fn a_latency_is_the_instant_of_hearing_less_that_of_publishing() {
        let deliveries = vec![Delivery { seq: 1, at_us: 100_250_000, latency_ms: 9.0 }];
        let told = Told { deliveries, heard: vec![1_000_251.5], ..page(0.0, 0.0) };
        assert!((told.by_the_machines_clocks().unwrap().deliveries[0].latency_ms - 1.5).abs() < 1e-6);
        let without = Told { deliveries: vec![Delivery { seq: 1, at_us: 1, latency_ms: 9.0 }], ..page(0.0, 0.0) };
        assert!(without.by_the_machines_clocks().is_none());
    }
}
