//! Wrong use: one clear line that says what to do, exit status 2, nothing written, nothing left running.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;

use crate::common::{feedbench, refusal};

/// Runs the command and returns its one line.
fn refused(arguments: &[&str]) -> String {
    refusal(&feedbench(arguments).output().unwrap())
}

fn in_folder(file: &str, text: &str) -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(file);
    std::fs::write(&path, text).unwrap();
    (dir, path.to_str().unwrap().to_owned())
}

#[test]
fn a_wrong_value_is_named_with_what_would_be_right() {
    for (arguments, says) in [
        (&["--transport", "pigeon"][..], "long-polling"),
        (&["--suite", "nightly"], "default, quick"),
        (&["--clients", "0"], "at least 1"),
        (&["--clients", "many"], "1k"),
        (&["--rate=-1"], "0 (a silent feed)"),
        (&["--payload", "63"], "64 to"),
        (&["--payload", "1MiB"], "64 to"),
        (&["--clients", "10M"], "doctor"),
        (&["--interval", "0", "--transport", "long-polling,sse"], "no transport of this run is polling"),
        (&["--interval", "0", "--transport", "polling", "--connection", "close"], "--connection keep-alive"),
        (&["--interval", "0", "--transport", "polling", "--synchronised"], "take one of both"),
        (&["--interval", "soon"], "250ms"),
        (&["--duration", "0"], "at least 1ms"),
        (&["--hold", "10min"], "at most 120s"),
        (&["--recycle", "100"], "unit"),
        (&["--fanout", "rooms=0"], "rooms=N"),
        (&["--arrivals", "sometimes"], "poisson, fixed"),
        (&["--repeat", "0"], "at least 1"),
        (&["--feed", "-"], "--transport"),
        (&["--feed", "-", "--transport", "sse", "--rate", "2"], "own pace"),
        (&["--feed", "-", "--transport", "sse", "--speed", "2"], "own pace"),
        (&["--server-shards", "0"], "at least 1"),
        (&["--server-shards", "some"], "--server-shards"),
        (&["--server-shards", "21", "--clients", "20"], "at most 20"),
        (&["--server-shards", "1", "--clients", "50k"], "ulimit"),
        (&["--shard", "5/4"], "1/4 to 4/4"),
        (&["--shard", "0/4"], "1/4 to 4/4"),
        (&["--shard", "0/0"], "0 shards"),
        (&["--shard", "x"], "1/4"),
        (&["--shard", "1/-1"], "1/4"),
        (&["--shard", "1/30", "--clients", "20"], "at most 20"),
        (&["--shard", "1/2", "--clients", "50k"], "more shards"),
        (&["--shard", "1/2", "--server-shards", "2"], "--server-shards"),
        (&["--speed", "2"], "--feed"),
        (&["--feed", "earthquakes", "--speed", "0"], "greater than 0"),
        (&["--feed", "no-such-file.csv"], "no-such-file.csv"),
        (&["--suite", "no-such-file.toml"], "no-such-file.toml"),
        (&["--headers", "netscape"], "lubbers-2009, or a file"),
        (&["--headers", "no-such-file.txt"], "no-such-file.txt"),
        (&["--headers", "/"], "header profile"),
        (&["--cookie", "4"], "at least 5"),
        (&["--connection", "sometimes"], "keep-alive, close, http1.0"),
        (&["--connection", "close"], "--transport polling,long-polling"),
        (&["--connection", "http1.0", "--transport", "polling,websocket"], "websocket has one connection"),
        (
            &["--connection", "close", "--transport", "polling", "--interval", "1ms", "--clients", "1k"],
            "fewer --clients",
        ),
        (&["--slo", "200ms"], "--find-capacity"),
        (&["--find-capacity"], "--slo 200ms"),
        (&["--find-capacity", "--slo", "0"], "at least 1ms"),
        (&["--find-capacity", "--slo", "2min"], "at most 60s"),
        (&["--find-capacity", "--slo", "soon"], "250ms"),
        (&["--find-capacity", "latency", "--slo", "1s"], "clients, rate"),
        (&["--find-capacity", "--slo", "200ms"], "take --interval 100ms, --slo 2000ms"),
        (&["--find-capacity", "--slo", "2s", "--interval", "0"], "closed workload"),
        (&["--find-capacity", "--slo", "2s", "--clients", "10,20"], "one number of clients"),
        (&["--find-capacity", "--slo", "2s", "--repeat", "3"], "leave --repeat out"),
        (&["--find-capacity", "rate", "--slo", "2s", "--feed", "earthquakes"], "give it one with --rate"),
        (&["--cookie", "16KiB"], "16384 bytes"),
        (&["--headers", "chromium", "--cookie", "15.5KiB"], "--cookie is less"),
        (&["--no-such-option"], "--no-such-option"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("results");
        let line = refused(&[&["run", "--out", out.to_str().unwrap()], arguments].concat());
        assert!(line.contains(says), "{arguments:?} says: {line}");
        assert!(!out.exists(), "{arguments:?} left something behind");
    }
}

#[test]
fn a_replay_file_is_refused_with_the_line_that_is_wrong() {
    for (file, text, says) in [
        ("empty.csv", "", "no event"),
        ("broken.ndjson", "{\"time\":1}\n{\"time\":\n", "line 2"),
        ("backwards.ndjson", "{\"time\":20}\n{\"time\":10}\n", "line 2"),
    ] {
        let (_dir, path) = in_folder(file, text);
        let line = refused(&["run", "--feed", &path]);
        assert!(line.contains(says) && line.contains(file), "{line}");
    }
    let (_dir, path) = in_folder("timeless.ndjson", "{\"price\":1}\n{\"price\":2}\n");
    assert!(refused(&["run", "--feed", &path]).contains("--rate"));
}

#[test]
fn a_wrong_header_profile_is_refused_with_its_line() {
    for (text, line, says) in [
        ("[polling]\nHost: {host}\nno field\n", "line 3", "Name: value"),
        ("[polling]\nHost: {host}\n\n# length\nContent-Length: 5\n", "line 5", "framing"),
        ("[polling]\nHost: {host}\nTransfer-Encoding: chunked\n", "line 3", "framing"),
        ("[polling]\nHost: {host}\nConnection: close\n", "line 3", "--connection"),
        ("[polling]\nHost: {host}\nLast-Event-ID: 7\n", "line 3", "{last-event-id}"),
        ("[pigeon]\nHost: {host}\n", "line 1", "pigeon"),
        ("[polling]\nAccept: */*\n", "line 1", "Host"),
    ] {
        let (_dir, path) = in_folder("mine.txt", text);
        let told = refused(&["run", "--headers", &path]);
        assert!(told.contains("mine.txt") && told.contains(line) && told.contains(says), "{told}");
    }
    let (_dir, path) = in_folder("mine.txt", "[polling]\nHost: {host}\n");
    let told = refused(&["run", "--headers", &path, "--transport", "polling,sse"]);
    assert!(told.contains("no section for sse") && told.contains("--transport"), "{told}");
    std::fs::write(&path, [0xff, 0xfe]).unwrap();
    assert!(refused(&["run", "--headers", &path]).contains("mine.txt"));
}

#[test]
fn a_server_alone_has_answers_and_no_requests() {
    assert!(refused(&["serve", "--headers", "chromium"]).contains("[answer]"));
    assert!(refused(&["serve", "--cookie", "500"]).contains("--cookie"));
    assert!(refused(&["serve", "--connection", "close"]).contains("--connection"));
}

#[test]
fn a_wrong_suite_file_is_refused_with_its_line() {
    let (_dir, path) = in_folder("mine.toml", "name = \"mine\"\nabout = \"x\"\n[scenario]\nclints = 3\n");
    let line = refused(&["run", "--suite", &path]);
    assert!(line.contains("line 4") && line.contains("clints"), "{line}");
    let (_dir, path) = in_folder("mine.toml", "name = \"mine\"\nabout = \"x\"\nbeyond_limits = \"guess\"\n");
    let line = refused(&["run", "--suite", &path]);
    assert!(line.contains("line 3") && line.contains("reduce"), "{line}");
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let (_dir, path) = in_folder("file", "a file is no folder");
    let line = refused(&["run", "--out", &path]);
    assert!(line.contains(&path) && line.contains("--out"), "{line}");
}

#[test]
fn a_busy_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let line = refused(&["serve", "--listen", &address]);
    assert!(line.contains(&address) && line.contains("another address or port"), "{line}");
}

#[test]
fn a_target_that_cannot_be_reached_is_named() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let line = refused(&["load", "--transport", "sse", "--target", &format!("http://{free}")]);
    assert!(line.contains(&free.to_string()) && line.contains("feedbench serve"), "{line}");
    assert!(refused(&["load", "--target", "ftp://127.0.0.1"]).contains("http://"));
    assert!(refused(&["load", "--transport", "sse"]).contains("--target"));
}

#[test]
fn a_target_that_is_not_feedbench_is_named() {
    for answer in ["HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", "SSH-2.0-OpenSSH_9.2p1\r\n"] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            assert!(socket.read(&mut [0; 1024]).unwrap() > 0);
            socket.write_all(answer.as_bytes()).unwrap();
        });
        let line = refused(&["load", "--transport", "sse", "--target", &format!("http://{address}")]);
        assert!(line.contains("not a feedbench server"), "{line}");
        server.join().unwrap();
    }
}

#[test]
fn a_report_needs_records() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().to_str().unwrap();
    assert!(refused(&["report", folder]).contains(folder));
    assert!(refused(&["report", "no/such/folder"]).contains("no/such/folder"));
    std::fs::create_dir(Path::new(folder).join("records")).unwrap();
    std::fs::write(Path::new(folder).join("records/001.json"), "{\"schema\":1,").unwrap();
    assert!(refused(&["report", folder]).contains("001.json"));
}
