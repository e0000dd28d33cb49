//! What the server says, frame by frame (RFC 9113 section 6), in whatever pieces it comes.

use feedbench_wire::h2::frame::{ACK, END_HEADERS, END_STREAM, FrameHeader, FrameKind, PADDED, PRIORITY, Part};

use super::head::Head;
use super::machine::Machine;
use super::settings::WINDOW_MAX_BYTES;
use super::{Arrival, ErrorCode};
use crate::fault::Fault;

/// The longest field block that is taken (bytes), however many frames it is cut into.
const BLOCK_MAX_BYTES: usize = 64 * 1024;

/// The frame that is being read.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) header: FrameHeader,
    /// Of DATA: what is left of the content, once that is known (bytes).
    pub(super) content_left: Option<usize>,
    /// Of every other kind that says something: what is there of the payload.
    payload: Vec<u8>,
    /// The field block that is being read: its stream, whether the stream ends with it, and what is there of it.
    block: Option<(u32, bool, Vec<u8>)>,
}

impl Default for Frame {
    fn default() -> Frame {
        let header = FrameHeader { payload_bytes: 0, kind: FrameKind::Unknown(u8::MAX), flags: 0, stream: 0 };
        Frame { header, content_left: None, payload: Vec::new(), block: None }
    }
}

impl Machine {
    /// Takes what a read brought. What the server breaks ends the connection.
    pub(super) fn receive(&mut self, bytes: &[u8], arrival: Arrival) {
        let mut rest = bytes;
        while !self.is_over() {
            let done = match self.frames.next(&mut rest) {
                Err(_) => Err(ErrorCode::FrameSize),
                Ok(None) => return,
                Ok(Some(Part::Header(header))) => self.begin(header),
                Ok(Some(Part::Payload { bytes, last })) => self.take(bytes, last, arrival),
            };
            if let Err(code) = done {
                self.fail(code);
            }
        }
    }

    fn begin(&mut self, header: FrameHeader) -> Result<(), ErrorCode> {
        self.frame.header = header;
        self.may_come(header)?;
        if header.kind == FrameKind::Data {
            let padding = header.has(PADDED);
            self.frame.content_left = (!padding).then_some(header.payload_bytes as usize);
            self.begin_data(header)?;
        }
        if header.payload_bytes == 0 { self.finish() } else { Ok(()) }
    }

    /// May this frame stand here (RFC 9113 sections 3.4, 4.1, 5.1 and 6)?
    fn may_come(&self, header: FrameHeader) -> Result<(), ErrorCode> {
        let FrameHeader { payload_bytes, kind, stream, .. } = header;
        let is_ack = header.has(ACK);
        let right = match (&self.frame.block, kind) {
            (Some((of, ..)), FrameKind::Continuation) => *of == stream,
            (Some(_), _) | (None, FrameKind::Continuation) => false,
            (None, FrameKind::Settings) => self.settings.known || !is_ack,
            (None, _) => self.settings.known,
        };
        let is_ours = stream % 2 == 1 && stream < self.next_stream;
        let in_place = match kind {
            FrameKind::Data | FrameKind::Headers | FrameKind::RstStream | FrameKind::Continuation => is_ours,
            FrameKind::Settings | FrameKind::Ping | FrameKind::GoAway => stream == 0,
            FrameKind::WindowUpdate => stream == 0 || is_ours,
            FrameKind::Priority => stream != 0,
            // It was told not to.
            FrameKind::PushPromise => false,
            FrameKind::Unknown(_) => true,
        };
        if !right || !in_place {
            return Err(ErrorCode::Protocol);
        }
        let fits = match kind {
            FrameKind::RstStream | FrameKind::WindowUpdate => payload_bytes == 4,
            FrameKind::Ping => payload_bytes == 8,
            FrameKind::GoAway => payload_bytes >= 8,
            FrameKind::Priority => payload_bytes == 5,
            FrameKind::Settings if is_ack => payload_bytes == 0,
            FrameKind::Settings => payload_bytes % 6 == 0,
            _ => true,
        };
        if fits { Ok(()) } else { Err(ErrorCode::FrameSize) }
    }

    fn take(&mut self, bytes: &[u8], last: bool, arrival: Arrival) -> Result<(), ErrorCode> {
        match self.frame.header.kind {
            FrameKind::Data => self.take_data(bytes, arrival)?,
            FrameKind::Priority | FrameKind::Unknown(_) => {}
            _ => self.frame.payload.extend_from_slice(bytes),
        }
        if last { self.finish() } else { Ok(()) }
    }

    /// The frame is whole.
    fn finish(&mut self) -> Result<(), ErrorCode> {
        let header = self.frame.header;
        let payload = std::mem::take(&mut self.frame.payload);
        match header.kind {
            FrameKind::Data if header.has(END_STREAM) => self.end_content(header.stream),
            FrameKind::Data => {}
            FrameKind::Headers => self.finish_headers(header, &payload)?,
            FrameKind::Continuation => self.add_to_block(header, &payload)?,
            FrameKind::RstStream => self.finish_reset(header.stream, number(&payload)),
            FrameKind::Settings if header.has(ACK) => {}
            FrameKind::Settings => self.finish_settings(&payload)?,
            FrameKind::Ping if header.has(ACK) => {}
            FrameKind::Ping => {
                FrameHeader { flags: ACK, ..header }.encode(self.out());
                self.out().extend_from_slice(&payload);
            }
            FrameKind::GoAway => self.finish_goaway(&payload),
            FrameKind::WindowUpdate => self.finish_window_update(header.stream, number(&payload))?,
            FrameKind::Priority | FrameKind::PushPromise | FrameKind::Unknown(_) => {}
        }
        Ok(())
    }

    /// Takes padding and priority from around the field block's first part (RFC 9113 section 6.2).
    fn finish_headers(&mut self, header: FrameHeader, payload: &[u8]) -> Result<(), ErrorCode> {
        let padded = |payload| {
            let (&padding, rest) = <[u8]>::split_first(payload)?;
            rest.get(..rest.len().checked_sub(padding.into())?)
        };
        let part = if header.has(PADDED) { padded(payload) } else { Some(payload) };
        let part = if header.has(PRIORITY) { part.and_then(|part| part.get(5..)) } else { part };
        let part = part.ok_or(ErrorCode::Protocol)?;
        self.frame.block = Some((header.stream, header.has(END_STREAM), Vec::new()));
        self.add_to_block(header, part)
    }

    fn add_to_block(&mut self, header: FrameHeader, part: &[u8]) -> Result<(), ErrorCode> {
        let Some((stream, is_last, mut block)) = self.frame.block.take() else { return Err(ErrorCode::Protocol) };
        if block.len() + part.len() > BLOCK_MAX_BYTES {
            return Err(ErrorCode::EnhanceYourCalm);
        }
        block.extend_from_slice(part);
        if !header.has(END_HEADERS) {
            self.frame.block = Some((stream, is_last, block));
            return Ok(());
        }
        let mut head = Head::default();
        self.decoder.decode(&block, |name, value| head.take(name, value)).map_err(|_| ErrorCode::Compression)?;
        let Some(place) = self.place_of(stream) else { return Ok(()) };
        let of = &mut self.streams[place];
        match of.end {
            Some(Ok(())) => return Err(ErrorCode::StreamClosed),
            Some(Err(_)) => return Ok(()),
            None => {}
        }
        let client = of.client;
        match of.take_head(head, is_last) {
            Ok(()) if is_last => self.end_content(stream),
            Ok(()) => self.wake(client),
            Err(code) => self.reset(place, code, Fault::Protocol),
        }
        Ok(())
    }

    /// Without an error it is about the request, which nobody reads any further (RFC 9113 section 8.1): the answer is whole,
    /// or the stream is closed.
    fn finish_reset(&mut self, stream: u32, code: u32) {
        let Some(place) = self.place_of(stream) else { return };
        let fault = match ErrorCode::of(code) {
            ErrorCode::NoError => Fault::Closed,
            code => Fault::StreamReset(code),
        };
        self.streams[place].is_ended_here = true;
        self.end_stream(place, Err(fault));
    }

    fn finish_settings(&mut self, payload: &[u8]) -> Result<(), ErrorCode> {
        let before = self.settings;
        self.settings.take(payload)?;
        let more = self.settings.window_bytes - before.window_bytes;
        for stream in &mut self.streams {
            stream.send_window += more;
            if stream.send_window > WINDOW_MAX_BYTES {
                return Err(ErrorCode::FlowControl);
            }
        }
        if let Some(bytes) = self.settings.table_bytes.filter(|_| self.settings.table_bytes != before.table_bytes) {
            self.encoder.set_table(bytes);
        }
        FrameHeader { payload_bytes: 0, kind: FrameKind::Settings, flags: ACK, stream: 0 }.encode(self.out());
        self.send_data();
        self.wake_all();
        Ok(())
    }

    /// What the server has not begun, it will not answer.
    fn finish_goaway(&mut self, payload: &[u8]) {
        let (last, code) = (number(payload) & 0x7fff_ffff, ErrorCode::of(number(&payload[4..])));
        // The last one counts, and an error is no longer taken back.
        if self.goaway.is_none_or(|before| before == ErrorCode::NoError) {
            self.goaway = Some(code);
        }
        let fault = self.why_not().err().unwrap_or(Fault::Closed);
        for stream in self.streams.iter_mut().filter(|stream| stream.id > last) {
            stream.end.get_or_insert(Err(fault));
        }
        self.streams.retain(|stream| stream.client.is_some() || stream.is_open());
        self.wake_all();
    }
}

/// The number in the first four bytes of a payload whose length was looked at.
fn number(payload: &[u8]) -> u32 {
    payload.first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes))
}
