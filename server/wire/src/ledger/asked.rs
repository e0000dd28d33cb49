//! What a request is about.

use feedbench_record::transport::{Manner, Transport};

use super::wide;
use crate::path;
use crate::reader::head::Request;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// Events, over a transport.
    Feed(Transport),
    /// A client publishes.
    Publish,
    /// Nothing that belongs to a comparison.
    Admin,
}

/// A request, as its answer needs to know it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) about: About,
    /// It opens a pushed connection.
    pub(super) opening: bool,
    /// Its answer has no body.
    pub(super) is_head: bool,
    /// Its bytes so far.
    pub(super) up: u64,
}

impl Asked {
    /// Reads a request's head. `opened` says whether a pushed transport was opened before on the connection.
    pub(super) fn of(request: &Request<'_>, opened: bool) -> Asked {
        let about = About::of(request.target);
        let up = wide(request.head.bytes().len());
        Asked { about, opening: about.is_pushed() && !opened, is_head: request.method == "HEAD", up }
    }

    /// The method as far as the length of the answer depends on it (RFC 9112 section 6.3).
    pub(super) fn method(&self) -> &'static str {
        if self.is_head { "HEAD" } else { "GET" }
    }
}

impl About {
    /// What a request target is about.
    pub(super) fn of(target: &str) -> About {
        let endpoint = target.split_once('?').map_or(target, |(endpoint, _)| endpoint);
        if endpoint == path::PUBLISH {
            return About::Publish;
        }
        path::transport(endpoint).map_or(About::Admin, About::Feed)
    }

    pub(super) fn is_pushed(self) -> bool {
        matches!(self, About::Feed(transport) if transport.manner() == Manner::Pushed)
    }

    pub(super) fn is_websocket(self) -> bool {
        self == About::Feed(Transport::WebSocket)
    }

    pub(super) fn is_poll(self) -> bool {
        matches!(self, About::Feed(transport) if transport.manner() != Manner::Pushed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_is_about_its_transport() {
        for transport in Transport::ALL {
            let target = path::target(transport, "t3", None, Some(25_000));
            assert_eq!(About::of(&target), About::Feed(transport));
        }
        assert_eq!(About::of("/publish?topic=t1"), About::Publish);
        for target in ["/", "/stats", "/clock", "/pollingx", "*", "http://a/polling"] {
            assert_eq!(About::of(target), About::Admin, "{target}");
        }
    }
}
