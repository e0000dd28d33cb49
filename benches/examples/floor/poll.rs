//! epoll(7), level-triggered, and the sockets under it.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, Event, EventData};
use rustix::event::{Timespec, epoll::EventFlags};
use rustix::io::Errno;

/// How long the other side may take to connect or to say anything, beyond the time of the measurement.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// Sockets that one wait tells of at most.
const READY_MAX: usize = 1_024;

/// Sockets that are waited for together, each with a number.
pub(crate) struct Poll {
    epoll: OwnedFd,
    ready: Vec<Event>,
}

impl Poll {
    pub(crate) fn new() -> io::Result<Poll> {
        Ok(Poll { epoll: epoll::create(CreateFlags::CLOEXEC)?, ready: Vec::with_capacity(READY_MAX) })
    }

    pub(crate) fn add(&self, socket: impl AsFd, number: usize, flags: EventFlags) -> io::Result<()> {
        Ok(epoll::add(&self.epoll, socket, EventData::new_u64(number as u64), flags)?)
    }

    /// The numbers of sockets that are ready; none when it is `until` by now.
    pub(crate) fn wait(&mut self, until: Instant) -> io::Result<impl Iterator<Item = usize>> {
        self.ready.clear();
        let left = until.saturating_duration_since(Instant::now());
        let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
        match epoll::wait(&self.epoll, spare_capacity(&mut self.ready), Some(&timeout)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(self.ready.iter().map(|event| event.data.u64() as usize))
    }
}

/// A listener that says where it is.
pub(crate) fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))?;
    eprintln!("floor listens on {}", listener.local_addr()?);
    Ok(listener)
}

/// Waits for so many connections.
pub(crate) fn accept(listener: &TcpListener, connections: usize) -> anyhow::Result<Vec<TcpStream>> {
    let mut poll = Poll::new()?;
    listener.set_nonblocking(true)?;
    poll.add(listener, 0, EventFlags::IN)?;
    let mut sockets = Vec::with_capacity(connections);
    while sockets.len() < connections {
        let is_silent = poll.wait(Instant::now() + PATIENCE)?.count() == 0;
        ensure!(!is_silent, "{} of {connections} connections came, and no other in {PATIENCE:?}", sockets.len());
        while sockets.len() < connections {
            match listener.accept() {
                Ok((socket, _)) => sockets.push(prepared(socket)?),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error).context("cannot accept"),
            }
        }
    }
    Ok(sockets)
}

/// Opens so many connections.
pub(crate) fn connect(address: SocketAddr, connections: usize) -> anyhow::Result<Vec<TcpStream>> {
    let open = |n| {
        let socket = TcpStream::connect_timeout(&address, PATIENCE);
        Ok(prepared(socket.with_context(|| format!("connection {n} of {connections} to {address}"))?)?)
    };
    (1..=connections).map(open).collect()
}

fn prepared(socket: TcpStream) -> io::Result<TcpStream> {
    socket.set_nodelay(true)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}
