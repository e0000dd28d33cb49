//! `feedbench browsers`: real browsers as clients, and the load generator beside them. A second binary drives the browser,
//! one transport after the other, so that this one need not know its protocol.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use feedbench_record::browsers::{Browsers, Conditions, Family, Pair, SCHEMA_VERSION};
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
/// What Firefox is called.
const FIREFOXES: [&str; 2] = ["firefox", "firefox-esr"];
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
    let chosen = conditions(options)?;
    let driver = driver()?;
    let (family, browser) = browser(options.browser.as_deref())?;
    let headers = options.headers.as_deref().unwrap_or(family.id()).to_owned();
    let conditions = Conditions { browser: family, headers, ..chosen };
    let is_chosen = |transport: &Transport| options.transport.is_empty() || options.transport.contains(transport);
    let transports: Vec<_> = Transport::ALL.into_iter().filter(is_chosen).collect();
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

/// The conditions of browser and load generator. Which browser there is, and with it the header profile where none was
/// named, is found out after.
fn conditions(options: &BrowsersOptions) -> anyhow::Result<Conditions> {
    let default = Scenario::default();
    let conditions = Conditions {
        browser: Family::Chromium,
        clients: options.clients,
        rate_per_s: options.rate,
        arrivals: options.arrivals.unwrap_or(default.arrivals),
        payload_bytes: options.payload.map_or(default.payload_bytes, |bytes| bytes.try_into().unwrap_or(u32::MAX)),
        interval_ms: options.interval.unwrap_or(default.interval_ms),
        hold_ms: options.hold.unwrap_or(default.hold_ms),
        window_ms: options.duration,
        headers: options.headers.clone().unwrap_or_default(),
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
    let is_known = options.headers.as_deref().is_none_or(|headers| known.contains(&headers));
    ensure!(is_known, "--headers is one of: {}", known.join(", "));
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

/// The browser that was named; without a name the first Chromium in PATH, or else the first Firefox.
fn browser(named: Option<&str>) -> anyhow::Result<(Family, PathBuf)> {
    let chromium = || CHROMIUMS.into_iter().find_map(in_path).map(|path| (Family::Chromium, path));
    let firefox = || FIREFOXES.into_iter().find_map(in_path).map(|path| (Family::Firefox, path));
    match named {
        None => chromium().or_else(firefox).context(
            "no browser is installed; install chromium or firefox (Debian: apt install chromium), or name one with --browser",
        ),
        Some("chromium") => chromium().context("no Chromium is installed; install chromium (Debian: apt install chromium)"),
        Some("firefox") => {
            firefox().context("no Firefox is installed; install firefox (Debian: apt install firefox-esr)")
        }
        Some(path) if path.contains('/') => {
            let path = PathBuf::from(path);
            ensure!(
                path.is_file(),
                "there is no browser {}; --browser is chromium, firefox, or a path",
                path.display()
            );
            Ok((family(&path), path))
        }
        Some(name) => {
            let path = in_path(name).with_context(|| format!("there is no browser {name} in PATH"))?;
            Ok((family(&path), path))
        }
    }
}

/// Firefox has its name in that of its file, or of what a link leads to; what has not speaks the protocol of Chromium.
fn family(path: &Path) -> Family {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let is_firefox =
        [path, &real].into_iter().filter_map(Path::file_name).any(|name| name.to_string_lossy().contains("firefox"));
    if is_firefox { Family::Firefox } else { Family::Chromium }
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
        .args(["--family", conditions.browser.id(), "--browser"])
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
