//! The measurement floor: the socket work of a fan-out and of requests with answers, with no protocol at all. What
//! feedbench and its peers cost above it is theirs; what lies below it is the kernel's. Each side is a process and a
//! thread of its own, on loopback, with TCP_NODELAY; each prints what it measured as one line of JSON. `scripts/peers`
//! runs it.
//!
//! ```text
//! floor fan-out serve LISTEN CONNECTIONS RATE FRAME_BYTES SECONDS
//! floor fan-out read  TARGET CONNECTIONS RATE FRAME_BYTES SECONDS
//! floor request serve LISTEN CONNECTIONS REQUEST_BYTES ANSWER_BYTES SECONDS
//! floor request ask   TARGET CONNECTIONS PATH SECONDS
//! floor request head  LISTEN
//! floor table   DIR
//! ```
//!
//! A serving side says on standard error where it listens (port 0 takes a free one), and ends after its one job. An
//! asking side works against any server that answers `GET PATH` always with the same number of bytes.

mod fan_out;
mod peer;
mod poll;
mod request;
mod table;

use std::env;
use std::fmt::Display;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::str::FromStr;

use anyhow::{bail, ensure};
use feedbench_wire::sys::files;

const USAGE: &str = "type one of
  floor fan-out serve LISTEN CONNECTIONS RATE FRAME_BYTES SECONDS
  floor fan-out read TARGET CONNECTIONS RATE FRAME_BYTES SECONDS
  floor request serve LISTEN CONNECTIONS REQUEST_BYTES ANSWER_BYTES SECONDS
  floor request ask TARGET CONNECTIONS PATH SECONDS
  floor request head LISTEN
  floor table DIR";

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("floor: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &[&str]) -> anyhow::Result<String> {
    Ok(match arguments {
        ["fan-out", side, address, connections, rate, frame, seconds] => {
            let plan = fan_out::Plan {
                address: loopback(address)?,
                connections: connections_of(connections)?,
                rate: number("RATE", rate, 10_000)?,
                frame_bytes: number("FRAME_BYTES", frame, 64 * 1024)?,
                seconds: number("SECONDS", seconds, 3_600)?,
            };
            serde_json::to_string(&match *side {
                "serve" => fan_out::serve(&plan, &poll::listen(plan.address)?)?,
                "read" => fan_out::read(&plan)?,
                _ => bail!("\"{side}\" is no side of a fan-out; there are: serve, read"),
            })?
        }
        ["request", "serve", address, connections, request, answer, seconds] => {
            let plan = request::ServePlan {
                connections: connections_of(connections)?,
                request_bytes: number("REQUEST_BYTES", request, 64 * 1024)?,
                answer_bytes: number("ANSWER_BYTES", answer, 64 * 1024)?,
                seconds: number("SECONDS", seconds, 3_600)?,
            };
            serde_json::to_string(&request::serve(&plan, &poll::listen(loopback(address)?)?)?)?
        }
        ["request", "ask", address, connections, path, seconds] => {
            ensure!(path.starts_with('/'), "PATH begins with a slash, as /polling");
            let plan = request::AskPlan {
                address: loopback(address)?,
                connections: connections_of(connections)?,
                path: (*path).to_owned(),
                seconds: number("SECONDS", seconds, 3_600)?,
            };
            serde_json::to_string(&request::ask(&plan)?)?
        }
        ["request", "head", address] => serde_json::to_string(&request::head(&poll::listen(loopback(address)?)?)?)?,
        ["table", dir] => table::markdown(&table::read(Path::new(dir))?),
        _ => bail!("{USAGE}"),
    })
}

/// The floor is not for a network: nothing is authenticated, and a distance would be measured with it.
fn loopback(address: &str) -> anyhow::Result<SocketAddr> {
    let address: SocketAddr = parse("the address", address)?;
    ensure!(address.ip().is_loopback(), "{address} is not on loopback; type 127.0.0.1 and a port");
    Ok(address)
}

fn connections_of(text: &str) -> anyhow::Result<usize> {
    let files = files::raise_limit();
    let most = usize::try_from(files.saturating_sub(files::RESERVED)).unwrap_or(usize::MAX);
    let connections: usize = parse("CONNECTIONS", text)?;
    ensure!(
        (1..=most).contains(&connections),
        "CONNECTIONS is {connections}; it may be 1 to {most}, because this process may open {files} files (ulimit -n)"
    );
    Ok(connections)
}

/// A number from 1 to `most`.
fn number<T>(name: &str, text: &str, most: T) -> anyhow::Result<T>
where
    T: FromStr<Err: Display> + Copy + PartialOrd + Display + From<u8>,
{
    let number: T = parse(name, text)?;
    ensure!(number >= T::from(1) && number <= most, "{name} is {number}; it may be 1 to {most}");
    Ok(number)
}

fn parse<T: FromStr<Err: Display>>(name: &str, text: &str) -> anyhow::Result<T> {
    text.parse().map_err(|error| anyhow::anyhow!("{name} is \"{text}\": {error}"))
}
