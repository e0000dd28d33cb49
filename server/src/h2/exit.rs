//! Where a stream leaves the HTTP/2 library for the fan-outs; its connection stays there.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;

use super::body::{Reader, body};
use crate::fan_out::{Joining, Pushed};
use crate::side::Side;
use crate::site::Site;

/// The way out of HTTP of one stream.
#[derive(Debug)]
pub struct StreamExit {
    site: Arc<Site>,
    pushed: Mutex<Option<Pushed>>,
    /// The stream itself, once its answer is written; only of a CONNECT.
    tunnel: Mutex<Option<OnUpgrade>>,
}

impl StreamExit {
    /// The way out of a stream; `tunnel` is what a CONNECT becomes.
    pub(super) fn new(site: Arc<Site>, tunnel: Option<OnUpgrade>) -> StreamExit {
        StreamExit { site, pushed: Mutex::default(), tunnel: Mutex::new(tunnel) }
    }

    /// Leaves what the stream is to be taken for.
    pub fn take(&self, pushed: Pushed) {
        *self.pushed.lock().unwrap_or_else(PoisonError::into_inner) = Some(pushed);
    }

    /// The body of the answer, which the fan-outs write from now on; `None` when nobody left anything to write.
    pub fn begin(&self) -> Option<Reader> {
        self.left().map(|pushed| self.join(pushed))
    }

    /// Joins the fan-outs with a stream. Its client leaves them when the reader is dropped.
    pub fn join(&self, pushed: Pushed) -> Reader {
        let (writer, reader) = body();
        // Refused only when the server is over, and then the writer's end is the stream's.
        let _ = self.site.fan_outs.join(Joining { stream: Side::Body(writer), unread: Bytes::new(), pushed });
        reader
    }

    /// The answer opens a tunnel: the fan-outs get it as soon as the answer is written.
    pub fn upgrade(&self) {
        let tunnel = self.tunnel.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (Some(tunnel), Some(pushed)) = (tunnel, self.left()) else { return };
        let site = Arc::clone(&self.site);
        tokio::spawn(async move {
            // There is none if the client has reset the stream in the meantime.
            if let Ok(tunnel) = tunnel.await {
                let stream = Side::Tunnel(TokioIo::new(tunnel));
                let _ = site.fan_outs.join(Joining { stream, unread: Bytes::new(), pushed });
            }
        });
    }

    fn left(&self) -> Option<Pushed> {
        self.pushed.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
