//! One request and its answer, or one tunnel (RFC 9113 section 5): what has come of it, and what is still to go.

use std::collections::VecDeque;

use super::head::Head;
use super::{Arrival, ErrorCode};
use crate::fault::Fault;

/// What the place of a piece in its queue counts for, beside its bytes: so that many small ones are bounded, too.
const PIECE_BYTES: usize = 64;

/// A stream of ours.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) id: u32,
    /// The client whose it is; `None` when nobody waits for its end any more.
    pub(super) client: Option<usize>,
    /// It carries bytes both ways.
    pub(super) is_tunnel: bool,
    pub(super) head: Option<Head>,
    /// The head has come, and may have been taken.
    pub(super) has_begun: bool,
    /// What each read brought of the content.
    pieces: VecDeque<Piece>,
    /// How much content is still to come (bytes), if the head said so.
    content_left: Option<u64>,
    /// The other end has ended it, and whether well.
    pub(super) end: Option<Result<(), Fault>>,
    /// What may still be sent, and what may still come (bytes).
    pub(super) send_window: i64,
    receive_window: i64,
    /// What waits until it may be sent.
    pub(super) out: Vec<u8>,
    /// Nothing follows `out`.
    pub(super) is_finished: bool,
    /// This end has said so.
    pub(super) is_ended_here: bool,
}

/// Content that one read brought.
#[derive(Debug)]
struct Piece {
    arrival: Arrival,
    bytes: Vec<u8>,
    taken: usize,
}

impl Stream {
    pub(super) fn new(id: u32, client: usize, is_tunnel: bool, send_window: i64, window_bytes: u32) -> Stream {
        Stream {
            id,
            client: Some(client),
            is_tunnel,
            head: None,
            has_begun: false,
            pieces: VecDeque::new(),
            content_left: None,
            end: None,
            send_window,
            receive_window: window_bytes.into(),
            out: Vec::new(),
            is_finished: !is_tunnel,
            is_ended_here: !is_tunnel,
        }
    }

    /// Does it count among those that the server lets be open at a time (RFC 9113 section 5.1.2)?
    pub(super) fn is_open(&self) -> bool {
        match self.end {
            None => true,
            Some(Ok(())) => !self.is_ended_here,
            Some(Err(_)) => false,
        }
    }

    /// A field block has come: the head, or after it the trailers.
    ///
    /// # Errors
    /// When the block should not be where it is.
    pub(super) fn take_head(&mut self, head: Head, is_last: bool) -> Result<(), ErrorCode> {
        match (self.has_begun, head.is_interim(), is_last) {
            (false, true, false) | (true, _, true) => {}
            (false, false, _) if head.status != 0 => {
                self.content_left = head.content_bytes.filter(|_| !self.is_tunnel);
                (self.head, self.has_begun) = (Some(head), true);
            }
            _ => return Err(ErrorCode::Protocol),
        }
        Ok(())
    }

    /// A DATA frame begins, in a window of `window_bytes`. Gives what may be granted again, if it is much.
    ///
    /// # Errors
    /// When it does not fit into the window, or comes before the head.
    pub(super) fn begin_data(&mut self, payload_bytes: u32, window_bytes: u32) -> Result<Option<u32>, ErrorCode> {
        if !self.has_begun {
            return Err(ErrorCode::Protocol);
        }
        draw(&mut self.receive_window, window_bytes, payload_bytes)
    }

    /// Content has come, by the read of `arrival`. Gives what it counts for until it is taken.
    ///
    /// # Errors
    /// When it is more than the head said.
    pub(super) fn take_content(&mut self, bytes: &[u8], arrival: Arrival) -> Result<usize, ErrorCode> {
        if let Some(left) = &mut self.content_left {
            *left = left.checked_sub(bytes.len() as u64).ok_or(ErrorCode::Protocol)?;
        }
        if bytes.is_empty() || self.client.is_none() {
            return Ok(0);
        }
        match self.pieces.back_mut().filter(|piece| piece.arrival == arrival) {
            Some(piece) => {
                piece.bytes.extend_from_slice(bytes);
                Ok(bytes.len())
            }
            None => {
                self.pieces.push_back(Piece { arrival, bytes: bytes.to_vec(), taken: 0 });
                Ok(bytes.len() + PIECE_BYTES)
            }
        }
    }

    /// The other end has said its last.
    ///
    /// # Errors
    /// When it is less than the head said.
    pub(super) fn take_end(&mut self) -> Result<(), ErrorCode> {
        let is_whole = self.has_begun && self.content_left.unwrap_or(0) == 0;
        if is_whole {
            self.end.get_or_insert(Ok(()));
        }
        if is_whole { Ok(()) } else { Err(ErrorCode::Protocol) }
    }

    /// Copies content that one read brought to where `fill` puts it, which says how much it took. Gives that read, and what
    /// the content counted for; `None` when nothing is there.
    pub(super) fn give(&mut self, fill: impl FnOnce(&[u8]) -> usize) -> Option<(Arrival, usize)> {
        let piece = self.pieces.front_mut()?;
        let n = fill(&piece.bytes[piece.taken..]);
        piece.taken += n;
        let arrival = piece.arrival;
        if piece.taken < piece.bytes.len() {
            return Some((arrival, n));
        }
        self.pieces.pop_front();
        Some((arrival, n + PIECE_BYTES))
    }

    /// Drops what nobody will take, and gives what it counted for.
    pub(super) fn drop_content(&mut self) -> usize {
        let held = self.pieces.drain(..).map(|piece| piece.bytes.len() - piece.taken + PIECE_BYTES).sum();
        self.pieces = VecDeque::new();
        held
    }
}

/// Takes from a window of what may come, whose whole is `whole` bytes. Gives what may be granted again once it is half
/// empty.
///
/// # Errors
/// When it is more than the window has.
pub(super) fn draw(window: &mut i64, whole: u32, bytes: u32) -> Result<Option<u32>, ErrorCode> {
    *window -= i64::from(bytes);
    if *window < 0 {
        return Err(ErrorCode::FlowControl);
    }
    let used = i64::from(whole) - *window;
    if used <= i64::from(whole / 2) {
        return Ok(None);
    }
    *window = whole.into();
    Ok(Some(used as u32))
}
