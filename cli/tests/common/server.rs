//! `feedbench serve` beside a test.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

/// A running server, interrupted when dropped.
pub struct Server {
    pub process: Child,
    /// Host and port.
    pub address: String,
}

impl Server {
    /// Starts it, and waits until it says where it is, in clear or inside TLS.
    pub fn start(command: &mut Command) -> Server {
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (_, address) = line.trim().split_once("://").unwrap();
        Server { address: address.to_owned(), process }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        kill_process(Pid::from_raw(self.process.id() as i32).unwrap(), Signal::INT).unwrap();
        assert!(self.process.wait().unwrap().success(), "an interrupted server ends well");
    }
}
