//! One stream: a request and its answer (RFC 9113 section 5.1).

use feedbench_record::ledger::{Exchanges, Layer, Way};
use feedbench_record::trace::What;

use super::fields::Fields;
use super::tunnel::Tunnel;
use crate::ledger::asked::About;
use crate::ledger::content::Content;
use crate::ledger::{ExchangeKind, Found, wide};

/// A stream that is going on.
#[derive(Debug)]
pub(super) struct Stream {
    about: About,
    /// It is a client's first of a pushed transport.
    is_opening: bool,
    /// It asks for a WebSocket.
    is_websocket: bool,
    /// One end has given it up.
    pub(super) is_reset: bool,
    halves: [Half; Way::ALL.len()],
    /// Bytes of its HEADERS, CONTINUATION and DATA frames so far; of those up, the ones that were not found in its
    /// exchange.
    bytes: Exchanges,
    /// The exchange that its answer has ended.
    exchange: Option<ExchangeKind>,
}

/// One direction of a stream.
#[derive(Debug)]
enum Half {
    /// The head has not come.
    Head,
    /// In a body.
    Content(Content),
    /// In a WebSocket's frames.
    Tunnel(Tunnel),
    /// In a body that no reader understands.
    Lost,
    /// Past the last frame.
    Ended,
}

impl Half {
    fn held_bytes(&self) -> usize {
        match self {
            Half::Content(content) => content.held_bytes(),
            Half::Tunnel(tunnel) => tunnel.held_bytes(),
            Half::Head | Half::Lost | Half::Ended => 0,
        }
    }

    /// Bytes whose layer is not found yet.
    fn open_bytes(&self) -> usize {
        match self {
            Half::Content(content) => content.open_bytes(),
            Half::Tunnel(tunnel) => tunnel.open_bytes(),
            Half::Head | Half::Lost | Half::Ended => 0,
        }
    }
}

impl Stream {
    /// A stream that begins with a request of so many bytes; `opened` says whether a pushed transport was opened before on
    /// the connection.
    ///
    /// On HTTP/1.1 a connection is one client's, so that only its first pushed request opens anything. Here clients may
    /// share one: whoever has no place in the feed is new. Who comes back to a new connection with a place opens that.
    pub(super) fn new(fields: &Fields, opened: bool, wire: usize, found: &mut impl FnMut(Found<'_>)) -> Stream {
        let about = fields.about;
        let is_opening = about.is_pushed() && (!opened || !fields.has_place);
        let is_websocket = fields.is_websocket && about.is_websocket();
        let content = match is_websocket {
            true => Half::Tunnel(Tunnel::new(Way::Up, None)),
            false => Half::Content(Content::of_request(about)),
        };
        let bytes = Exchanges { count: 0, up: wide(wire), down: 0 };
        let halves = [content, Half::Head];
        let stream = Stream { about, is_opening, is_websocket, is_reset: false, halves, bytes, exchange: None };
        stream.find_head(Layer::RequestHeaders, wire, found);
        stream
    }

    pub(super) fn about(&self) -> About {
        self.about
    }

    pub(super) fn is_over(&self) -> bool {
        self.halves.iter().all(|half| matches!(half, Half::Ended))
    }

    /// All that matters of it has come, and who is still to end it may never do so.
    pub(super) fn may_be_over(&self) -> bool {
        self.is_reset || matches!(self.halves[Way::Down.index()], Half::Ended)
    }

    pub(super) fn held_bytes(&self, way: Way) -> usize {
        self.halves[way.index()].held_bytes()
    }

    /// Bytes whose layer is not found yet.
    pub(super) fn open_bytes(&self, way: Way) -> u64 {
        wide(self.halves[way.index()].open_bytes())
    }

    /// The answer's head, or an interim one; `true` of the former.
    pub(super) fn answer(&mut self, fields: &Fields, wire: usize, found: &mut impl FnMut(Found<'_>)) -> bool {
        let is_interim = matches!(fields.status, Some(100..=199));
        match fields.status {
            None => {
                self.lose(Way::Down);
                return false;
            }
            Some(_) if is_interim => {}
            Some(200..=299) if self.is_websocket => self.open_tunnel(fields),
            Some(status) => {
                let content = Content::of_answer(self.about, status, fields.gzip);
                self.halves[Way::Down.index()] = Half::Content(content);
            }
        }
        self.count(Way::Down, wire, found);
        self.find_head(Layer::ResponseHeaders, wire, found);
        !is_interim
    }

    /// The server speaks WebSocket from here on. The client did so since its request, but only now is known whether its
    /// messages may be compressed; no client sends any before it knows that, too.
    fn open_tunnel(&mut self, fields: &Fields) {
        let Ok(agreed) = fields.deflate.transpose() else { return self.lose(Way::Down) };
        let [up, down] = &mut self.halves;
        *down = Half::Tunnel(Tunnel::new(Way::Down, agreed));
        if agreed.is_some() && matches!(up, Half::Tunnel(_)) {
            *up = Half::Tunnel(Tunnel::new(Way::Up, agreed));
        }
    }

    /// The answer's head has not come.
    pub(super) fn awaits_answer(&self) -> bool {
        matches!(self.halves[Way::Down.index()], Half::Head)
    }

    /// Fields after the content.
    pub(super) fn trailers(&mut self, way: Way, wire: usize, found: &mut impl FnMut(Found<'_>)) {
        if matches!(self.halves[way.index()], Half::Ended) {
            return;
        }
        self.count(way, wire, found);
        let layer = match way {
            Way::Up => Layer::RequestHeaders,
            Way::Down => Layer::ResponseHeaders,
        };
        self.find(layer, What::Field, wire, found);
    }

    /// Bytes around the content of DATA, and how many bytes therefore belong to what comes next.
    pub(super) fn around(&mut self, way: Way, count: usize, framing: usize, found: &mut impl FnMut(Found<'_>)) {
        match &mut self.halves[way.index()] {
            Half::Head | Half::Ended => return,
            Half::Lost => {}
            Half::Content(content) => content.frame(framing),
            Half::Tunnel(tunnel) => tunnel.frame(wide(framing)),
        }
        self.count(way, count, found);
        self.find(Layer::BodyFraming, What::FrameHeader, count, found);
    }

    /// The content of DATA.
    pub(super) fn content(&mut self, way: Way, data: &[u8], found: &mut impl FnMut(Found<'_>)) {
        let half = &mut self.halves[way.index()];
        let read = match half {
            Half::Head | Half::Ended => return,
            Half::Lost => Ok(()),
            Half::Content(content) => content.push(data, found),
            Half::Tunnel(tunnel) => tunnel.push(data, found),
        };
        if read.is_err() {
            *half = Half::Lost;
        }
        self.count(way, data.len(), found);
    }

    /// Nothing that is to come in this direction will be understood.
    pub(super) fn lose(&mut self, way: Way) {
        self.halves[way.index()] = Half::Lost;
    }

    /// The last frame of a direction has come.
    pub(super) fn end(&mut self, way: Way, found: &mut impl FnMut(Found<'_>)) {
        let half = std::mem::replace(&mut self.halves[way.index()], Half::Ended);
        let Half::Content(mut content) = half else { return };
        // An answer without content brings nothing, whatever it might have held.
        let is_empty = content.events() == 0 && content.open_bytes() == 0;
        if way == Way::Up || !is_empty && content.finish(found).is_err() {
            return;
        }
        self.exchange = match self.about {
            About::Admin => Some(ExchangeKind::Admin),
            About::Publish => Some(ExchangeKind::Publish),
            about if !about.is_poll() => None,
            _ if content.events() == 0 => Some(ExchangeKind::EmptyPoll),
            _ => Some(ExchangeKind::Poll),
        };
        if let Some(kind) = self.exchange {
            found(Found::Exchange(kind, Exchanges { count: 1, ..std::mem::take(&mut self.bytes) }));
        }
    }

    /// Its sender has given a direction up.
    pub(super) fn reset(&mut self, way: Way) {
        self.is_reset = true;
        self.halves[way.index()] = Half::Ended;
    }

    /// Bytes of the exchange. What a client sends after the whole answer still belongs to it.
    fn count(&mut self, way: Way, count: usize, found: &mut impl FnMut(Found<'_>)) {
        *self.bytes.bytes_mut(way) += wide(count);
        if let Some(kind) = self.exchange {
            found(Found::Exchange(kind, std::mem::take(&mut self.bytes)));
        }
    }

    fn find_head(&self, layer: Layer, wire: usize, found: &mut impl FnMut(Found<'_>)) {
        self.find(if self.is_opening { Layer::OpeningHandshake } else { layer }, What::Field, wire, found);
    }

    fn find(&self, layer: Layer, what: What, count: usize, found: &mut impl FnMut(Found<'_>)) {
        match self.about {
            About::Admin => found(Found::Admin { count }),
            About::Feed(_) | About::Publish => found(Found::Bytes { layer, what, count }),
        }
    }
}
