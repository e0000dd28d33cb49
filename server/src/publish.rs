//! `POST /publish?topic=`: a client's event, where that is allowed.

use feedbench_record::scenario::PAYLOAD_MAX_BYTES;
use feedbench_wire::event::{Data, EMPTY_BYTES};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};

use crate::answer::{self, Body, Refusal};
use crate::feed::Author;
use crate::site::Site;
use crate::transport::topic;

/// Publishes the body as a text, at the instant it has arrived whole.
pub async fn accept(head: &Parts, body: Incoming, site: &Site) -> Result<Response<Body>, Refusal> {
    if !site.rules.allow_publish {
        return Err(Refusal::PublishingForbidden);
    }
    let topic = topic(head, site)?;
    let body = Limited::new(body, PAYLOAD_MAX_BYTES as usize - EMPTY_BYTES).collect().await;
    let bytes =
        body.map_err(|error| if error.is::<LengthLimitError>() { Refusal::BodyTooLong } else { Refusal::BodyCut });
    let bytes = bytes?.to_bytes();
    let text = std::str::from_utf8(&bytes).map_err(|_| Refusal::NotUtf8)?;
    topic.publish(Author::Client, site.clock.now_us(), Data::Text(text))?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}
