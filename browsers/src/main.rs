//! One transport with real browsers as clients, and with the load generator beside them. `feedbench browsers` starts this
//! program once for each transport and makes the report; what it measured goes to standard output as one JSON document.
//!
//! - [`args`]: what is to be measured.
//! - [`server`]: a fresh `feedbench serve`; [`load`]: the load generator against another one.
//! - [`browser`]: what is asked of a browser; [`chromium`] over [`devtools`], [`firefox`] over [`bidi`].
//! - [`process`]: a browser's process and profile; [`messages`]: the form of both protocols.
//! - [`client`]: a page in a context of its own.
//! - [`recorder`]: from a browser's events to sums; [`exchange`]: what belongs to one request; [`head`]: heads as text;
//!   [`frame`]: what frames add.
//! - [`deliveries`]: what the pages noted, as latencies and losses; [`account`]: the server's own word on the same heads.
//! - [`measure`]: all of it in its order.

mod account;
mod args;
mod bidi;
mod browser;
mod chromium;
mod client;
mod deliveries;
mod devtools;
mod exchange;
mod firefox;
mod frame;
mod head;
mod load;
mod measure;
mod messages;
mod process;
mod recorder;
mod server;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use tokio::signal::unix::{SignalKind, signal};

use args::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(Some(pair)) => {
            let mut stdout = std::io::stdout().lock();
            let written = serde_json::to_writer(&mut stdout, &pair).map_err(std::io::Error::from);
            match written.and_then(|()| writeln!(stdout)) {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::from(2),
            }
        }
        Ok(None) => ExitCode::from(130),
        Err(error) => {
            eprintln!("feedbench-browsers: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// What was measured; `None` when it was stopped before its end. Whichever way it ends, browser and server are gone then.
fn run(arguments: &Arguments) -> anyhow::Result<Option<feedbench_record::browsers::Pair>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            measured = measure::pair(arguments) => measured.map(Some),
            _ = interrupt.recv() => Ok(None),
            _ = terminate.recv() => Ok(None),
            () = end_of_input(), if arguments.ends_with_input => Ok(None),
        }
    })
}

/// Waits for the end of standard input: whoever started this is gone, or wants no more.
async fn end_of_input() {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        // An error is an end, too.
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        sender.send(())
    });
    if receiver.await.is_err() {
        std::future::pending::<()>().await;
    }
}
