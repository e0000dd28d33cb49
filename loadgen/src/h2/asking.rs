//! What the clients of a connection do: ask, read, write through a tunnel, leave.

use std::task::{Context, Poll};

use feedbench_wire::h2::frame::{
    DEFAULT_PRIORITY, END_HEADERS, END_STREAM, FrameHeader, FrameKind, PAYLOAD_MAX_BYTES, PRIORITY,
};

use super::head::Head;
use super::machine::{HELD_MAX_BYTES, Machine};
use super::settings::window_update;
use super::stream::Stream;
use super::{Arrival, Asks, ErrorCode};
use crate::fault::Fault;
use crate::requests::Fields;

/// What a tunnel may leave waiting to be sent (bytes).
const TUNNEL_MAX_BYTES: usize = 16 * 1024;

impl Machine {
    /// One more client.
    pub(super) fn join(&mut self) -> usize {
        self.clients.insert(super::machine::Client::default())
    }

    /// A client leaves, and what it still waits for.
    pub(super) fn leave(&mut self, client: usize) {
        self.release(client);
        self.clients.remove(client);
        if self.clients.is_empty() {
            self.wake_driver();
        }
        // It may have been woken to ask.
        self.wake_askers();
    }

    /// Begins a request when the server takes another one; for a tunnel, when it has said that it takes those.
    ///
    /// # Errors
    /// When the connection takes no more requests, or no tunnel.
    pub(super) fn poll_ask(
        &mut self,
        cx: &mut Context<'_>,
        client: usize,
        fields: &Fields,
        asks: Asks,
    ) -> Poll<Result<(), Fault>> {
        if !self.takes_requests() {
            return Poll::Ready(Err(self.why_not().err().unwrap_or(Fault::Closed)));
        }
        self.release(client);
        let is_tunnel = asks == Asks::Tunnel;
        let settings = self.settings;
        if is_tunnel && settings.known && !settings.tunnels {
            return Poll::Ready(Err(Fault::NoTunnel));
        }
        let waits = (is_tunnel && !settings.known) || self.open_streams() >= settings.streams_max as usize;
        self.clients[client].wants_to_ask = waits;
        if waits {
            return self.wait(cx, client);
        }
        let habits = self.habits;
        let id = self.next_stream;
        self.next_stream += 2;
        self.streams.push(Stream::new(id, client, is_tunnel, settings.window_bytes, habits.stream_window_bytes()));
        let mut block = if habits.sends_priority { DEFAULT_PRIORITY.to_vec() } else { Vec::new() };
        self.encoder.encode(fields.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())), &mut block);
        let end_stream = if is_tunnel { 0 } else { END_STREAM };
        let priority = if habits.sends_priority { PRIORITY } else { 0 };
        let mut kind = FrameKind::Headers;
        let mut pieces = block.chunks(PAYLOAD_MAX_BYTES as usize).peekable();
        while let Some(piece) = pieces.next() {
            let end_headers = if pieces.peek().is_none() { END_HEADERS } else { 0 };
            let flags = if kind == FrameKind::Headers { end_stream | end_headers | priority } else { end_headers };
            FrameHeader { payload_bytes: piece.len() as u32, kind, flags, stream: id }.encode(self.out());
            self.out().extend_from_slice(piece);
            kind = FrameKind::Continuation;
        }
        if habits.sends_window_update {
            let opening = habits.opening;
            window_update(id, opening.connection_window_bytes() - opening.stream_window_bytes(), self.out());
        }
        Poll::Ready(Ok(()))
    }

    /// The head of the answer to the client's last request.
    ///
    /// # Errors
    /// When the stream or the connection ends before it.
    pub(super) fn poll_head(&mut self, cx: &mut Context<'_>, client: usize) -> Poll<Result<Head, Fault>> {
        let Some(stream) = self.stream_of(client) else { return Poll::Ready(Err(Fault::Closed)) };
        match (stream.head.take(), stream.end) {
            (Some(head), _) => Poll::Ready(Ok(head)),
            (None, Some(end)) => Poll::Ready(Err(end.err().unwrap_or(Fault::Closed))),
            (None, None) => self.wait(cx, client),
        }
    }

    /// Content of the answer to the client's last request, or of its tunnel, as far as one read brought it: where `fill`
    /// puts it, which says how much it took. `None` at its end.
    ///
    /// # Errors
    /// When the stream or the connection ends by an error.
    pub(super) fn poll_content(
        &mut self,
        cx: &mut Context<'_>,
        client: usize,
        fill: impl FnOnce(&[u8]) -> usize,
    ) -> Poll<Result<Option<Arrival>, Fault>> {
        let Some(stream) = self.stream_of(client) else { return Poll::Ready(Err(Fault::Closed)) };
        let Some((arrival, counted)) = stream.give(fill) else {
            return match stream.end {
                Some(end) => Poll::Ready(end.map(|()| None)),
                None => self.wait(cx, client),
            };
        };
        let was_full = self.held_bytes >= HELD_MAX_BYTES;
        self.held_bytes -= counted;
        if was_full && self.held_bytes < HELD_MAX_BYTES {
            self.wake_driver();
        }
        Poll::Ready(Ok(Some(arrival)))
    }

    /// Waits for the connection to take no more requests.
    ///
    /// # Errors
    /// When it is for an error.
    pub(super) fn poll_over(&mut self, cx: &mut Context<'_>, client: usize) -> Poll<Result<(), Fault>> {
        if self.takes_requests() { self.wait(cx, client) } else { Poll::Ready(self.why_not()) }
    }

    /// Takes bytes for the client's tunnel: how many.
    ///
    /// # Errors
    /// When the tunnel has ended.
    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        client: usize,
        bytes: &[u8],
    ) -> Poll<Result<usize, Fault>> {
        let Some(stream) = self.stream_of(client) else { return Poll::Ready(Err(Fault::Closed)) };
        match stream.end {
            Some(Err(fault)) => return Poll::Ready(Err(fault)),
            _ if stream.is_finished => return Poll::Ready(Err(Fault::Closed)),
            _ => {}
        }
        let n = bytes.len().min(TUNNEL_MAX_BYTES.saturating_sub(stream.out.len()));
        if n == 0 && !bytes.is_empty() {
            return self.wait(cx, client);
        }
        stream.out.extend_from_slice(&bytes[..n]);
        self.send_data();
        Poll::Ready(Ok(n))
    }

    /// Nothing more goes through the client's tunnel.
    pub(super) fn finish_tunnel(&mut self, client: usize) {
        if let Some(stream) = self.stream_of(client) {
            stream.is_finished = true;
            self.send_data();
        }
    }

    /// Sends of what waits as much as the server lets (RFC 9113 section 6.9).
    pub(super) fn send_data(&mut self) {
        let mut sent = Vec::new();
        let mut woken = Vec::new();
        let may_send = |stream: &&mut Stream| !stream.is_ended_here && !matches!(stream.end, Some(Err(_)));
        for stream in self.streams.iter_mut().filter(may_send) {
            loop {
                let window = self.send_window.min(stream.send_window).clamp(0, PAYLOAD_MAX_BYTES.into());
                let n = stream.out.len().min(window as usize);
                let ends = stream.is_finished && n == stream.out.len();
                if n == 0 && !ends {
                    break;
                }
                let flags = if ends { END_STREAM } else { 0 };
                FrameHeader { payload_bytes: n as u32, kind: FrameKind::Data, flags, stream: stream.id }
                    .encode(&mut sent);
                sent.extend(stream.out.drain(..n));
                (self.send_window, stream.send_window) = (self.send_window - n as i64, stream.send_window - n as i64);
                woken.extend(stream.client);
                stream.is_ended_here = ends;
                if ends {
                    break;
                }
            }
        }
        if !sent.is_empty() {
            self.out().append(&mut sent);
        }
        // Of a stream that nobody waits for, both ends have said their last.
        self.streams.retain(|stream| stream.client.is_some() || stream.is_open());
        woken.into_iter().for_each(|client| self.wake(Some(client)));
    }

    fn stream_of(&mut self, client: usize) -> Option<&mut Stream> {
        self.streams.iter_mut().rev().find(|stream| stream.client == Some(client))
    }

    /// The client has no more use for its stream. A tunnel ends as a TCP connection does, by a last word (RFC 8441
    /// section 5); a request that is not answered is cancelled.
    fn release(&mut self, client: usize) {
        let Some(place) = self.streams.iter().rposition(|stream| stream.client == Some(client)) else { return };
        let stream = &mut self.streams[place];
        stream.client = None;
        self.held_bytes -= stream.drop_content();
        if !stream.is_open() {
            self.streams.remove(place);
        } else if stream.is_tunnel && stream.has_begun {
            stream.is_finished = true;
            self.send_data();
        } else {
            self.reset(place, ErrorCode::Cancel, Fault::Closed);
        }
    }

    fn wait<T>(&mut self, cx: &mut Context<'_>, client: usize) -> Poll<T> {
        match &mut self.clients[client].waker {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Poll::Pending
    }
}
