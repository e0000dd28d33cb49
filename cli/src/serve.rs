//! The server alone, and the page that it shows in a browser.

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;

use anyhow::{Context as _, ensure};
use feedbench_record::scenario::Source;
use feedbench_server::ServeOptions as Serve;
use feedbench_server::classroom::Ports;
use feedbench_wire::Clock;
use feedbench_wire::io::tls::Acceptor;

use crate::args::{IdentityOptions, ServerOptions};
use crate::certificate;
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::values;

/// What becomes of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// There is none.
    None,
    /// Whoever wants it opens it.
    Served,
    /// It is opened in this machine's browser.
    Opened,
}

/// Serves until interrupted.
///
/// # Errors
/// When a value is wrong, or an address is not free.
pub(crate) fn main(options: &ServerOptions, page: Page, identity: &IdentityOptions) -> anyhow::Result<Exit> {
    let (scenario, headers, replay_file) = values::for_serve(&options.scenario, &options.feed, options.clients)?;
    ensure!(
        options.state.is_none() || scenario.source != Source::Stdin,
        "--state goes on where the feed stopped, and standard input cannot go back to there; leave --state out, or take \
         another --feed"
    );
    ensure!(
        page == Page::None || !scenario.tls,
        "the page is served in clear; --tls is for a server without it: feedbench serve --tls --no-page"
    );
    let tls = scenario.tls.then(|| acceptor(options, identity)).transpose()?;
    feedbench_wire::sys::files::raise_limit();
    let scheme = if tls.is_some() { "https" } else { "http" };
    let serve = Serve {
        listen: options.listen,
        scenario,
        headers,
        replay_file,
        state: options.state.clone(),
        allow_publish: options.allow_publish,
        page: page != Page::None,
        tls,
        clock: Clock::Monotonic,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(async {
        let mut interrupt = Interrupt::listen()?;
        let ready = |address, ports: Option<&Ports>| {
            tell_ready(scheme, address, ports);
            if page == Page::Opened {
                open(address);
            }
        };
        feedbench_server::serve(serve, ready, async move { interrupt.wait().await }).await
    });
    // A thread that waits for standard input never ends by itself.
    runtime.shutdown_background();
    served.map(|()| Exit::Valid)
}

/// The server's end of TLS, with the certificate that was given or with one that is made.
fn acceptor(options: &ServerOptions, files: &IdentityOptions) -> anyhow::Result<Acceptor> {
    let identity = match (&files.cert, &files.key) {
        (Some(cert), Some(key)) => certificate::read(cert, key)?,
        _ => certificate::make(&[options.listen.ip().to_string()])?,
    };
    if let Some(path) = &files.write_cert {
        fs::write(path, &identity.certificates).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Acceptor::new(&identity, options.scenario.tls_resumption).context("cannot speak TLS")
}

fn tell_ready(scheme: &str, address: SocketAddr, ports: Option<&Ports>) {
    if !address.ip().is_loopback() {
        eprintln!("{}", reachable(address, ports));
    }
    let mut stdout = std::io::stdout().lock();
    // A closed standard output does not end the service.
    let _ = writeln!(stdout, "feedbench serves on {scheme}://{address}").and_then(|()| stdout.flush());
}

/// What becomes reachable from other machines.
fn reachable(address: SocketAddr, ports: Option<&Ports>) -> String {
    let Some(ports) = ports else {
        return format!("feedbench: every machine that reaches {address} can read this feed");
    };
    let mut ports: Vec<u16> = ports.all().collect();
    ports.sort_unstable();
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    format!(
        "feedbench: every machine that reaches {} can open the page, read this feed, publish short texts and change the \
         settings (ports {})",
        address.ip(),
        ports.join(", ")
    )
}

/// Opens the page. Where no browser can be had, its address is enough.
fn open(mut address: SocketAddr) {
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() });
    }
    if let Err(error) = webbrowser::open(&format!("http://{address}/")) {
        eprintln!("feedbench: no browser can be opened here ({error}); open http://{address}/ in one");
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn whoever_binds_to_the_world_is_told_what_it_can_do() {
        let ports = Ports::of(8080, [8081, 8082, 8083, 8084, 8085], 8086);
        let address = "0.0.0.0:8080".parse().unwrap();
        let line = reachable(address, Some(&ports));
        for part in ["0.0.0.0", "publish", "change the settings", "8080, 8081, 8082, 8083, 8084, 8085, 8086"] {
            assert!(line.contains(part), "{line}");
        }
        assert!(!reachable(address, None).contains("publish"));
    }
}
