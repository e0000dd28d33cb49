//! The classroom: the page that shows every transport live in a browser, and what it needs of the server beside the feed.
//!
//! ```text
//! the page's port   page, its files, iframe streaming, publishing     \
//! five ports after  one transport each                                 > at a distance that can be set
//! the control port  clocks, accounts, settings                           at none
//! ```
//!
//! - [`page`]: the page's files, and what a browser lets them do. [`ports`]: which port is for what.
//! - [`origin`], [`cors`]: who asks, and who may read the answer. [`allowance`]: how much may be published.
//! - [`settings`]: what everybody can set. [`live`]: the publisher that follows them.
//! - `hearer`, `account`, [`accounts`]: from the bytes of a page's connections to what the page is told about them.
//! - [`endpoints`]: the paths.

mod account;
pub mod accounts;
pub mod allowance;
pub mod cors;
pub mod endpoints;
mod hearer;
pub mod live;
pub mod origin;
pub mod page;
pub mod ports;
pub mod settings;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use feedbench_record::Scenario;
use feedbench_record::scenario::{Source, topic_name};
use feedbench_wire::Clock;
use feedbench_wire::io::Distance;
use feedbench_wire::io::transcript::Transcript;
use hyper::http::request::Parts;
use tokio::sync::watch;

use crate::answer::Refusal;
use accounts::Accounts;
use allowance::Allowance;
use hearer::Listening;
use origin::{Asker, HostNames};
use settings::{Adjustable, NotSet, RATE_MAX_PER_S, Settings, Wish};

pub use ports::Ports;

/// The classroom of one server.
#[derive(Debug)]
pub struct Classroom {
    names: HostNames,
    /// Known once the server listens.
    ports: OnceLock<Ports>,
    settings: watch::Sender<Settings>,
    adjustable: Adjustable,
    rate_max_per_s: f64,
    source: &'static str,
    topic: String,
    distance: Distance,
    accounts: Arc<Accounts>,
    allowance: Allowance,
    clock: Clock,
}

impl Classroom {
    /// A classroom for the feed of a scenario.
    pub fn new(scenario: &Scenario, names: HostNames, clock: Clock) -> Classroom {
        Classroom {
            names,
            ports: OnceLock::new(),
            settings: watch::Sender::new(Settings::of(scenario)),
            adjustable: Adjustable::of(scenario),
            rate_max_per_s: scenario.rate_per_s.max(RATE_MAX_PER_S),
            source: match scenario.source {
                Source::Synthetic => "synthetic",
                Source::Replay { .. } => "replay",
                Source::Stdin => "stdin",
            },
            topic: topic_name(scenario.topics().first().copied().unwrap_or(0)),
            distance: Distance::default(),
            accounts: Arc::default(),
            allowance: Allowance::new(clock.now_us()),
            clock,
        }
    }

    /// The server listens on these ports.
    pub(crate) fn opened(&self, ports: Ports) {
        // Once, by the server that it belongs to.
        let _ = self.ports.set(ports);
    }

    /// The ports.
    ///
    /// # Panics
    /// Before the server listens.
    pub fn ports(&self) -> &Ports {
        self.ports.get().expect("requests come only when the server listens")
    }

    /// What is set, now and whenever it changes.
    pub fn settings(&self) -> watch::Receiver<Settings> {
        self.settings.subscribe()
    }

    /// The distance of the transports' connections.
    pub fn distance(&self) -> &Distance {
        &self.distance
    }

    /// The accounts of the pages.
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// What hears every connection of the server, and writes the pages' accounts.
    pub fn transcript(&self) -> Transcript {
        Transcript::told_to(self.clock, Arc::new(Listening::new(Arc::clone(&self.accounts))))
    }

    /// Who asks.
    ///
    /// # Errors
    /// When the request is for a name that is not this machine's.
    pub fn asker(&self, head: &Parts) -> Result<Asker, Refusal> {
        self.names.asker(head, self.ports().main())
    }

    /// May the page publish a text now?
    ///
    /// # Errors
    /// When it is too long, or too much was published.
    pub fn take_text(&self, text: &str) -> Result<(), Refusal> {
        if text.len() > allowance::TEXT_MAX_BYTES {
            return Err(Refusal::TextTooLong);
        }
        if self.allowance.take(self.clock.now_us()) { Ok(()) } else { Err(Refusal::TooOften) }
    }

    /// Grants a wish.
    ///
    /// # Errors
    /// When it is out of range: then nothing changes.
    fn set(&self, wish: Wish) -> Result<Settings, NotSet> {
        let mut outcome = Err(NotSet::NotAdjustable);
        self.settings.send_if_modified(|settings| {
            let before = *settings;
            outcome = settings.grant(wish, self.adjustable, self.rate_max_per_s);
            *settings = outcome.unwrap_or(before);
            *settings != before
        });
        let settings = outcome?;
        self.distance.set_rtt(Duration::from_millis(settings.rtt_ms));
        Ok(settings)
    }
}
