//! One client: a page in a browser context of its own, so that its connections are its own, too.

use anyhow::Context as _;
use feedbench_record::browsers::PageClock;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::args::Arguments;
use crate::deliveries::Delivery;
use crate::devtools::DevTools;

/// A page.
pub(crate) struct Client {
    /// What it calls itself in its requests.
    name: String,
    /// Its session of the protocol.
    session: String,
}

/// What a page tells of its own.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Told {
    /// Every event, in the order in which the callback got them.
    pub(crate) deliveries: Vec<Delivery>,
    /// How well it knows the server's clock.
    pub(crate) clock: Option<ToldClock>,
    /// `visible`, unless the browser slows its timers.
    pub(crate) visibility: String,
    /// 1970 on its clock of `performance.now()` (ms).
    pub(crate) time_origin_ms: f64,
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

const TELL: &str = "JSON.stringify({ deliveries: globalThis.deliveries ?? [], \
    clock: Number.isFinite(globalThis.clock?.offsetMs) \
      ? { offsetMs: globalThis.clock.offsetMs, errorMs: globalThis.clock.errorMs } : null, \
    visibility: document.visibilityState, timeOriginMs: performance.timeOrigin })";

impl Client {
    /// Opens a page, and says that everything of its network is to be told, before it asks for anything.
    ///
    /// # Errors
    /// When the browser refuses.
    pub(crate) async fn open(devtools: &mut DevTools, number: u32) -> anyhow::Result<Client> {
        let context = devtools.call(None, "Target.createBrowserContext", json!({ "disposeOnDetach": true })).await?;
        let page = json!({ "url": "about:blank", "browserContextId": context["browserContextId"], "newWindow": true });
        let target = devtools.call(None, "Target.createTarget", page).await?;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = devtools.call(None, "Target.attachToTarget", attach).await?;
        let session = attached["sessionId"].as_str().context("the browser gives no session")?.to_owned();
        devtools.call(Some(&session), "Network.enable", json!({})).await?;
        Ok(Client { name: format!("real{number:04}"), session })
    }

    /// What it calls itself in its requests.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Its session.
    pub(crate) fn session(&self) -> &str {
        &self.session
    }

    /// Goes to the page that follows one transport.
    ///
    /// # Errors
    /// When the browser refuses, or the page does not exist.
    pub(crate) async fn follow(&self, devtools: &mut DevTools, host: &str, arguments: &Arguments) -> anyhow::Result<()> {
        let Arguments { transport, interval, hold, .. } = arguments;
        let url = format!(
            "http://{host}/page/alone.html?transport={transport}&interval={interval}&hold={hold}&client={}",
            self.name
        );
        let went = devtools.call(Some(&self.session), "Page.navigate", json!({ "url": url })).await?;
        match went["errorText"].as_str() {
            None => Ok(()),
            Some(error) => anyhow::bail!("the browser cannot open {url}: {error}"),
        }
    }

    /// What the page tells of its own.
    ///
    /// # Errors
    /// When the page is gone, or says something else.
    pub(crate) async fn tell(&self, devtools: &mut DevTools) -> anyhow::Result<Told> {
        self.evaluate(devtools, TELL).await
    }

    /// The value of an expression that gives JSON as a text, or a promise of it.
    ///
    /// # Errors
    /// When it throws, or the text is something else.
    pub(crate) async fn evaluate<T: DeserializeOwned>(
        &self,
        devtools: &mut DevTools,
        expression: &str,
    ) -> anyhow::Result<T> {
        let params = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let evaluated = devtools.call(Some(&self.session), "Runtime.evaluate", params).await?;
        if let Some(thrown) = evaluated.get("exceptionDetails") {
            let description = [&thrown["exception"]["description"], &thrown["text"]];
            anyhow::bail!("the page throws: {}", description.iter().find_map(|text| text.as_str()).unwrap_or("?"));
        }
        let text = evaluated["result"]["value"].as_str().context("the page does not tell")?;
        serde_json::from_str(text).with_context(|| format!("the page tells {text:.80}"))
    }
}

/// How well pages knew the server's clock: the worst of them. `system_offset_ms` is the server's clock less 1970 on this
/// machine's own.
pub(crate) fn clocks(told: &[Told], system_offset_ms: f64) -> Option<PageClock> {
    let one = |page: &Told| {
        let clock = page.clock?;
        let witness_ms = clock.offset_ms - (page.time_origin_ms + system_offset_ms);
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

    #[test]
    fn the_worst_page_speaks_for_all() {
        let page = |offset_ms, error_ms| Told {
            clock: Some(ToldClock { offset_ms, error_ms }),
            time_origin_ms: 1_000_000.0,
            ..Told::default()
        };
        // The server's clock is 900 s behind 1970's.
        let clocks = clocks(&[page(100_000.2, 0.3), page(99_999.9, 0.5), Told::default()], -900_000.0).unwrap();
        assert_eq!(clocks.error_ms, 0.5);
        assert!((clocks.witness_ms.unwrap() - 0.2).abs() < 1e-6);
    }

    #[test]
    fn pages_without_a_clock_say_nothing_of_it() {
        assert!(clocks(&[Told::default()], 0.0).is_none());
    }
}
