//! DATA and the windows that it must fit into (RFC 9113 sections 5.2, 6.1 and 6.9).

use feedbench_wire::h2::frame::{FrameHeader, PADDED};

use super::machine::Machine;
use super::settings::{WINDOW_MAX_BYTES, window_update};
use super::stream::draw;
use super::{Arrival, ErrorCode};
use crate::fault::Fault;

impl Machine {
    /// Flow control counts the whole payload, of a stream that is over as well (RFC 9113 section 6.9).
    pub(super) fn begin_data(&mut self, header: FrameHeader) -> Result<(), ErrorCode> {
        let FrameHeader { payload_bytes, stream, .. } = header;
        if header.has(PADDED) && payload_bytes == 0 {
            return Err(ErrorCode::FrameSize);
        }
        let habits = self.habits;
        let whole = habits.opening.connection_window_bytes();
        if let Some(more) = draw(&mut self.receive_window, whole, payload_bytes)? {
            window_update(0, more, self.out());
        }
        let Some(place) = self.place_of(stream) else { return Ok(()) };
        match self.streams[place].begin_data(payload_bytes, habits.stream_window_bytes()) {
            _ if matches!(self.streams[place].end, Some(Ok(()))) => Err(ErrorCode::StreamClosed),
            Ok(Some(more)) => {
                window_update(stream, more, self.out());
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(code) => {
                self.reset(place, code, Fault::Protocol);
                Ok(())
            }
        }
    }

    pub(super) fn take_data(&mut self, bytes: &[u8], arrival: Arrival) -> Result<(), ErrorCode> {
        let mut bytes = bytes;
        if self.frame.content_left.is_none() {
            let Some((&padding, rest)) = bytes.split_first() else { return Ok(()) };
            let after = self.frame.header.payload_bytes as usize - 1;
            self.frame.content_left = Some(after.checked_sub(padding.into()).ok_or(ErrorCode::Protocol)?);
            bytes = rest;
        }
        let left = self.frame.content_left.get_or_insert_default();
        let content = &bytes[..bytes.len().min(*left)];
        *left -= content.len();
        let Some(place) = self.place_of(self.frame.header.stream) else { return Ok(()) };
        let stream = &mut self.streams[place];
        if stream.end.is_some() {
            return Ok(());
        }
        match stream.take_content(content, arrival) {
            Ok(0) => {}
            Ok(counted) => {
                let client = stream.client;
                self.held_bytes += counted;
                self.wake(client);
            }
            Err(code) => self.reset(place, code, Fault::Protocol),
        }
        Ok(())
    }

    pub(super) fn end_content(&mut self, stream: u32) {
        let Some(place) = self.place_of(stream) else { return };
        match self.streams[place].take_end() {
            Ok(()) => self.end_stream(place, Ok(())),
            Err(code) => self.reset(place, code, Fault::Protocol),
        }
    }

    pub(super) fn finish_window_update(&mut self, stream: u32, more: u32) -> Result<(), ErrorCode> {
        let more = i64::from(more & 0x7fff_ffff);
        if stream == 0 {
            self.send_window += more;
            if more == 0 {
                return Err(ErrorCode::Protocol);
            }
            if self.send_window > WINDOW_MAX_BYTES {
                return Err(ErrorCode::FlowControl);
            }
        } else if let Some(place) = self.place_of(stream) {
            let window = &mut self.streams[place].send_window;
            *window += more;
            let code = if *window > WINDOW_MAX_BYTES { Some(ErrorCode::FlowControl) } else { None };
            if let Some(code) = code.or((more == 0).then_some(ErrorCode::Protocol)) {
                self.reset(place, code, Fault::Protocol);
            }
        }
        self.send_data();
        Ok(())
    }
}
