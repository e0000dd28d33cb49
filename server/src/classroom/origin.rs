//! Who asks, as far as a browser tells: the page, another site's page, or a program.
//!
//! A browser lets any page ask any server. What another site's page may not do is decided here, by the two fields that a
//! page cannot forge: `Host` (RFC 9110 section 7.2; HTTP/2 calls it `:authority`) and `Origin` (RFC 6454 section 7).

use std::net::IpAddr;
use std::sync::Arc;

use hyper::header::{HOST, HeaderName, ORIGIN};
use hyper::http::request::Parts;
use hyper::http::uri::Authority;

use crate::answer::Refusal;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asker {
    /// No browser: only they leave `Origin` out where it matters. Or the page on its own port, where it does not.
    Program,
    /// The page, from this origin.
    Page(Arc<str>),
    /// A page of another site.
    Foreign,
}

/// The names under which the server may be asked.
#[derive(Clone, Debug)]
pub struct HostNames {
    /// The machine's own.
    own: String,
}

impl HostNames {
    /// The names of this machine.
    pub fn of_this_machine() -> HostNames {
        let system = rustix::system::uname();
        HostNames::of(&system.nodename().to_string_lossy())
    }

    /// The names of a machine with this name.
    pub fn of(own: &str) -> HostNames {
        HostNames { own: own.to_ascii_lowercase() }
    }

    /// Is this one of them? Addresses are: what is to be kept out is a foreign *name* that is made to lead here ("DNS
    /// rebinding"), because a page of that name would be allowed to read everything.
    fn contains(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(&name);
        let is_own = |name: &str| !self.own.is_empty() && name == self.own;
        address.parse::<IpAddr>().is_ok()
            || name == "localhost"
            || name.ends_with(".localhost")
            || is_own(&name)
            || name.strip_suffix(".local").is_some_and(is_own)
    }

    /// Who asks, where the page lives on `page_port`.
    ///
    /// # Errors
    /// When the request is for a name that is not this machine's.
    pub fn asker(&self, head: &Parts, page_port: u16) -> Result<Asker, Refusal> {
        let Some(host) = authority(head) else { return Ok(Asker::Program) };
        let name = without_port(host);
        if !self.contains(name) {
            return Err(Refusal::UnknownHost);
        }
        let Some(origin) = text(head, &ORIGIN) else { return Ok(Asker::Program) };
        let page = page_origin(name, page_port);
        Ok(if origin.eq_ignore_ascii_case(&page) { Asker::Page(page.into()) } else { Asker::Foreign })
    }
}

/// The origin of a page on a port of a host.
pub fn page_origin(name: &str, port: u16) -> String {
    if port == 80 { format!("http://{name}") } else { format!("http://{name}:{port}") }
}

/// The host that a request is for, without its port; `localhost` when it does not say.
pub fn host(head: &Parts) -> &str {
    authority(head).map_or("localhost", without_port)
}

/// Host and port that a request is for: of the target where it has them, `:authority` in HTTP/2 and the absolute form in
/// HTTP/1.1 (RFC 9112 section 3.2.2), else the field.
fn authority(head: &Parts) -> Option<&str> {
    head.uri.authority().map(Authority::as_str).or_else(|| text(head, &HOST))
}

fn text<'h>(head: &'h Parts, name: &HeaderName) -> Option<&'h str> {
    head.headers.get(name)?.to_str().ok()
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        // The colons of an IPv6 address stand in brackets.
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use hyper::Request;

    fn asker(host: &str, origin: Option<&str>) -> Result<Asker, Refusal> {
        let mut request = Request::get("/polling").header(HOST, host);
        if let Some(origin) = origin {
            request = request.header(ORIGIN, origin);
        }
        HostNames::of("Teacher").asker(&request.body(()).unwrap().into_parts().0, 8080)
    }

    #[test]
    fn a_foreign_name_that_leads_here_is_refused() {
        for name in
            ["127.0.0.1:8081", "[::1]:8080", "[::1]", "localhost", "a.localhost:1", "teacher:8080", "TEACHER.local"]
        {
            assert!(asker(name, None).is_ok(), "{name}");
        }
        for name in ["evil.example:8080", "evil", "", "127.0.0.1.evil.example", "localhost.evil.example", ".local"] {
            assert_eq!(asker(name, None), Err(Refusal::UnknownHost), "{name}");
        }
    }

    #[test]
    fn the_authority_of_the_target_wins_over_the_host_field() {
        let names = HostNames::of("teacher");
        let asker = |authority: &str| {
            let request = Request::get(format!("http://{authority}/polling")).header(HOST, "127.0.0.1:8080");
            names.asker(&request.body(()).unwrap().into_parts().0, 8080)
        };
        assert_eq!(asker("[::1]:8080"), Ok(Asker::Program));
        for foreign in ["evil.example", "127.0.0.1:80@evil.example", "127.0.0.1@evil.example:8080"] {
            assert_eq!(asker(foreign), Err(Refusal::UnknownHost), "{foreign}");
        }
        let request = Request::get("http://localhost:8083/sse").header(ORIGIN, "http://localhost:8080");
        let page = names.asker(&request.body(()).unwrap().into_parts().0, 8080);
        assert_eq!(page, Ok(Asker::Page("http://localhost:8080".into())));
    }

    #[test]
    fn only_the_page_of_the_same_host_on_the_main_port_is_the_page() {
        let page = |origin: &str| Ok(Asker::Page(origin.into()));
        assert_eq!(asker("127.0.0.1:8083", Some("http://127.0.0.1:8080")), page("http://127.0.0.1:8080"));
        assert_eq!(asker("[::1]:8083", Some("http://[::1]:8080")), page("http://[::1]:8080"));
        for foreign in [
            "http://127.0.0.1:8081",
            "https://127.0.0.1:8080",
            "http://localhost:8080",
            "http://evil.example",
            "null",
            "",
        ] {
            assert_eq!(asker("127.0.0.1:8083", Some(foreign)), Ok(Asker::Foreign), "{foreign}");
        }
        assert_eq!(page_origin("localhost", 80), "http://localhost");
    }
}
