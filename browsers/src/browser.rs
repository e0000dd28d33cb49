//! The browser, whichever it is: one match for each thing that is asked of it.

use std::path::Path;

use feedbench_record::browsers::Family;

use crate::chromium::Chromium;
use crate::firefox::Firefox;
use crate::{bidi, devtools};

/// A running browser. Dropped, it is killed with all its processes, and its profile is removed.
pub(crate) enum Browser {
    Chromium(Chromium),
    Firefox(Firefox),
}

/// A page of a browser: the session of Chromium, the context of Firefox.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Page(pub(crate) String);

/// What a browser tells of a page's network, in its own words.
#[derive(Debug)]
pub(crate) enum Event {
    Chromium(devtools::Event),
    Firefox(bidi::Event),
}

impl Browser {
    /// Starts it and connects to it.
    ///
    /// # Errors
    /// When it cannot be started, or is none of its family.
    pub(crate) async fn start(family: Family, path: &Path) -> anyhow::Result<Browser> {
        match family {
            Family::Chromium => Chromium::start(path).await.map(Browser::Chromium),
            Family::Firefox => Firefox::start(path).await.map(Browser::Firefox),
        }
    }

    /// Name and version, as the browser tells them.
    ///
    /// # Errors
    /// When it does not answer.
    pub(crate) async fn product(&mut self) -> anyhow::Result<String> {
        match self {
            Browser::Chromium(chromium) => chromium.product().await,
            Browser::Firefox(firefox) => Ok(firefox.bidi.product().to_owned()),
        }
    }

    /// Opens a blank page with connections of its own, of whose network everything is told. `script` runs in it before any
    /// script of a document.
    ///
    /// # Errors
    /// When the browser refuses.
    pub(crate) async fn open(&mut self, script: &str) -> anyhow::Result<Page> {
        match self {
            Browser::Chromium(chromium) => chromium.open(script).await.map(Page),
            Browser::Firefox(firefox) => firefox.open(script).await.map(Page),
        }
    }

    /// Goes to an address.
    ///
    /// # Errors
    /// When the browser refuses, or cannot get there.
    pub(crate) async fn go(&mut self, page: &Page, url: &str) -> anyhow::Result<()> {
        match self {
            Browser::Chromium(chromium) => chromium.go(&page.0, url).await,
            Browser::Firefox(firefox) => firefox.go(&page.0, url).await,
        }
    }

    /// The text that an expression gives, or a promise of it.
    ///
    /// # Errors
    /// When it throws, or gives something else.
    pub(crate) async fn evaluate(&mut self, page: &Page, expression: &str) -> anyhow::Result<String> {
        match self {
            Browser::Chromium(chromium) => chromium.evaluate(&page.0, expression).await,
            Browser::Firefox(firefox) => firefox.evaluate(&page.0, expression).await,
        }
    }

    /// The next event, of those that have come so far.
    pub(crate) fn taken(&mut self) -> Option<Event> {
        match self {
            Browser::Chromium(chromium) => chromium.devtools.taken().map(Event::Chromium),
            Browser::Firefox(firefox) => firefox.bidi.taken().map(Event::Firefox),
        }
    }

    /// The next event. It may be dropped while it waits: nothing is lost.
    ///
    /// # Errors
    /// When the browser is gone.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Event> {
        match self {
            Browser::Chromium(chromium) => chromium.devtools.next().await.map(Event::Chromium),
            Browser::Firefox(firefox) => firefox.bidi.next().await.map(Event::Firefox),
        }
    }

    /// Asks it to end, and waits until it is gone.
    pub(crate) async fn end(self) {
        match self {
            Browser::Chromium(chromium) => chromium.end().await,
            Browser::Firefox(firefox) => firefox.end().await,
        }
    }
}
