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

use feedbench_wire::framing::read_position;
use feedbench_wire::reader::TEXT_MAX_BYTES;
use futures_util::StreamExt;
use hyper::header;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::{Error, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, handshake::client::Request};

use crate::session::{Ended, Fault, Session};
use crate::wake::ClientStack;

pub(super) async fn run(session: &mut Session, stack: ClientStack) -> Ended {
    let request = match request(session) {
        Ok(request) => request,
        Err(error) => return Ended { stack: Some(stack), fault: Some(fault_of(&error)) },
    };
    let opening = tokio_tungstenite::client_async_with_config(request, stack, Some(config()));
    let mut socket = match session.unless_over(opening).await {
        Some(Ok((socket, _))) => socket,
        Some(Err(error)) => return Ended { stack: None, fault: Some(fault_of(&error)) },
        None => return Ended { stack: None, fault: None },
    };
    let fault = read_until_the_end(session, &mut socket).await.err();
    Ended { stack: Some(socket.into_inner()), fault }
}

/// The library draws the key.
fn request(session: &Session) -> Result<Request, Error> {
    let uri = format!("ws://{}{}", session.host(), session.question().target);
    uri.into_client_request().map(|mut request| {
        request.headers_mut().remove(header::USER_AGENT);
        request
    })
}

/// A small read buffer, because the default of 128 KiB is for one client; a bound on what the server may send.
fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(1_024)
        .write_buffer_size(0)
        .max_message_size(Some(TEXT_MAX_BYTES))
        .max_frame_size(Some(TEXT_MAX_BYTES))
}

async fn read_until_the_end(session: &mut Session, socket: &mut WebSocketStream<ClientStack>) -> Result<(), Fault> {
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
fn take(session: &mut Session, text: &[u8]) {
    match read_position(text) {
        Some(position) => session.position(position),
        None => session.deliver(text),
    }
}

fn fault_of(error: &Error) -> Fault {
    match error {
        Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake | ProtocolError::HandshakeIncomplete) => {
            Fault::Closed
        }
        Error::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Fault::Closed,
        Error::Io(_) => Fault::Reset,
        Error::Http(_) => Fault::Status,
        _ => Fault::Protocol,
    }
}
