//! What the three streams share: one request, and a body that goes on until the server ends it. A body that ends on an
//! open connection was recycled (RFC 6202 section 3.2): the client asks again with its cursor, unless the feed has ended
//! and there is nothing more to ask for.

use feedbench_wire::Framing;
use feedbench_wire::reader::{Item, StreamReader};

use super::answer::coding;
use crate::coding::Coding;
use crate::fault::{Ended, Fault};
use crate::http::{self, Body, HttpConnection};
use crate::line::Line;
use crate::session::Session;

pub(super) async fn run(session: &mut Session, line: Line, framing: Framing) -> Ended {
    http::over(line, async |http| read_until_the_end(session, http, framing).await).await
}

async fn read_until_the_end(session: &mut Session, http: &mut HttpConnection, framing: Framing) -> Result<(), Fault> {
    let mut streams = 0;
    while http.is_open().await? {
        let Some(response) = session.unless_over(http.ask(session)).await else { return Ok(()) };
        let (mut coding, mut body) = match response {
            Ok(response) => (coding(&response)?, response.into_body()),
            // Between two streams the server is free to end the connection instead.
            Err(Fault::Closed) if streams > 0 => return Ok(()),
            Err(fault) => return Err(fault),
        };
        if streams > 0 {
            session.recycled();
        }
        streams += 1;
        if !read_body(session, http, framing, &mut coding, &mut body).await? || session.feed_ended() {
            return Ok(());
        }
    }
    Ok(())
}

/// Delivers what the body holds until it ends; false when the cell ended first.
async fn read_body(
    session: &mut Session,
    http: &mut HttpConnection,
    framing: Framing,
    coding: &mut Coding,
    body: &mut Body,
) -> Result<bool, Fault> {
    let mut reader = StreamReader::new(framing);
    loop {
        let Some(chunk) = session.unless_over(http.next_chunk(body)).await else { return Ok(false) };
        let Some(chunk) = chunk? else { return coding.finish(session).map(|()| true) };
        coding.decode(session, &chunk, |session, says| deliver_all(session, &mut reader, says))?;
    }
}

/// Delivers what is whole by now.
pub(crate) fn deliver_all(session: &mut Session, reader: &mut StreamReader, chunk: &[u8]) -> Result<(), Fault> {
    let mut rest = chunk;
    loop {
        match reader.next(&mut rest) {
            Ok(Some(piece)) => match piece.item {
                Item::Position(position) => session.position(position),
                Item::Event(text) => session.deliver(text),
                Item::Heartbeat => {}
            },
            Ok(None) => return Ok(()),
            Err(_) => {
                session.malformed();
                return Err(Fault::Protocol);
            }
        }
    }
}
