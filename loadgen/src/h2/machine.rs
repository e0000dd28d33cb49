//! A client's end of an HTTP/2 connection (RFC 9113) without I/O: bytes of the server in ([`Machine::receive`], in
//! `incoming`), bytes for it out, and requests and answers of the clients that share it (`asking`).
//!
//! What the server controls is bounded: content waits for its client up to [`HELD_MAX_BYTES`], what is to be sent up to
//! [`OUT_MAX_BYTES`]; past that nothing more is read, and TCP holds the server back.

use std::task::Waker;

use feedbench_wire::h2::frame::{self, FrameHeader, FrameKind, PREFACE};
use feedbench_wire::h2::hpack::{Decoder, Encoder};
use slab::Slab;

use super::incoming::Frame;
use super::settings::{self, Settings, WINDOW_BYTES};
use super::stream::Stream;
use super::{ErrorCode, Habits};
use crate::fault::Fault;

/// Content that may wait for its clients before no more is read (bytes).
pub(super) const HELD_MAX_BYTES: usize = 256 * 1024;
/// What may wait to be sent before no more is read (bytes): most answers of ours are caused by the server.
pub(super) const OUT_MAX_BYTES: usize = 64 * 1024;
/// The last number of a stream (RFC 9113 section 5.1.1).
const STREAM_MAX: u32 = (1 << 31) - 1;

/// A client of the connection.
#[derive(Debug, Default)]
pub(super) struct Client {
    /// Wakes it: it waits for one thing at a time.
    pub(super) waker: Option<Waker>,
    /// It waits for other requests to end, or for the server's settings.
    pub(super) wants_to_ask: bool,
}

/// One end of a connection.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) frames: frame::Reader,
    pub(super) frame: Frame,
    pub(super) decoder: Decoder,
    pub(super) encoder: Encoder,
    pub(super) habits: Habits,
    pub(super) settings: Settings,
    pub(super) clients: Slab<Client>,
    /// In the order of their numbers.
    pub(super) streams: Vec<Stream>,
    /// The number of the next one.
    pub(super) next_stream: u32,
    /// What may still be sent, and what may still come, on all streams together (bytes).
    pub(super) send_window: i64,
    pub(super) receive_window: i64,
    /// Content that waits for its clients, as it counts.
    pub(super) held_bytes: usize,
    out: Vec<u8>,
    /// The server takes no more requests, and why.
    pub(super) goaway: Option<ErrorCode>,
    /// Nothing more will come: the server has closed, or what broke the connection.
    over: Option<Result<(), Fault>>,
    /// Wakes whoever moves the bytes.
    driver: Option<Waker>,
}

impl Machine {
    /// A connection that was just opened. Its first bytes wait to be sent.
    pub(super) fn new(habits: Habits) -> Machine {
        let mut out = PREFACE.to_vec();
        settings::ours(habits.opening, &mut out);
        Machine {
            frames: frame::Reader::default(),
            frame: Frame::default(),
            decoder: Decoder::with_table(habits.opening.table_bytes()),
            encoder: Encoder::new(habits.indexing),
            habits,
            settings: Settings::default(),
            clients: Slab::new(),
            streams: Vec::new(),
            next_stream: 1,
            send_window: WINDOW_BYTES,
            receive_window: habits.opening.connection_window_bytes().into(),
            held_bytes: 0,
            out,
            goaway: None,
            over: None,
            driver: None,
        }
    }

    /// What waits to be sent.
    pub(super) fn to_send(&self) -> &[u8] {
        &self.out
    }

    /// So much of it was sent.
    pub(super) fn sent(&mut self, bytes: usize) {
        self.out.drain(..bytes);
        if self.out.is_empty() {
            self.out = Vec::new();
        }
    }

    /// The connection takes nothing more.
    pub(super) fn drop_unsent(&mut self) {
        self.out = Vec::new();
    }

    /// Is there room for what another read may bring?
    pub(super) fn may_read(&self) -> bool {
        self.held_bytes < HELD_MAX_BYTES && self.out.len() < OUT_MAX_BYTES
    }

    /// Will nothing more come?
    pub(super) fn is_over(&self) -> bool {
        self.over.is_some()
    }

    /// Has the server closed?
    pub(super) fn is_closed(&self) -> bool {
        self.over == Some(Ok(()))
    }

    /// May another request be begun?
    pub(super) fn takes_requests(&self) -> bool {
        self.over.is_none() && self.goaway.is_none() && self.next_stream <= STREAM_MAX
    }

    /// Why no more requests are taken: an error, or just so.
    pub(super) fn why_not(&self) -> Result<(), Fault> {
        match (self.goaway, self.over) {
            (Some(code), _) if code != ErrorCode::NoError => Err(Fault::Goaway(code)),
            (_, Some(Err(fault))) => Err(fault),
            _ => Ok(()),
        }
    }

    /// The server has closed, or the connection broke.
    pub(super) fn end(&mut self, how: Result<(), Fault>) {
        self.over.get_or_insert(how);
        let fault = self.why_not().err().unwrap_or(Fault::Closed);
        for stream in &mut self.streams {
            stream.end.get_or_insert(Err(fault));
        }
        self.streams.retain(|stream| stream.client.is_some());
        self.wake_all();
    }

    /// The clients have left: nothing more is asked.
    pub(super) fn say_goodbye(&mut self) {
        self.append_goaway(ErrorCode::NoError);
    }

    /// The server broke the protocol.
    pub(super) fn fail(&mut self, code: ErrorCode) {
        self.append_goaway(code);
        self.end(Err(Fault::Protocol));
    }

    /// No stream of the server's was ever taken.
    fn append_goaway(&mut self, code: ErrorCode) {
        FrameHeader { payload_bytes: 8, kind: FrameKind::GoAway, flags: 0, stream: 0 }.encode(self.out());
        self.out.extend(0_u32.to_be_bytes());
        self.out.extend(code.number().to_be_bytes());
    }

    /// Where bytes for the server go. Whoever moves them is woken.
    pub(super) fn out(&mut self) -> &mut Vec<u8> {
        self.wake_driver();
        &mut self.out
    }

    /// Who moves the bytes is to be woken when there are more, or more may be read.
    pub(super) fn driven_by(&mut self, waker: &Waker) {
        match &mut self.driver {
            Some(driver) => driver.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
    }

    pub(super) fn wake_driver(&mut self) {
        if let Some(driver) = self.driver.take() {
            driver.wake();
        }
    }

    pub(super) fn wake(&mut self, client: Option<usize>) {
        if let Some(waker) = client.and_then(|client| self.clients.get_mut(client)?.waker.take()) {
            waker.wake();
        }
    }

    pub(super) fn wake_all(&mut self) {
        self.clients.iter_mut().filter_map(|(_, client)| client.waker.take()).for_each(Waker::wake);
    }

    /// Wakes as many of those that wait to ask as may.
    pub(super) fn wake_askers(&mut self) {
        let places = (self.settings.streams_max as usize).saturating_sub(self.open_streams());
        let waiting = self.clients.iter_mut().filter(|(_, client)| client.wants_to_ask && client.waker.is_some());
        waiting.take(places).filter_map(|(_, client)| client.waker.take()).for_each(Waker::wake);
    }

    pub(super) fn open_streams(&self) -> usize {
        self.streams.iter().filter(|stream| stream.is_open()).count()
    }

    /// Where the stream of that number is, unless it is over.
    pub(super) fn place_of(&self, stream: u32) -> Option<usize> {
        self.streams.binary_search_by_key(&stream, |known| known.id).ok()
    }

    /// A stream's other end has ended it. Whoever waits for it learns so; nobody's is forgotten.
    pub(super) fn end_stream(&mut self, place: usize, how: Result<(), Fault>) {
        let stream = &mut self.streams[place];
        stream.end.get_or_insert(how);
        let client = stream.client;
        if client.is_none() && !stream.is_open() {
            self.streams.remove(place);
        }
        self.wake(client);
        self.wake_askers();
    }

    /// Ends a stream by an error of ours.
    pub(super) fn reset(&mut self, place: usize, code: ErrorCode, how: Fault) {
        let stream = self.streams[place].id;
        FrameHeader { payload_bytes: 4, kind: FrameKind::RstStream, flags: 0, stream }.encode(self.out());
        self.out.extend(code.number().to_be_bytes());
        self.end_stream(place, Err(how));
    }
}
