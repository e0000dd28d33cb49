//! TLS through the real command: real handshakes and records, to the byte, at both ends and in the kernel.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::server::Server;
use crate::common::{
    self, Outcome, at_once, demand_integrity, demand_refusal, demand_whole, errors, feedbench, ledger,
};
use feedbench_record::ledger::Way;
use feedbench_record::transport::Manner;
use feedbench_record::{Record, Transport};

/// A record around content: header, content type, tag (bytes; RFC 8446 section 5.2).
const RECORD: u64 = 5 + 1 + 16;
/// The alert that ends TLS, in its record (bytes).
const END: u64 = 2 + RECORD;

fn run(options: &[&str]) -> Vec<Record> {
    let small = ["--clients", "8", "--rate", "20", "--interval", "200ms", "--warmup", "300ms", "--duration", "1s"];
    common::run(&[&["--tls"], &small[..], options].concat())
}

/// Nothing is lost, every byte has its layer, and every connection begins and ends as TLS does.
fn demand_whole_inside_tls(record: &Record) {
    demand_whole(record);
    let (id, connections) = (&record.id, record.bytes.loadgen.connections);
    assert!(record.scenario.tls, "{id}");
    for way in Way::ALL {
        let layers = *ledger(record).layers(way);
        assert!(layers.tls_handshake >= 200 * connections, "{id} {}: {layers:?}", way.id());
        assert!(layers.tls >= RECORD * connections, "{id} {}: {layers:?}", way.id());
    }
    let handshakes = record.histograms.tls_handshake_time.as_ref().unwrap();
    assert_eq!(handshakes.count(), connections, "{id}");
}

#[test]
fn both_kinds_of_client_lose_nothing_inside_tls_and_every_byte_has_its_layer() {
    let all = Transport::ALL.map(Transport::id).join(",");
    let (lean, reference) = (("lean", all.as_str()), ("reference", "polling,sse,websocket"));
    let of = |(client, transports)| run(&["--client", client, "--transport", transports]);
    for (records, (_, transports)) in at_once([&|| of(lean), &|| of(reference)]).iter().zip([lean, reference]) {
        assert_eq!(records.len(), transports.split(',').count());
        records.iter().for_each(demand_whole_inside_tls);
        for record in records.iter().filter(|record| record.transport.manner() != Manner::Pushed) {
            // A request is a record, and so is its answer; the last one of each end says that TLS is over.
            let (ledger, polls) = (record.bytes.loadgen.ledger.unwrap(), record.cell_polls.unwrap().total);
            let ends = END * record.bytes.loadgen.connections;
            assert!(ledger.up.tls >= RECORD * polls && ledger.up.tls <= RECORD * (polls + 8) + ends, "{}", record.id);
            assert!(ledger.down.tls >= RECORD * polls + ends, "{}", record.id);
        }
    }
}

#[test]
fn a_connection_for_each_request_costs_a_handshake_each_time_and_a_shorter_one_where_sessions_are_taken_up() {
    let close = ["--transport", "polling,long-polling", "--connection", "close"];
    let per_connection = |record: &Record| {
        demand_whole_inside_tls(record);
        let bytes = &record.bytes.loadgen;
        assert!(bytes.connections > 2 * u64::from(record.scenario.clients), "{}", record.id);
        bytes.ledger.unwrap().down.tls_handshake / bytes.connections
    };
    let full: Vec<_> = run(&close).iter().map(per_connection).collect();
    let resumed: Vec<_> = run(&[&close[..], &["--tls-resumption"]].concat()).iter().map(per_connection).collect();
    for (full, resumed) in full.iter().zip(&resumed) {
        assert!(resumed < full, "{resumed} bytes of {full}");
    }
}

#[test]
fn over_a_distance_the_handshake_takes_its_own_round_trip_beside_that_of_connecting() {
    for record in run(&["--rtt", "40ms", "--transport", "polling,sse,websocket"]) {
        demand_whole_inside_tls(&record);
        let histograms = &record.histograms;
        assert!(histograms.connect_time.min_us().unwrap() >= 40_000, "{}", record.id);
        assert!(histograms.tls_handshake_time.as_ref().unwrap().min_us().unwrap() >= 40_000, "{}", record.id);
        assert!(histograms.delivery_latency.as_ref().unwrap().min_us().unwrap() >= 20_000, "{}", record.id);
    }
}

#[test]
fn the_parts_of_a_cell_add_up_their_handshakes_and_without_tls_there_are_none() {
    let record = &run(&["--transport", "websocket", "--server-shards", "2"])[0];
    demand_whole_inside_tls(record);
    let out = tempfile::tempdir().unwrap();
    let clear = ["run", "--json", "--clients", "2", "--transport", "sse", "--warmup", "100ms", "--duration", "300ms"];
    let output = feedbench(&clear).arg("--out").arg(out.path()).output().unwrap();
    let record = &Outcome::of(&output).records[0];
    let ledger = record.bytes.loadgen.ledger.unwrap();
    assert_eq!((ledger.up.tls + ledger.up.tls_handshake, ledger.down.tls + ledger.down.tls_handshake), (0, 0));
    assert!(serde_json::to_value(record).unwrap()["histograms"].get("tls_handshake_time").is_none());
}

/// `feedbench serve --tls --no-page` on a free port, and the folder of its certificate.
struct Secured {
    server: Server,
    dir: tempfile::TempDir,
}

impl Secured {
    fn start(options: &[&str]) -> Secured {
        let dir = tempfile::tempdir().unwrap();
        let mut command = feedbench(&["serve", "--tls", "--no-page", "--listen", "127.0.0.1:0", "--rate", "20"]);
        command.arg("--write-cert").arg(dir.path().join("cert.pem")).args(options);
        Secured { server: Server::start(&mut command), dir }
    }

    fn address(&self) -> &str {
        &self.server.address
    }

    fn cert(&self) -> PathBuf {
        self.dir.path().join("cert.pem")
    }

    fn load(&self, scheme: &str, ca: Option<&Path>) -> Command {
        let mut command = feedbench(&["load", "--json", "--clients", "5", "--warmup", "200ms", "--duration", "1s"]);
        command.args(["--transport", "polling,websocket", "--target", &format!("{scheme}://{}", self.address())]);
        command.args(ca.map(|ca| ["--ca".as_ref(), ca.as_os_str()]).into_iter().flatten());
        command.arg("--out").arg(self.dir.path());
        command
    }
}

#[test]
fn a_running_server_is_measured_inside_tls_by_whoever_trusts_it() {
    let server = Secured::start(&[]);
    let records = Outcome::of(&server.load("https", Some(&server.cert())).output().unwrap()).records;
    assert_eq!(records.len(), 2);
    for record in &records {
        demand_integrity(record);
        assert!(record.scenario.tls && record.counts.delivered > 0, "{}", record.id);
        assert!(record.bytes.loadgen.ledger.unwrap().down.tls_handshake > 0, "{}", record.id);
    }
}

/// A file of a certificate that somebody else made for himself, and its key.
fn stranger(dir: &Path, name: &str) -> [PathBuf; 2] {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let paths = [dir.join(format!("{name}.pem")), dir.join(format!("{name}.key"))];
    std::fs::write(&paths[0], made.cert.pem()).unwrap();
    std::fs::write(&paths[1], made.signing_key.serialize_pem()).unwrap();
    paths
}

#[test]
fn a_server_that_is_not_to_be_trusted_is_refused_in_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let [other, _] = stranger(dir.path(), "localhost");
    let server = Secured::start(&[]);
    demand_refusal(&mut server.load("https", Some(&other)), "neither one of those that are trusted");
    demand_refusal(&mut server.load("https", Some(&dir.path().join("none.pem"))), "none.pem");
    demand_refusal(server.load("http", None).arg("--tls"), "--tls needs a target that speaks it");
    demand_refusal(&mut server.load("http", Some(&server.cert())), "--ca is for an https target");
    let [cert, key] = stranger(dir.path(), "example.org");
    let named = Secured::start(&["--cert", cert.to_str().unwrap(), "--key", key.to_str().unwrap()]);
    demand_refusal(&mut named.load("https", Some(&cert)), "not valid for name");
    let clear = TcpListening::new();
    let target = ["load", "--target", &format!("https://{}", clear.address), "--ca", cert.to_str().unwrap()];
    demand_refusal(&mut feedbench(&target), "no TLS");
}

/// Somebody who speaks HTTP in clear to whatever comes.
struct TcpListening {
    address: std::net::SocketAddr,
}

impl TcpListening {
    fn new() -> TcpListening {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for mut socket in listener.incoming().map_while(Result::ok) {
                let _ = socket.read(&mut [0; 16]);
                let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
            }
        });
        TcpListening { address }
    }
}

#[test]
fn what_does_not_belong_together_is_refused_in_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let [cert, key] = stranger(dir.path(), "one").map(|path| path.to_str().unwrap().to_owned());
    let [_, other_key] = stranger(dir.path(), "two").map(|path| path.to_str().unwrap().to_owned());
    let serve = ["serve", "--tls", "--no-page", "--listen", "127.0.0.1:0"];
    for (options, says) in [
        (&["--cert", &cert, "--key", &other_key][..], "do not belong together"),
        (&["--cert", &key, "--key", &key], "no certificate in it"),
        (&["--cert", &cert, "--key", &cert], "no private key in it"),
        (&["--cert", "/no/such.pem", "--key", &key], "/no/such.pem"),
        (&["--cert", &cert], "--key"),
    ] {
        demand_refusal(feedbench(&serve).args(options), says);
    }
    demand_refusal(&mut feedbench(&["serve", "--tls"]), "--no-page");
    demand_refusal(&mut feedbench(&["demo", "--tls"]), "--no-page");
    demand_refusal(&mut feedbench(&["serve", "--no-page", "--cert", &cert, "--key", &key]), "--tls");
}

#[test]
fn rubbish_neither_crashes_nor_stops_the_server() {
    let server = Secured::start(&[]);
    for rubbish in [&b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"[..], &[0x16, 3, 1, 0xff, 0xff, 1], &[0; 4_000]] {
        let mut socket = TcpStream::connect(server.address()).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        socket.write_all(rubbish).unwrap();
        socket.shutdown(Shutdown::Write).unwrap();
        let begun = Instant::now();
        // An alert, the end or a reset: but nothing that has to be waited for.
        let _ = socket.read_to_end(&mut Vec::new());
        assert!(begun.elapsed() < Duration::from_secs(19), "the server hangs up");
    }
    let records = Outcome::of(&server.load("https", Some(&server.cert())).output().unwrap()).records;
    records.iter().for_each(demand_integrity);
}

#[test]
fn an_independent_client_trusts_the_certificate_and_reads_the_server_s_clock() {
    let server = Secured::start(&[]);
    let url = format!("https://{}/clock", server.address());
    let curl = Command::new("curl").args(["-sS", "--http1.1", "--cacert"]).arg(server.cert()).arg(&url).output();
    match curl {
        Ok(output) => {
            assert!(output.status.success(), "{}", errors(&output));
            assert!(String::from_utf8_lossy(&output.stdout).contains("boot_id"));
        }
        Err(error) => println!("skipped: curl cannot be run ({error})"),
    }
    let openssl = Command::new("openssl")
        .args(["s_client", "-brief", "-verify_return_error", "-connect", server.address(), "-CAfile"])
        .arg(server.cert())
        .stdin(Stdio::null())
        .output();
    match openssl {
        Ok(output) => {
            let said = errors(&output);
            assert!(output.status.success() && said.contains("TLSv1.3"), "{said}");
        }
        Err(error) => println!("skipped: openssl cannot be run ({error})"),
    }
}
