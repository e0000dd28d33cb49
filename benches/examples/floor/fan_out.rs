//! One frame to every connection, so many times a second; the other side reads and counts.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use anyhow::{bail, ensure};
use feedbench_wire::sys::cpu_time;
use rustix::event::epoll::EventFlags;
use serde::{Deserialize, Serialize};

use crate::poll::{PATIENCE, Poll, accept, connect};

/// Written and read, but not counted, before what is measured (s).
const WARMUP_SECONDS: u64 = 1;

/// What both sides must be told.
pub(crate) struct Plan {
    pub(crate) address: SocketAddr,
    pub(crate) connections: usize,
    /// Frames a second and connection.
    pub(crate) rate: u32,
    pub(crate) frame_bytes: usize,
    pub(crate) seconds: u64,
}

/// What a side measured.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct FanOut {
    pub(crate) connections: usize,
    pub(crate) rate_per_s: u32,
    pub(crate) frame_bytes: usize,
    pub(crate) seconds: f64,
    pub(crate) deliveries: u64,
    pub(crate) cpu_us: u64,
    pub(crate) cpu_us_per_delivery: f64,
    /// The most that a frame was written after its time (us); only the writer knows.
    pub(crate) late_max_us: Option<u64>,
}

impl Plan {
    fn warmup_frames(&self) -> u64 {
        WARMUP_SECONDS * u64::from(self.rate)
    }

    fn frames(&self) -> u64 {
        self.seconds * u64::from(self.rate)
    }

    fn measured(&self, seconds: Duration, cpu_us: u64, late_max: Option<Duration>) -> FanOut {
        let deliveries = self.frames() * self.connections as u64;
        FanOut {
            connections: self.connections,
            rate_per_s: self.rate,
            frame_bytes: self.frame_bytes,
            seconds: seconds.as_secs_f64(),
            deliveries,
            cpu_us,
            cpu_us_per_delivery: cpu_us as f64 / deliveries as f64,
            late_max_us: late_max.map(|late| late.as_micros() as u64),
        }
    }
}

/// Writes. A connection that takes no whole frame ends the run: what is queued and written later costs more than a floor.
///
/// # Errors
/// When the readers do not come, or leave, or do not keep up.
pub(crate) fn serve(plan: &Plan, listener: &TcpListener) -> anyhow::Result<FanOut> {
    let mut sockets = accept(listener, plan.connections)?;
    let mut poll = Poll::new()?;
    for (number, socket) in sockets.iter().enumerate() {
        poll.add(socket, number, EventFlags::RDHUP)?;
    }
    let frame = vec![b'x'; plan.frame_bytes];
    let start = Instant::now();
    let mut late_max = Duration::ZERO;
    let (mut began, mut cpu_us) = (start, 0);
    for n in 0..plan.warmup_frames() + plan.frames() {
        let due = start + Duration::from_nanos(n * 1_000_000_000 / u64::from(plan.rate));
        // Once at least, so that a server that is late still sees who has left.
        loop {
            ensure!(poll.wait(due)?.next().is_none(), "a reader has left before the end");
            if due <= Instant::now() {
                break;
            }
        }
        if n == plan.warmup_frames() {
            (began, cpu_us) = (Instant::now(), cpu_time::used_us());
        }
        if n >= plan.warmup_frames() {
            late_max = late_max.max(due.elapsed());
        }
        for socket in &mut sockets {
            match socket.write(&frame) {
                Ok(written) if written == frame.len() => {}
                Ok(_) => bail!("a reader does not keep up"),
                Err(error) => bail!("a reader does not keep up, or has left: {error}"),
            }
        }
    }
    let measured = plan.measured(began.elapsed(), cpu_time::used_us() - cpu_us, Some(late_max));
    // The reader leaves first, once it has everything: it must not be woken by what is no frame.
    ensure!(poll.wait(Instant::now() + PATIENCE)?.next().is_some(), "the reader did not leave in time");
    Ok(measured)
}

/// Reads until everything has come.
///
/// # Errors
/// When the server closes before that, or nothing comes for long.
pub(crate) fn read(plan: &Plan) -> anyhow::Result<FanOut> {
    let mut sockets = connect(plan.address, plan.connections)?;
    let mut poll = Poll::new()?;
    for (number, socket) in sockets.iter().enumerate() {
        poll.add(socket, number, EventFlags::IN)?;
    }
    let of_frames = |frames| frames * plan.connections as u64 * plan.frame_bytes as u64;
    let warmup = of_frames(plan.warmup_frames());
    let all = warmup + of_frames(plan.frames());
    let deadline = Instant::now() + Duration::from_secs(WARMUP_SECONDS + plan.seconds) + PATIENCE;
    let mut buffer = vec![0; 64 * 1024];
    let (mut bytes, mut began) = (0, None);
    while bytes < all {
        ensure!(Instant::now() < deadline, "{bytes} of {all} bytes came in time");
        for number in poll.wait(deadline)? {
            match sockets[number].read(&mut buffer)? {
                0 => bail!("the server closed after {bytes} of {all} bytes"),
                n => bytes += n as u64,
            }
        }
        // The last frame of the warm-up is whole long before the next one comes.
        if began.is_none() && bytes >= warmup {
            began = Some((Instant::now(), cpu_time::used_us()));
        }
    }
    let Some((began, cpu_us)) = began else { bail!("the warm-up did not end") };
    Ok(plan.measured(began.elapsed(), cpu_time::used_us() - cpu_us, None))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::thread;

    fn plan(listener: &TcpListener) -> Plan {
        let address = listener.local_addr().unwrap();
        Plan { address, connections: 20, rate: 50, frame_bytes: 132, seconds: 1 }
    }

    #[test]
    fn what_is_written_is_read_and_counted_without_the_warm_up() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (writer, reader) = (plan(&listener), plan(&listener));
        let read = thread::spawn(move || read(&reader));
        let served = serve(&writer, &listener).unwrap();
        let read = read.join().unwrap().unwrap();
        assert_eq!((served.deliveries, read.deliveries), (20 * 50, 20 * 50));
    }

    #[test]
    fn a_reader_that_leaves_ends_the_run() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (writer, reader) = (plan(&listener), plan(&listener));
        let left = thread::spawn(move || connect(reader.address, reader.connections).map(drop));
        let error = serve(&writer, &listener).unwrap_err();
        left.join().unwrap().unwrap();
        assert!(error.to_string().contains("has left"), "{error}");
    }
}
