//! `serve --state`: a feed that goes on after its server was killed.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::common::{feedbench, refusal};
use feedbench_wire::event::Event;

/// Every event by its number: its text.
type Events = BTreeMap<u64, String>;

/// A server that is killed when dropped.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(command: &mut Command) -> Server {
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("feedbench serves on http://").unwrap().to_owned();
        Server { process, address }
    }

    /// What a client is given that has nothing yet, line by line.
    fn stream(&self) -> BufReader<TcpStream> {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET /fetch-streaming?cursor=0000-0 HTTP/1.1\r\nhost: {}\r\n\r\n", self.address).unwrap();
        BufReader::new(stream)
    }

    /// Ends it as nobody can prevent. Gives what it said.
    fn kill(mut self) -> String {
        self.process.kill().unwrap();
        let mut said = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        said
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Adds the events of a stream up to its `n`th one, or to its end. One that was there before must have the same text.
fn read(stream: &mut BufReader<TcpStream>, n: usize, events: &mut Events) {
    let mut line = String::new();
    let mut given = 0;
    while given < n {
        line.clear();
        // A killed server resets its connections.
        if stream.read_line(&mut line).is_err() || !line.ends_with('\n') {
            return;
        }
        let text = line.trim_end();
        let Ok(event) = Event::parse(text.as_bytes()) else { continue };
        given += 1;
        let before = events.insert(event.seq, text.to_owned());
        assert!(before.as_ref().is_none_or(|before| before == text), "{before:?}, then {text}");
    }
}

fn serve(state: &Path, options: &[&str]) -> Command {
    let mut command = feedbench(&["serve", "--listen", "127.0.0.1:0", "--state", state.to_str().unwrap()]);
    command.args(options);
    command
}

#[test]
fn nothing_is_lost_or_told_twice_however_often_the_server_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let (state, series) = (dir.path().join("state"), dir.path().join("series.ndjson"));
    let lines: String = (0..20_000).map(|n| format!("{{\"n\":{n}}}\n")).collect();
    std::fs::write(&series, lines).unwrap();
    let options = ["--feed", series.to_str().unwrap(), "--rate", "1000"];
    let mut events = Events::new();
    for life in 1..=4 {
        let server = Server::start(&mut serve(&state, &options));
        let mut stream = server.stream();
        let before = events.len();
        read(&mut stream, before.min(1_000) + 200 * life, &mut events);
        assert!(events.len() > before, "the feed goes on");
        let said = server.kill();
        // What was on its way when the server ended was given, too.
        read(&mut stream, usize::MAX, &mut events);
        assert!(said.is_empty() || said.contains("its last line is cut"), "{said}");
    }
    assert_eq!(events.keys().copied().collect::<Vec<_>>(), (1..=events.len() as u64).collect::<Vec<_>>());
    for (seq, text) in &events {
        assert!(text.ends_with(&format!("\"data\":{{\"n\":{}}}}}", seq - 1)), "the series goes on: {text}");
    }
}

#[test]
fn a_client_s_event_comes_back_and_takes_no_line_of_the_series() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let server = Server::start(&mut serve(&state, &["--rate", "0", "--allow-publish"]));
    let mut post = TcpStream::connect(&server.address).unwrap();
    write!(
        post,
        "POST /publish HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello",
        server.address
    )
    .unwrap();
    let mut answer = String::new();
    post.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    server.kill();
    let server = Server::start(&mut serve(&state, &["--rate", "200"]));
    let mut events = Events::new();
    read(&mut server.stream(), 3, &mut events);
    assert!(events[&1].ends_with("\"data\":\"hello\"}"));
    server.kill();
    // The first text of the program is the one of a server that nobody has published on.
    let fresh = Server::start(&mut serve(&dir.path().join("fresh"), &["--rate", "200"]));
    let mut first = Events::new();
    read(&mut fresh.stream(), 1, &mut first);
    let data = |text: &str| Event::parse(text.as_bytes()).unwrap().data.get().to_owned();
    assert_eq!(data(&events[&2]), data(&first[&1]));
}

#[test]
fn a_full_disk_is_told_once_and_the_feed_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    // No file may become longer than 2 or 4 KiB (sh counts blocks of 512 or 1,024 bytes); the signal that says so is ignored.
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 4; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_feedbench"), "serve"]);
    limited.args(["--listen", "127.0.0.1:0", "--rate", "500", "--state", state.to_str().unwrap()]);
    let server = Server::start(&mut limited);
    let mut events = Events::new();
    read(&mut server.stream(), 100, &mut events);
    assert_eq!(events.len(), 100, "the feed goes on");
    let said = server.kill();
    assert!(said.lines().count() == 1 && said.contains("the feed goes on"), "{said}");
    let server = Server::start(&mut serve(&state, &["--rate", "0.001"]));
    let said = server.kill();
    assert!(said.lines().count() == 1 && said.contains("could not be written to its end"), "{said}");
}

#[test]
fn a_state_file_that_cannot_be_continued_is_wrong_use() {
    let refused = |state: &Path, options: &[&str]| refusal(&serve(state, options).output().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    assert!(refused(&state, &["--feed", "-"]).contains("standard input cannot go back"));
    assert!(!state.exists());
    assert!(refused(&dir.path().join("no/state"), &[]).contains("its folder is not there; make the folder"));
    let server = Server::start(&mut serve(&state, &["--rate", "100"]));
    read(&mut server.stream(), 3, &mut Events::new());
    assert!(refused(&state, &[]).contains("another server keeps it"));
    server.kill();
    let whole = std::fs::read(&state).unwrap();
    assert!(refused(&state, &["--feed", "earthquakes"]).contains("it continues \"synthetic\""));
    assert!(refused(&state, &["--fanout", "rooms=2"]).contains("its topics are 1"));
    assert_eq!(std::fs::read(&state).unwrap(), whole, "the file is as it was");
    let second = whole.iter().position(|&byte| byte == b'\n').unwrap() + 1;
    let bad = [&whole[..second], b"nonsense\n", &whole[second..]].concat();
    std::fs::write(&state, &bad).unwrap();
    assert!(refused(&state, &[]).contains("state: line 2: not a line of a journal"));
    assert_eq!(std::fs::read(&state).unwrap(), bad);
}
