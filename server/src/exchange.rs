//! From a request to its answer: the paths and methods there are.

use std::sync::Arc;

use feedbench_record::Transport;
use feedbench_wire::path;
use hyper::body::{Body as _, Incoming};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response};

use crate::answer::{Body, Refusal};
use crate::exit::Exit;
use crate::site::Site;
use crate::transport::Ask;
use crate::{admin, publish, transport};

/// Answers a request. What is pushed from here on leaves through `exit`.
pub async fn answer(request: Request<Incoming>, site: &Site, exit: &Arc<Exit>) -> Response<Body> {
    let (head, body) = request.into_parts();
    route(&head, body, site, exit).await.unwrap_or_else(Response::from)
}

async fn route(head: &Parts, body: Incoming, site: &Site, exit: &Arc<Exit>) -> Result<Response<Body>, Refusal> {
    let get = || if head.method == Method::GET { Ok(()) } else { Err(Refusal::OnlyGet) };
    let post = || if head.method == Method::POST { Ok(()) } else { Err(Refusal::OnlyPost) };
    match head.uri.path() {
        "/" => get().map(|()| admin::index()),
        path::CLOCK => get().map(|()| admin::clocks(site)),
        path::STATS => get().and_then(|()| admin::stats(head, site)),
        path::PUBLISH => {
            post()?;
            publish::accept(head, body, site).await
        }
        endpoint => {
            let id = endpoint.strip_prefix('/').unwrap_or_default();
            let transport: Transport = id.parse().map_err(|_| Refusal::NoSuchPath)?;
            get()?;
            let ask = Ask::of(head, !body.is_end_stream(), site)?;
            transport::answer(transport, &ask, site, exit).await
        }
    }
}
