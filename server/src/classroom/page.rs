//! The page's files. They are compiled in; a debug build reads them from the disk, so that a reload shows a change.

use std::borrow::Cow;

use hyper::Response;
use hyper::header::{CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};

use super::Ports;
use crate::answer::{self, Body, Refusal};

/// Where they are.
pub const PREFIX: &str = "/page/";

/// What the document of a forever frame may do: run the script elements that it is made of, and nothing else. Its own
/// page alone may hold it.
pub const FRAME_POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; frame-ancestors 'self'";

/// Every file of `server/page`, by its name there.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/page_files.rs"));

/// A file; [`PREFIX`] is not part of its name.
///
/// # Errors
/// When there is none of this name.
pub fn file(name: &str, host: &str, ports: &Ports) -> Result<Response<Body>, Refusal> {
    let &(name, compiled) = FILES.iter().find(|(known, _)| *known == name).ok_or(Refusal::NoSuchPath)?;
    let mut answer = answer::whole(content_type(name), text(name, compiled).into_owned().into());
    let mut field = |name: HeaderName, value: HeaderValue| answer.headers_mut().insert(name, value);
    field(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    field(REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin"));
    if name.ends_with(".html") {
        let policy = HeaderValue::from_str(&policy(host, ports)).expect("a host that was checked is visible ASCII");
        field(CONTENT_SECURITY_POLICY, policy);
    }
    Ok(answer)
}

/// What the page may do: its own files, its own server on all its ports, no inline script or style.
fn policy(host: &str, ports: &Ports) -> String {
    let servers: Vec<String> =
        ports.all().flat_map(|port| ["http", "ws"].map(|scheme| format!("{scheme}://{host}:{port}"))).collect();
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; frame-src 'self'; \
         connect-src 'self' {}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        servers.join(" ")
    )
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    }
}

fn text(name: &str, compiled: &'static str) -> Cow<'static, str> {
    if !cfg!(debug_assertions) {
        return Cow::Borrowed(compiled);
    }
    let on_disk = std::fs::read_to_string(format!("{}/page/{name}", env!("CARGO_MANIFEST_DIR")));
    on_disk.map_or(Cow::Borrowed(compiled), Cow::Owned)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use feedbench_record::Transport;

    #[test]
    fn what_the_page_is_made_of_is_compiled_in_and_nothing_else_is_served() {
        let ports = Ports::of(8080, [8081, 8082, 8083, 8084, 8085], 8086);
        let get = |name| file(name, "127.0.0.1", &ports).map(|answer| answer.status().as_u16());
        assert_eq!(get("index.html").unwrap(), 200);
        for name in ["", "../Cargo.toml", "no.js", "/index.html"] {
            assert_eq!(get(name).err(), Some(Refusal::NoSuchPath), "{name}");
        }
    }

    #[test]
    fn every_transport_has_a_client_in_the_page_and_a_name_in_both_languages() {
        let text = |name: &str| FILES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text).unwrap();
        let words = text("words/views.js").to_owned() + text("words/core.js");
        for transport in Transport::ALL {
            assert!(text(&format!("transports/{transport}.js")).contains("export async function follow(feed)"));
            assert!(text("server.js").contains(&format!("\"{transport}\"")), "{transport}");
            assert!(words.contains(&format!("\"transport.{transport}\"")), "{transport}");
        }
    }

    #[test]
    fn no_page_may_run_what_stands_inside_it() {
        let policy = policy("127.0.0.1", &Ports::of(8080, [8081, 8082, 8083, 8084, 8085], 8086));
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(policy.contains("ws://127.0.0.1:8085"), "{policy}");
    }
}
