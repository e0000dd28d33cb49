//! The runtime of a server process.

use std::io;

use feedbench_wire::sys::{cores, files};
use tokio::runtime::{Builder, Runtime};

/// A runtime with a worker for each core that this process may use. One core needs no thread but the caller's, and then
/// a woken task costs less.
///
/// # Errors
/// When the kernel gives no thread or no epoll.
pub(crate) fn build() -> io::Result<Runtime> {
    match cores::allowed().len() {
        0 | 1 => Builder::new_current_thread().enable_all().build(),
        workers => Builder::new_multi_thread().worker_threads(workers).enable_all().build(),
    }
}

/// How many connections this process can hold, after raising its limit of open files as far as it goes.
pub(crate) fn connections_max() -> usize {
    let files = files::raise_limit().saturating_sub(files::RESERVED);
    usize::try_from(files).unwrap_or(usize::MAX)
}
