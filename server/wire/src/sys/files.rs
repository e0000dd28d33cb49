//! How many files a process may have open (getrlimit(2)).

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that are not clients' sockets: standard streams, epoll, eventfd, listener, and some to spare.
pub const RESERVED: u64 = 100;

/// Raises the limit of this process to the hard one and returns it.
pub fn raise_limit() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let hard = limit.maximum.unwrap_or(u64::MAX);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    match raised {
        Ok(()) => hard,
        Err(_) => limit.current.unwrap_or(u64::MAX),
    }
}
