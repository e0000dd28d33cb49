//! `feedbench browsers`: real browsers as clients, and the load generator beside them. A second binary drives the browser,
//! one transport after the other, so that this one need not know its protocol.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use feedbench_record::browsers::{Browsers, Conditions, Pair, SCHEMA_VERSION};
use feedbench_record::scenario::{Arrivals, PAYLOAD_MAX_BYTES, PAYLOAD_MIN_BYTES};
use feedbench_record::{Scenario, Transport};
use feedbench_reports::browsers as report;
use feedbench_wire::headers::Profile;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::args::BrowsersOptions;
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::results::Results;
use crate::{machine, output};

/// The second binary.
const DRIVER: &str = "feedbench-browsers";
/// What Chromium is called, in the order of preference.
const CHROMIUMS: [&str; 5] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];
/// Each page has processes of its own.
const CLIENTS_MAX: u32 = 100;
/// A page keeps every event until its end.
const EVENTS_MAX: f64 = 100_000.0;
/// How long the driver may take to end what it has started.
const END: Duration = Duration::from_secs(15);

/// Measures each transport asked for.
///
/// # Errors
/// When a value is wrong, the second binary or a browser is missing, or a measurement fails. What was measured before is
/// written.
pub(crate) fn main(options: &BrowsersOptions) -> anyhow::Result<Exit> {
    let conditions = conditions(options)?;
    let driver = driver()?;
    let browser = browser(&options.browser)?;
    let chosen = |transport: &Transport| options.transport.is_empty() || options.transport.contains(transport);
    let transports: Vec<_> = Transport::ALL.into_iter().filter(chosen).collect();
    let (tool, machine) = (machine::tool(), machine::machine());
    let results = Results::create(&options.results.out, "browsers", &tool, &machine)?;
    let mut measured = Browsers {
        schema: SCHEMA_VERSION,
        tool,
        machine,
        started_at: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        interrupted: false,
        conditions,
        transports: Vec::new(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(async {
        let mut interrupt = Interrupt::listen()?;
        for (number, &transport) in (1..).zip(&transports) {
            eprintln!("feedbench: {number} of {}: {transport}", transports.len());
            match pair(&driver, &browser, transport, &measured.conditions, &mut interrupt).await {
                Ok(Some(pair)) => measured.transports.push(pair),
                Ok(None) => {
                    measured.interrupted = true;
                    break;
                }
                Err(error) => return Err(error.context(format!("cannot measure {transport}"))),
            }
        }
        Ok(())
    });
    let told = tell(options, &measured, results.dir());
    outcome.and(told).map(|()| exit(&measured))
}

/// The conditions of browser and load generator.
fn conditions(options: &BrowsersOptions) -> anyhow::Result<Conditions> {
    let default = Scenario::default();
    let conditions = Conditions {
        clients: options.clients,
        rate_per_s: options.rate,
        arrivals: options.arrivals.unwrap_or(default.arrivals),
        payload_bytes: options.payload.map_or(default.payload_bytes, |bytes| bytes.try_into().unwrap_or(u32::MAX)),
        interval_ms: options.interval.unwrap_or(default.interval_ms),
        hold_ms: options.hold.unwrap_or(default.hold_ms),
        window_ms: options.duration,
        headers: options.headers.clone(),
    };
    let clients = 1..=CLIENTS_MAX;
    ensure!(
        clients.contains(&conditions.clients),
        "--clients is 1 to {CLIENTS_MAX}: each is a page with its own processes"
    );
    ensure!(conditions.rate_per_s > 0.0, "--rate is more than 0: without events there is no latency");
    let payload = PAYLOAD_MIN_BYTES..=PAYLOAD_MAX_BYTES;
    ensure!(
        payload.contains(&conditions.payload_bytes),
        "--payload is {PAYLOAD_MIN_BYTES} to {PAYLOAD_MAX_BYTES} bytes, the whole event text"
    );
    ensure!(conditions.interval_ms > 0, "--interval is at least 1ms: a browser's page polls on a timer");
    ensure!(conditions.window_ms >= 1_000, "--duration is at least 1s");
    let events = conditions.rate_per_s * conditions.window_ms as f64 / 1e3;
    ensure!(events <= EVENTS_MAX, "--rate and --duration give {events:.0} events; a page notes at most {EVENTS_MAX}");
    let known: Vec<_> = Profile::names().collect();
    ensure!(known.contains(&options.headers.as_str()), "--headers is one of: {}", known.join(", "));
    Ok(conditions)
}

/// The second binary: beside this one, or in PATH.
fn driver() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("cannot find this program's own file")?;
    let beside = own.with_file_name(DRIVER);
    if beside.is_file() {
        return Ok(beside);
    }
    let missing = "{} is missing; build it with: cargo build --release -p feedbench-browsers";
    in_path(DRIVER).with_context(|| missing.replace("{}", DRIVER))
}

/// The browser that was named, or the first Chromium in PATH.
fn browser(named: &str) -> anyhow::Result<PathBuf> {
    if named.contains("firefox") {
        bail!(
            "Firefox is not supported: it has no protocol that tells the bytes of its heads; name a Chromium with --browser"
        );
    }
    if named.contains('/') {
        ensure!(Path::new(named).is_file(), "there is no browser {named}; --browser is chromium, or a path");
        return Ok(PathBuf::from(named));
    }
    if named != "chromium" {
        return in_path(named).with_context(|| format!("there is no browser {named} in PATH; install chromium"));
    }
    let found = CHROMIUMS.into_iter().find_map(in_path);
    found.context(
        "no Chromium is installed; install chromium (Debian: apt install chromium), or name one with --browser",
    )
}

fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// One transport, by the second binary; `None` when it was interrupted.
async fn pair(
    driver: &Path,
    browser: &Path,
    transport: Transport,
    conditions: &Conditions,
    interrupt: &mut Interrupt,
) -> anyhow::Result<Option<Pair>> {
    let arrivals = match conditions.arrivals {
        Arrivals::Poisson => "poisson",
        Arrivals::Fixed => "fixed",
    };
    let mut process = Command::new(driver)
        .arg("--feedbench")
        .arg(std::env::current_exe().context("cannot find this program's own file")?)
        .arg("--browser")
        .arg(browser)
        .args(["--transport", transport.id(), "--arrivals", arrivals, "--headers", &conditions.headers])
        .args(["--clients", &conditions.clients.to_string(), "--rate", &conditions.rate_per_s.to_string()])
        .args(["--payload", &conditions.payload_bytes.to_string(), "--interval", &conditions.interval_ms.to_string()])
        .args(["--hold", &conditions.hold_ms.to_string(), "--duration", &conditions.window_ms.to_string()])
        .arg("--ends-with-input")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot start {}", driver.display()))?;
    let input = process.stdin.take();
    let mut ended = std::pin::pin!(ended(process));
    tokio::select! {
        outcome = &mut ended => outcome.map(Some),
        () = interrupt.wait() => {
            // The driver ends with its input, and takes browser and server with it; past its time it is killed.
            drop(input);
            let _ = timeout(END, ended).await;
            Ok(None)
        }
    }
}

/// What the driver measured.
async fn ended(process: Child) -> anyhow::Result<Pair> {
    let output = process.wait_with_output().await.context("cannot hear the second binary")?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        let last = errors.lines().last().unwrap_or("it says nothing");
        bail!("{}", last.strip_prefix("feedbench-browsers: ").unwrap_or(last));
    }
    serde_json::from_slice(&output.stdout).context("the second binary is of another version; build both together")
}

/// The files, and the figures on standard output.
fn tell(options: &BrowsersOptions, measured: &Browsers, dir: &Path) -> anyhow::Result<()> {
    let lang = options.language.lang;
    let written = (!measured.transports.is_empty()).then(|| report::write(measured, dir, lang)).transpose()?;
    if options.results.json {
        return output::json(measured);
    }
    if let Some(written) = written {
        println!("{}", output::laid_out(&report::table(measured, lang), false, |_| false));
        println!("\n{}", feedbench_reports::terminal::where_it_is(Some(&written.page), lang));
    }
    Ok(())
}

fn exit(measured: &Browsers) -> Exit {
    let is_valid = |pair: &Pair| {
        let imitation = pair.imitation.as_ref().is_some_and(|imitation| imitation.reasons.is_empty());
        pair.browser.lost == 0 && pair.browser.duplicated == 0 && imitation
    };
    match measured.interrupted {
        true => Exit::Interrupted,
        false if measured.transports.iter().all(is_valid) => Exit::Valid,
        false => Exit::Invalid,
    }
}
