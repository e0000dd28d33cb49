//! A closed workload: each connection has one request under way, and asks again as soon as it has its answer.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use feedbench_wire::sys::cpu_time;
use rustix::event::epoll::EventFlags;
use serde::{Deserialize, Serialize};

use crate::poll::{PATIENCE, Poll, accept, connect};

/// The first answer is whole when nothing more has come for so long.
const SILENCE: Duration = Duration::from_millis(200);

/// What the answering side must be told.
pub(crate) struct ServePlan {
    pub(crate) connections: usize,
    pub(crate) request_bytes: usize,
    pub(crate) answer_bytes: usize,
    pub(crate) seconds: u64,
}

/// What the asking side must be told.
pub(crate) struct AskPlan {
    pub(crate) address: SocketAddr,
    pub(crate) connections: usize,
    pub(crate) path: String,
    pub(crate) seconds: u64,
}

/// What a side measured.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Requests {
    pub(crate) connections: usize,
    pub(crate) request_bytes: usize,
    pub(crate) answer_bytes: usize,
    pub(crate) seconds: f64,
    pub(crate) requests: u64,
    pub(crate) requests_per_s: f64,
    pub(crate) cpu_us: u64,
    pub(crate) cpu_us_per_request: f64,
}

/// When measuring began, and the CPU time that was used by then.
struct Began {
    at: Instant,
    cpu_us: u64,
}

impl Began {
    fn now() -> Began {
        Began { at: Instant::now(), cpu_us: cpu_time::used_us() }
    }

    fn measured(&self, connections: usize, request_bytes: usize, answer_bytes: usize, requests: u64) -> Requests {
        let seconds = self.at.elapsed().as_secs_f64();
        let cpu_us = cpu_time::used_us() - self.cpu_us;
        Requests {
            connections,
            request_bytes,
            answer_bytes,
            seconds,
            requests,
            requests_per_s: requests as f64 / seconds,
            cpu_us,
            cpu_us_per_request: cpu_us as f64 / requests as f64,
        }
    }
}

/// Answers so many bytes to so many, from when all have connected until the first one leaves.
///
/// # Errors
/// When the asking side does not come, does not leave, or leaves without a request.
pub(crate) fn serve(plan: &ServePlan, listener: &TcpListener) -> anyhow::Result<Requests> {
    let mut sockets = accept(listener, plan.connections)?;
    let mut poll = Poll::new()?;
    for (number, socket) in sockets.iter().enumerate() {
        poll.add(socket, number, EventFlags::IN)?;
    }
    let answer = vec![b'x'; plan.answer_bytes];
    let mut got = vec![0; plan.connections];
    let mut buffer = vec![0; 64 * 1024];
    let deadline = Instant::now() + Duration::from_secs(plan.seconds) + PATIENCE;
    let began = Began::now();
    let mut requests = 0;
    loop {
        ensure!(Instant::now() < deadline, "the asking side did not leave in time");
        for number in poll.wait(deadline)? {
            let bytes = match sockets[number].read(&mut buffer) {
                // A side that leaves with an answer unread resets the connection.
                Ok(0) | Err(_) => {
                    ensure!(requests > 0, "the asking side left before a whole request");
                    return Ok(began.measured(plan.connections, plan.request_bytes, plan.answer_bytes, requests));
                }
                Ok(bytes) => bytes,
            };
            got[number] += bytes;
            while got[number] >= plan.request_bytes {
                got[number] -= plan.request_bytes;
                requests += 1;
                // A side that has left is seen by the next read.
                if let Ok(sent) = sockets[number].write(&answer) {
                    ensure!(sent == answer.len(), "the asking side does not read");
                }
            }
        }
    }
}

/// Asks as fast as the answers come. The first answer tells how long each of them is; nothing is parsed.
///
/// # Errors
/// When the server does not answer, closes, or answers with another length.
pub(crate) fn ask(plan: &AskPlan) -> anyhow::Result<Requests> {
    let mut sockets = connect(plan.address, plan.connections)?;
    let request = format!("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", plan.path, plan.address).into_bytes();
    let answer_bytes = first_answer(&mut sockets[0], &request)?;
    let mut poll = Poll::new()?;
    for (number, socket) in sockets.iter().enumerate() {
        poll.add(socket, number, EventFlags::IN)?;
    }
    let mut got = vec![0; plan.connections];
    let mut buffer = vec![0; 64 * 1024];
    let began = Began::now();
    let deadline = began.at + Duration::from_secs(plan.seconds);
    let mut answers = 0;
    for socket in &mut sockets {
        send(socket, &request)?;
    }
    while Instant::now() < deadline {
        for number in poll.wait(deadline)? {
            match sockets[number].read(&mut buffer).context("cannot read an answer")? {
                0 => bail!("the server closed a connection"),
                n => got[number] += n,
            }
            ensure!(got[number] <= answer_bytes, "an answer is longer than {answer_bytes} bytes, as the first was");
            if got[number] == answer_bytes {
                got[number] = 0;
                answers += 1;
                send(&mut sockets[number], &request)?;
            }
        }
    }
    ensure!(answers > 0, "no answer of {answer_bytes} bytes came");
    Ok(began.measured(plan.connections, request.len(), answer_bytes, answers))
}

/// The head of one request, answered with an empty array.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Head {
    pub(crate) request_bytes: usize,
}

/// How long the first request is that comes, without a body. Who connects and says nothing only looked whether somebody is
/// here.
///
/// # Errors
/// When none comes, or not whole.
pub(crate) fn head(listener: &TcpListener) -> anyhow::Result<Head> {
    let (mut request, mut byte) = (Vec::new(), [0]);
    let mut socket = loop {
        let mut socket = accept(listener, 1)?.remove(0);
        socket.set_nonblocking(false)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        if socket.read(&mut byte)? > 0 {
            break socket;
        }
    };
    request.push(byte[0]);
    while !request.ends_with(b"\r\n\r\n") {
        socket.read_exact(&mut byte).context("no whole request came")?;
        request.push(byte[0]);
    }
    socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n[]")?;
    Ok(Head { request_bytes: request.len() })
}

fn first_answer(socket: &mut TcpStream, request: &[u8]) -> anyhow::Result<usize> {
    socket.set_nonblocking(false)?;
    send(socket, request)?;
    let mut buffer = vec![0; 64 * 1024];
    socket.set_read_timeout(Some(PATIENCE))?;
    let mut bytes = socket.read(&mut buffer).context("no answer came")?;
    ensure!(bytes > 0, "the server closed a connection instead of answering");
    socket.set_read_timeout(Some(SILENCE))?;
    loop {
        match socket.read(&mut buffer) {
            Ok(0) => bail!("the server closes after each answer"),
            Ok(more) => bytes += more,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error).context("cannot read the first answer"),
        }
    }
    socket.set_nonblocking(true)?;
    Ok(bytes)
}

/// A connection with nothing under way takes a request whole.
fn send(socket: &mut TcpStream, request: &[u8]) -> anyhow::Result<()> {
    let sent = socket.write(request).context("cannot send a request")?;
    ensure!(sent == request.len(), "the server does not read");
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::thread;

    fn asked(request_bytes: usize) -> (anyhow::Result<Requests>, anyhow::Result<Requests>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let ask_plan =
            AskPlan { address: listener.local_addr().unwrap(), connections: 5, path: "/".into(), seconds: 1 };
        let asking = thread::spawn(move || ask(&ask_plan));
        let served = serve(&ServePlan { connections: 5, request_bytes, answer_bytes: 150, seconds: 1 }, &listener);
        (served, asking.join().unwrap())
    }

    #[test]
    fn the_length_of_a_request_is_that_of_its_head() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let measuring = thread::spawn(move || head(&listener));
        let request = b"GET /polling HTTP/1.1\r\nHost: x\r\n\r\n";
        drop(TcpStream::connect(address).unwrap());
        TcpStream::connect(address).unwrap().write_all(request).unwrap();
        assert_eq!(measuring.join().unwrap().unwrap().request_bytes, request.len());
    }

    #[test]
    fn every_answer_that_came_was_asked_for_and_at_most_one_is_under_way_on_each_connection() {
        let request = "GET / HTTP/1.1\r\nHost: 127.0.0.1:40000\r\n\r\n";
        let (served, asked) = asked(request.len());
        let (served, asked) = (served.unwrap(), asked.unwrap());
        assert_eq!((asked.request_bytes, asked.answer_bytes), (request.len(), 150));
        // The first answer is asked for before anything is counted.
        let under_way = served.requests - 1 - asked.requests;
        assert!(under_way <= 5, "{} of {}", asked.requests, served.requests);
    }
}
