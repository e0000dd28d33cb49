//! The server alone.

use std::io::Write as _;
use std::net::SocketAddr;

use anyhow::ensure;
use feedbench_record::scenario::Source;
use feedbench_server::ServeOptions as Serve;
use feedbench_wire::Clock;

use crate::args::ServeOptions;
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::values;

/// Serves until interrupted.
///
/// # Errors
/// When a value is wrong, or the address is not free.
pub(crate) fn main(options: &ServeOptions) -> anyhow::Result<Exit> {
    let (scenario, headers, replay_file) = values::for_serve(&options.scenario, &options.feed, options.clients)?;
    ensure!(
        options.state.is_none() || scenario.source != Source::Stdin,
        "--state goes on where the feed stopped, and standard input cannot go back to there; leave --state out, or take \
         another --feed"
    );
    feedbench_wire::sys::files::raise_limit();
    let serve = Serve {
        listen: options.listen,
        scenario,
        headers,
        replay_file,
        state: options.state.clone(),
        allow_publish: options.allow_publish,
        clock: Clock::Monotonic,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(async {
        let mut interrupt = Interrupt::listen()?;
        feedbench_server::serve(serve, tell_ready, async move { interrupt.wait().await }).await
    });
    // A thread that waits for standard input never ends by itself.
    runtime.shutdown_background();
    served.map(|()| Exit::Valid)
}

fn tell_ready(address: SocketAddr) {
    if !address.ip().is_loopback() {
        eprintln!("feedbench: every machine that reaches {address} can read this feed");
    }
    let mut stdout = std::io::stdout().lock();
    // A closed standard output does not end the service.
    let _ = writeln!(stdout, "feedbench serves on http://{address}").and_then(|()| stdout.flush());
}
