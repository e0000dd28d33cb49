//! `POST /publish?topic=`: a client's event, where that is allowed.

use feedbench_record::scenario::PAYLOAD_MAX_BYTES;
use feedbench_wire::event::{Data, EMPTY_BYTES};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};

use crate::answer::{self, Body, Refusal};
use crate::classroom::origin::Asker;
use crate::feed::{By, Topic};
use crate::site::Site;
use crate::transport::topic;

/// A client as one who publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// It may not.
    Nobody,
    /// The page in a browser: short texts, and not too many.
    Page,
    /// Any program, where the server was told to allow it.
    Program,
}

impl Author {
    /// What a client may publish.
    pub fn of(asker: &Asker, site: &Site) -> Author {
        match asker {
            Asker::Page(_) => Author::Page,
            Asker::Program if site.rules.allow_publish => Author::Program,
            Asker::Program | Asker::Foreign => Author::Nobody,
        }
    }
}

/// Publishes the body as a text, at the instant it has arrived whole.
///
/// # Errors
/// When the client may not publish, or this is no event.
pub async fn accept(head: &Parts, body: Incoming, asker: &Asker, site: &Site) -> Result<Response<Body>, Refusal> {
    let author = match Author::of(asker, site) {
        Author::Nobody if *asker == Asker::Foreign => return Err(Refusal::ForeignOrigin),
        Author::Nobody => return Err(Refusal::PublishingForbidden),
        author => author,
    };
    let topic = topic(head, site)?;
    let body = Limited::new(body, PAYLOAD_MAX_BYTES as usize - EMPTY_BYTES).collect().await;
    let bytes =
        body.map_err(|error| if error.is::<LengthLimitError>() { Refusal::BodyTooLong } else { Refusal::BodyCut });
    let bytes = bytes?.to_bytes();
    text(topic, author, std::str::from_utf8(&bytes).map_err(|_| Refusal::NotUtf8)?, site)?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// Publishes a client's text now.
///
/// # Errors
/// When the client may not publish it.
pub fn text(topic: &Topic, author: Author, text: &str, site: &Site) -> Result<(), Refusal> {
    match (author, &site.classroom) {
        (Author::Program, _) => {}
        (Author::Page, Some(classroom)) => classroom.take_text(text)?,
        (Author::Page, None) | (Author::Nobody, _) => return Err(Refusal::PublishingForbidden),
    }
    topic.publish(By::Client, site.clock.now_us(), Data::Text(text))?;
    Ok(())
}
