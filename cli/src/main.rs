//! The one command: parse, call, print.
//!
//! - [`args`], [`quantity`]: what people may type.
//! - [`suite`], [`sweep`], [`values`], [`headers`], [`limits`]: from arguments to cells, and whether this machine can hold them.
//! - [`run`]: the main job; [`cell`] measures one cell on the [`mod@bench`] with fresh [`pair`]s of [`child`] processes,
//!   and [`assemble`] makes the record. [`input`]: standard input as a feed.
//! - [`capacity`]: the same cell again and again, in search of what the server holds.
//! - [`serve`], [`load`], [`report`], [`mod@compare`], [`trace`], [`doctor`], [`browsers`]: the other subcommands.
//! - [`machine`]: what the record says about machine and tool; [`kernel`], [`memory_pressure`], [`cgroup`]: the kernel's
//!   counters around a cell; [`clocks`]: what the clocks did meanwhile.
//! - [`results`], [`progress`], [`output`]: folders, progress on standard error, results on standard output.
//! - [`certificate`]: who a server is inside TLS, and whom clients trust.
//! - [`interrupt`]: Ctrl-C. [`exit`]: how the command ends.

mod args;
mod assemble;
mod bench;
mod browsers;
mod capacity;
mod cell;
mod certificate;
mod cgroup;
mod child;
mod clocks;
mod combinations;
mod compare;
mod doctor;
mod exit;
mod headers;
mod input;
mod interrupt;
mod kernel;
mod limits;
mod load;
mod machine;
mod memory_pressure;
mod output;
mod pair;
mod progress;
mod quantity;
mod report;
mod results;
mod run;
mod serve;
mod suite;
mod sweep;
mod trace;
mod values;

use clap::Parser as _;

use args::{Arguments, Command, IdentityOptions};
use exit::Exit;
use serve::Page;

#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return exit::not_understood(&error),
    };
    let outcome = match arguments.command.unwrap_or(Command::Run(arguments.run)) {
        Command::Run(options) => run::main(&options),
        Command::Serve(options) => {
            let page = if options.no_page { Page::None } else { Page::Served };
            serve::main(&options.server, page, &options.identity)
        }
        Command::Demo(options) => serve::main(&options, Page::Opened, &IdentityOptions::default()),
        Command::Load(options) => load::main(&options),
        Command::Report(options) => report::main(&options),
        Command::Compare(options) => compare::main(&options),
        Command::Trace(options) => trace::main(&options),
        Command::Doctor(options) => doctor::main(&options),
        Command::Browsers(options) => browsers::main(&options),
        Command::ServerChild => feedbench_server::child::run().map(|()| Exit::Valid),
        Command::LoadgenChild => feedbench_loadgen::child::run().map(|()| Exit::Valid),
    };
    exit::code(outcome)
}
