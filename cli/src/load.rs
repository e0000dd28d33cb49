//! The load generator alone, against a server that is already running.

use std::net::{SocketAddr, ToSocketAddrs as _};

use anyhow::{Context as _, bail, ensure};
use feedbench_loadgen::probe;
use feedbench_wire::clock::{self, Clock};
use feedbench_wire::io::tls::Trust;

use crate::args::{FeedOptions, LoadOptions};
use crate::bench::Target;
use crate::certificate;
use crate::exit::Exit;
use crate::run::{self, Job};
use crate::suite::{self, Split};
use crate::sweep;

/// Measures each transport asked for.
///
/// # Errors
/// When a value is wrong, or the target is not a feedbench server.
pub(crate) fn main(options: &LoadOptions) -> anyhow::Result<Exit> {
    let (scheme, address, host) = parse(&options.target)?;
    ensure!(
        scheme == Scheme::Https || !options.scenario.tls,
        "--tls needs a target that speaks it: --target https://{host} (feedbench serve --tls --no-page)"
    );
    ensure!(
        scheme == Scheme::Https || options.ca.is_none(),
        "--ca is for an https target, and {} is none",
        options.target
    );
    let tls = match scheme {
        Scheme::Http => None,
        Scheme::Https => Some(certificate::trust(options.ca.as_deref(), &host)?),
    };
    sweep::refuse(&options.scenario, "load")?;
    let suite = suite::load_suite();
    let mut plans = suite.cells(&options.cells, &options.scenario, &FeedOptions::default())?;
    plans.iter_mut().for_each(|plan| plan.scenario.tls = tls.is_some());
    suite::split(&mut plans, Split::Single)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let target = runtime.block_on(probe(address, host, tls))?;
    let job = Job {
        suite: suite.name,
        plans,
        goal: None,
        target: Some(target),
        pin: !options.no_pin,
        out: options.results.out.clone(),
        json: options.results.json,
        report: options.charts.report(&options.language),
    };
    run::all(job)
}

/// How a target is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

/// Scheme, host and port of `http://host:port`; the rest of a URL has no meaning here.
fn parse(url: &str) -> anyhow::Result<(Scheme, SocketAddr, String)> {
    let (scheme, port, rest) = if let Some(rest) = url.strip_prefix("http://") {
        (Scheme::Http, 80, rest)
    } else if let Some(rest) = url.strip_prefix("https://") {
        (Scheme::Https, 443, rest)
    } else {
        bail!("\"{url}\" is no target; type http://127.0.0.1:8080, or https:// for TLS");
    };
    let host = rest.strip_suffix('/').unwrap_or(rest);
    ensure!(!host.contains('/'), "\"{url}\" has a path; a target is host and port, as http://127.0.0.1:8080");
    let with_port = if host.rsplit(':').next().is_some_and(|port| port.parse::<u16>().is_ok()) {
        host.to_owned()
    } else {
        format!("{host}:{port}")
    };
    let mut addresses = with_port.to_socket_addrs().with_context(|| format!("cannot resolve the target {host}"))?;
    let address = addresses.next().with_context(|| format!("the target {host} has no address"))?;
    Ok((scheme, address, host.to_owned()))
}

/// Asks the target for its clocks, before and after which ours are read: the middle of both is the best guess of when
/// it read its own.
async fn probe(address: SocketAddr, host: String, tls: Option<Trust>) -> anyhow::Result<Target> {
    let before_us = Clock::Monotonic.now_us();
    let theirs = probe::clock(address, &host, tls.as_ref()).await?;
    let ours_us = before_us.midpoint(Clock::Monotonic.now_us());
    let same_clock = theirs.boot_id == clock::boot_id();
    Ok(Target {
        address,
        host,
        clock_ahead_us: if same_clock { 0 } else { theirs.monotonic_us as i64 - ours_us as i64 },
        latency_absent: (!same_clock)
            .then(|| "the server runs on another host, whose clock cannot be compared".to_owned()),
        tls,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Scheme, parse};

    #[test]
    fn a_target_is_host_and_port() {
        let (scheme, address, host) = parse("http://127.0.0.1:8080").unwrap();
        assert_eq!(scheme, Scheme::Http);
        assert_eq!((address.to_string().as_str(), host.as_str()), ("127.0.0.1:8080", "127.0.0.1:8080"));
        for (url, scheme, port) in [("http://127.0.0.1/", Scheme::Http, 80), ("https://127.0.0.1", Scheme::Https, 443)]
        {
            let (found, address, _) = parse(url).unwrap();
            assert_eq!((found, address.port()), (scheme, port));
        }
        for wrong in ["127.0.0.1:8080", "ftp://127.0.0.1", "http://127.0.0.1/sse", "http://no.such.host.invalid"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
