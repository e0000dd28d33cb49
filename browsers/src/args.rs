//! What is to be measured. The values come from `feedbench browsers`, which knows their defaults.

use std::path::PathBuf;

use clap::Parser;
use feedbench_record::Transport;
use feedbench_record::browsers::Family;

/// Real browsers as the clients of one transport, and the load generator beside them (started by `feedbench browsers`)
#[derive(Clone, Debug, Parser)]
#[command(name = "feedbench-browsers", version)]
pub(crate) struct Arguments {
    /// The feedbench command: it serves, and it is the load generator
    #[arg(long, value_name = "PATH")]
    pub(crate) feedbench: PathBuf,
    /// Which protocol the browser speaks
    #[arg(long, value_name = "chromium|firefox")]
    pub(crate) family: Family,
    /// The browser
    #[arg(long, value_name = "PATH")]
    pub(crate) browser: PathBuf,
    /// The transport
    #[arg(long, value_name = "T")]
    pub(crate) transport: Transport,
    /// Pages
    #[arg(long, value_name = "N")]
    pub(crate) clients: u32,
    /// Events per second
    #[arg(long, value_name = "PER_S")]
    pub(crate) rate: f64,
    /// How events are spaced
    #[arg(long, value_name = "poisson|fixed")]
    pub(crate) arrivals: String,
    /// Length of the whole event text (bytes)
    #[arg(long, value_name = "BYTES")]
    pub(crate) payload: u32,
    /// Polling: from one request to the next (ms)
    #[arg(long, value_name = "MS")]
    pub(crate) interval: u64,
    /// Long polling: how long the server holds a request (ms)
    #[arg(long, value_name = "MS")]
    pub(crate) hold: u64,
    /// The measurement window (ms)
    #[arg(long, value_name = "MS")]
    pub(crate) duration: u64,
    /// The load generator's header profile, one that comes with feedbench
    #[arg(long, value_name = "PROFILE")]
    pub(crate) headers: String,
    /// End when standard input does
    #[arg(long)]
    pub(crate) ends_with_input: bool,
}
