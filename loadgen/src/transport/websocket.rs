//! WebSocket (RFC 6455): one opening handshake, then a frame for each event with 2 to 10 bytes of header.
//!
//! ```text
//! client                                    server
//!   GET /websocket, Upgrade          ->
//!                                    <-     101, Sec-WebSocket-Accept
//!                                    <-     text frame {"cursor":"a3f2-7"}
//!                                           (event 8 is published)
//!                                    <-     text frame {event 8}
//!                                    <-     ping (when idle)
//!   pong                             ->
//!                                    <-     close 1001 (the feed ends)
//!   close 1001                       ->
//! ```

use feedbench_wire::deflate::permessage::Agreed;
use feedbench_wire::framing::read_position;
use feedbench_wire::reader::TEXT_MAX_BYTES;
use feedbench_wire::reader::head::{Reader, Response};
use futures_util::StreamExt;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::error::{Error, ProtocolError};
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::fault::{Ended, Fault};
use crate::h2::{Asks, Share};
use crate::line::Line;
use crate::session::Session;

pub(super) async fn run(session: &mut Session, mut line: Line) -> Ended {
    let frames = match session.unless_over(open(session, &mut line)).await {
        Some(Ok(frames)) => frames,
        Some(Err(fault)) => return Ended { line: Some(line), fault: Some(fault) },
        None => return Ended { line: Some(line), fault: None },
    };
    let mut socket = WebSocketStream::from_partially_read(line, frames, Role::Client, Some(config())).await;
    let fault = read_until_the_end(session, &mut socket).await.err();
    Ended { line: Some(socket.into_inner()), fault }
}

/// The opening handshake (RFC 6455 section 4.1). Its head is written here and not by the library, which has an order of
/// its own for the fields. Gives the first bytes of frames if they came with the answer.
async fn open(session: &Session, line: &mut Line) -> Result<Vec<u8>, Fault> {
    let stack = match line {
        Line::Http1(stack) => stack,
        Line::Http2(share) => return open_tunnel(session, share, false).await.map(|_| Vec::new()),
    };
    let key = generate_key();
    stack.write_all(&session.handshake(&key)).await.map_err(|_| Fault::Reset)?;
    stack.flush().await.map_err(|_| Fault::Reset)?;
    let mut reader = Reader::default();
    let mut bytes = [0; 1_024];
    loop {
        let n = stack.read(&mut bytes).await.map_err(|_| Fault::Reset)?;
        if n == 0 {
            return Err(Fault::Closed);
        }
        let mut rest = &bytes[..n];
        if let Some(answer) = reader.response("GET", &mut rest).map_err(|_| Fault::Protocol)? {
            // The library reads no compressed message, and no cell asks this client for any.
            accepted(&answer, &key, false)?;
            return Ok(rest.to_vec());
        }
    }
}

/// The same on HTTP/2 (RFC 8441 section 5): a stream of the connection becomes a tunnel, and needs no key.
pub(crate) async fn open_tunnel(
    session: &Session,
    share: &mut Share,
    takes_compressed: bool,
) -> Result<Option<Agreed>, Fault> {
    share.ask(&session.fields(), Asks::Tunnel).await?;
    let head = share.head().await?;
    head.is_ok()?;
    agreed(head.field("sec-websocket-extensions"), takes_compressed)
}

/// What both ends have agreed on for compression.
fn agreed(extensions: Option<&[u8]>, takes_compressed: bool) -> Result<Option<Agreed>, Fault> {
    match extensions {
        None => Ok(None),
        Some(said) if takes_compressed => Agreed::read(said).map(Some).map_err(|_| Fault::Protocol),
        // A browser's profile offers it always: a server that takes the offer where nothing is to be compressed is not to
        // be measured.
        Some(_) => Err(Fault::Protocol),
    }
}

/// Does the answer open the connection that was asked for? Gives what both ends have agreed on for compression.
pub(crate) fn accepted(answer: &Response<'_>, key: &str, takes_compressed: bool) -> Result<Option<Agreed>, Fault> {
    if answer.status != 101 {
        return Err(Fault::Status);
    }
    let has = |name, token: &str| {
        let list = answer.head.field(name).unwrap_or_default();
        list.split(|&b| b == b',').any(|item| item.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
    };
    let accept = derive_accept_key(key.as_bytes());
    let proven = answer.head.field("sec-websocket-accept") == Some(accept.as_bytes());
    let opened = has("upgrade", "websocket") && has("connection", "upgrade") && proven;
    if !opened {
        return Err(Fault::Protocol);
    }
    agreed(answer.head.field("sec-websocket-extensions"), takes_compressed)
}

/// A small read buffer, because the default of 128 KiB is for one client; a bound on what the server may send.
fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(1_024)
        .write_buffer_size(0)
        .max_message_size(Some(TEXT_MAX_BYTES))
        .max_frame_size(Some(TEXT_MAX_BYTES))
}

async fn read_until_the_end(session: &mut Session, socket: &mut WebSocketStream<Line>) -> Result<(), Fault> {
    loop {
        let Some(message) = session.unless_over(socket.next()).await else {
            // What the server still says after this close is not waited for: the teardown reads it.
            return socket.close(None).await.map_err(|error| fault_of(&error));
        };
        match message {
            Some(Ok(Message::Text(text))) => take(session, text.as_bytes()),
            Some(Ok(Message::Binary(bytes))) => take(session, &bytes),
            // The library answers a ping with a pong and a close with a close.
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_))) => {}
            Some(Err(Error::ConnectionClosed)) | None => return Ok(()),
            Some(Err(error)) => return Err(fault_of(&error)),
        }
    }
}

/// The first message names the position, every other one is an event.
pub(crate) fn take(session: &mut Session, text: &[u8]) {
    match read_position(text) {
        Some(position) => session.position(position),
        None => session.deliver(text),
    }
}

fn fault_of(error: &Error) -> Fault {
    match error {
        Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Fault::Closed,
        Error::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Fault::Closed,
        Error::Io(error) => error.get_ref().and_then(|inner| inner.downcast_ref()).copied().unwrap_or(Fault::Reset),
        _ => Fault::Protocol,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

    fn judged(status: &str, fields: &str, takes_compressed: bool) -> Result<Option<Agreed>, Fault> {
        let head = format!("HTTP/1.1 {status} X\r\n{fields}\r\n");
        let mut reader = Reader::default();
        accepted(&reader.response("GET", &mut head.as_bytes()).unwrap().unwrap(), KEY, takes_compressed)
    }

    #[test]
    fn only_the_answer_to_this_very_key_opens_the_connection() {
        let good =
            "Upgrade: WebSocket\r\nconnection: upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
        assert_eq!(judged("101", good, true), Ok(None));
        assert_eq!(judged("200", good, true), Err(Fault::Status));
        for broken in [
            good.replace("s3p", "S3p"),
            good.replace("WebSocket\r", "h2c\r"),
            good.replace("connection: upgrade\r\n", "connection: close\r\n"),
            format!("{good}Sec-WebSocket-Extensions: permessage-deflate\r\n"),
        ] {
            assert_eq!(judged("101", &broken, false), Err(Fault::Protocol), "{broken}");
        }
        let compressed = format!("{good}Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n");
        assert!(judged("101", &compressed, true).is_ok_and(|agreed| agreed.is_some_and(|a| !a.server_takeover)));
        assert_eq!(judged("101", &compressed.replace("deflate;", "deflate; x;"), true), Err(Fault::Protocol));
    }
}
