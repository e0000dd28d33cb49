//! From a request to its answer: the paths and methods there are.

use feedbench_record::Transport;
use feedbench_wire::path;
use hyper::body::{Body as _, Incoming};
use hyper::ext::Protocol;
use hyper::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode, Version};

use crate::answer::{Body, Refusal};
use crate::classroom::origin::{self, Asker};
use crate::classroom::{Classroom, cors, endpoints, page};
use crate::exit::Exit;
use crate::site::Site;
use crate::transport::Ask;
use crate::{admin, publish, transport};

/// Answers a request. What is pushed from here on leaves through `exit`.
pub async fn answer(request: Request<Incoming>, site: &Site, exit: &Exit) -> Response<Body> {
    let (head, body) = request.into_parts();
    let asker = match &site.classroom {
        None => Asker::Program,
        Some(classroom) => match classroom.asker(&head) {
            Ok(asker) => asker,
            Err(refusal) => return refusal.into(),
        },
    };
    let mut answer = route(&head, body, &asker, site, exit).await.unwrap_or_else(Response::from);
    // A page may read every WebSocket that opens.
    if let Asker::Page(origin) = &asker
        && answer.status() != StatusCode::SWITCHING_PROTOCOLS
        && head.method != Method::CONNECT
    {
        cors::allow(&mut answer, origin);
    }
    answer
}

async fn route(
    head: &Parts,
    body: Incoming,
    asker: &Asker,
    site: &Site,
    exit: &Exit,
) -> Result<Response<Body>, Refusal> {
    if head.version == Version::HTTP_2 && head.method == Method::CONNECT {
        websocket_only(head)?;
    }
    if let Some(classroom) = &site.classroom
        && is_the_classrooms(head.uri.path())
    {
        return in_class(head, body, asker, classroom, site).await;
    }
    match head.uri.path() {
        "/" => get(head).map(|()| admin::index()),
        path::CLOCK => get(head).map(|()| admin::clocks(site)),
        path::STATS => get(head).and_then(|()| admin::stats(head, site)),
        path::PUBLISH => {
            post(head)?;
            publish::accept(head, body, asker, site).await
        }
        endpoint => {
            let transport = path::transport(endpoint).ok_or(Refusal::NoSuchPath)?;
            let method = transport::method(transport, head.version);
            if head.method != method {
                return Err(if method == Method::CONNECT { Refusal::OnlyConnect } else { Refusal::OnlyGet });
            }
            let ask = Ask::of(head, !body.is_end_stream(), asker, site)?;
            let mut answer = transport::answer(transport, &ask, site, exit).await?;
            if transport == Transport::IframeStreaming && site.classroom.is_some() {
                let policy = HeaderValue::from_static(page::FRAME_POLICY);
                answer.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
            }
            Ok(answer)
        }
    }
}

fn is_the_classrooms(path: &str) -> bool {
    matches!(path, "/" | path::CLASSROOM | path::ACCOUNT | path::SETTINGS) || path.starts_with(page::PREFIX)
}

async fn in_class(
    head: &Parts,
    body: Incoming,
    asker: &Asker,
    classroom: &Classroom,
    site: &Site,
) -> Result<Response<Body>, Refusal> {
    match head.uri.path() {
        path::SETTINGS => {
            post(head)?;
            endpoints::set(classroom, asker, body).await
        }
        path::CLASSROOM => get(head).map(|()| endpoints::classroom(classroom, site)),
        path::ACCOUNT => get(head).and_then(|()| endpoints::account(head, classroom, site)),
        file => {
            get(head)?;
            let name = file.strip_prefix(page::PREFIX).unwrap_or("index.html");
            page::file(name, origin::host(head), classroom.ports())
        }
    }
}

/// This server is no proxy: an extended CONNECT opens a WebSocket here, and nothing else (RFC 8441 section 4; the status is
/// that of RFC 9220 section 3).
fn websocket_only(head: &Parts) -> Result<(), Refusal> {
    let protocol = head.extensions.get::<Protocol>().map(Protocol::as_str);
    if protocol == Some("websocket") { Ok(()) } else { Err(Refusal::NotATunnel) }
}

fn get(head: &Parts) -> Result<(), Refusal> {
    if head.method == Method::GET { Ok(()) } else { Err(Refusal::OnlyGet) }
}

fn post(head: &Parts) -> Result<(), Refusal> {
    if head.method == Method::POST { Ok(()) } else { Err(Refusal::OnlyPost) }
}
