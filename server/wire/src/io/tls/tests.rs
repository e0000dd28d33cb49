//! Both ends over a pipe: what they say of the same bytes.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use feedbench_record::ledger::{Layer, Ledger, Way};
use feedbench_record::scenario::Protocol;
use proptest::prelude::*;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream};

use super::{Acceptor, Connector, Failed, Identity, Tls, TlsError, Trust};
use crate::clock::Clock;
use crate::io::{self, Counted, End, Link, Meter, Stack};

const REQUEST: &[u8] = b"GET /polling HTTP/1.1\r\nHost: a\r\n\r\n";
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]";
const LIMIT: Duration = Duration::from_secs(10);

fn identity() -> Identity {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    Identity { certificates: made.cert.pem(), key: made.signing_key.serialize_pem() }
}

fn trust(identity: &Identity, name: &str) -> Trust {
    Trust { certificates: identity.certificates.clone(), name: name.to_owned() }
}

fn ends(resumption: bool) -> (Connector, Acceptor) {
    let identity = identity();
    let acceptor = Acceptor::new(&identity, resumption).unwrap();
    (Connector::new(&trust(&identity, "localhost"), Protocol::Http1).unwrap(), acceptor)
}

fn below(socket: DuplexStream, end: End) -> (Link<Counted<DuplexStream>>, Meter) {
    let meter = Meter::new(Clock::Runtime { origin: tokio::time::Instant::now() }, end);
    (io::link(socket, &meter, None), meter)
}

/// What both ends do with their streams; each gives its meter and the bytes it counted.
async fn over(
    ends: &(Connector, Acceptor),
    pipe: usize,
    client: impl AsyncFnOnce(&mut Stack<DuplexStream>),
    server: impl AsyncFnOnce(&mut Stack<DuplexStream>),
) -> [Meter; 2] {
    let (near, far) = tokio::io::duplex(pipe);
    let ((near, client_meter), (far, server_meter)) = (below(near, End::Client), below(far, End::Server));
    let connect = async {
        let tls = ends.0.connect(near, &client_meter, LIMIT).await.unwrap();
        let mut stack = io::stack(tls, &client_meter, None);
        client(&mut stack).await;
        stack.get_mut().ended().await.unwrap();
    };
    let accept = async {
        let tls = ends.1.accept(far, &server_meter, LIMIT).await.unwrap();
        assert_eq!(tls.protocol(), Some(Protocol::Http1));
        let mut stack = io::stack(tls, &server_meter, None);
        server(&mut stack).await;
        stack.get_mut().ended().await.unwrap();
    };
    tokio::join!(connect, accept);
    [client_meter, server_meter]
}

/// Polls `times` times and closes, the server first.
async fn polls(ends: &(Connector, Acceptor), pipe: usize, pieces: &[usize], times: usize) -> [Meter; 2] {
    let client = async |stack: &mut Stack<DuplexStream>| {
        let mut told = Vec::new();
        for _ in 0..times {
            // Side by side: a server whose tickets do not fit the pipe reads no request before they are read.
            let (mut read, mut write) = tokio::io::split(&mut *stack);
            let answer = read_in(&mut read, &mut told, ANSWER.len(), pieces);
            tokio::join!(write_in(&mut write, REQUEST, pieces), answer);
        }
        assert_eq!(told, ANSWER.repeat(times));
        assert_eq!(stack.read(&mut [0; 1]).await.unwrap(), 0);
        stack.shutdown().await.unwrap();
    };
    let server = async |stack: &mut Stack<DuplexStream>| {
        let mut heard = Vec::new();
        for _ in 0..times {
            read_in(stack, &mut heard, REQUEST.len(), pieces).await;
            write_in(stack, ANSWER, pieces).await;
        }
        stack.shutdown().await.unwrap();
        assert_eq!(stack.read(&mut [0; 1]).await.unwrap(), 0);
        assert_eq!(heard, REQUEST.repeat(times));
    };
    over(ends, pipe, client, server).await
}

async fn write_in(stack: &mut (impl AsyncWrite + Unpin), mut bytes: &[u8], pieces: &[usize]) {
    for &piece in pieces.iter().cycle() {
        let (now, later) = bytes.split_at(piece.min(bytes.len()));
        stack.write_all(now).await.unwrap();
        bytes = later;
        if bytes.is_empty() {
            return stack.flush().await.unwrap();
        }
    }
}

async fn read_in(stack: &mut (impl AsyncRead + Unpin), into: &mut Vec<u8>, count: usize, pieces: &[usize]) {
    let end = into.len() + count;
    for &piece in pieces.iter().cycle() {
        let mut buffer = vec![0; piece.min(end - into.len())];
        let n = stack.read(&mut buffer).await.unwrap();
        into.extend_from_slice(&buffer[..n]);
        if into.len() == end {
            return;
        }
    }
}

/// Both ends agree on every layer, and the layers are the bytes.
fn agreed([client, server]: &[Meter; 2]) -> Ledger {
    let (ours, theirs) = (client.ledger(), server.ledger());
    assert_eq!(ours, theirs);
    assert_eq!((ours.total(Way::Up), ours.total(Way::Down)), (client.counts().written(), client.counts().read()));
    assert_eq!((ours.total(Way::Up), ours.total(Way::Down)), (server.counts().read(), server.counts().written()));
    assert_eq!((ours.up.unclassified, ours.down.unclassified), (0, 0));
    ours
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn however_the_bytes_are_split_both_ends_find_the_same_handshake_and_the_same_records(
        // A handshake reads nothing while it has something to write: a pipe must hold a change_cipher_spec of 6 bytes.
        pipe in 6usize..6_000,
        pieces in proptest::collection::vec(1usize..80, 1..6),
        resumption: bool,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let ledger = agreed(&polls(&ends(resumption), pipe, &pieces, 3).await);
            assert_eq!(ledger.up.request_headers, 3 * REQUEST.len() as u64);
            assert_eq!(ledger.empty_polls.count, 3);
            let content = ledger.up.request_headers;
            assert_eq!(ledger.up.tls_handshake + ledger.up.tls + content, ledger.total(Way::Up));
            assert!(ledger.up.tls_handshake > 200 && ledger.down.tls_handshake > 500);
        });
    }
}

#[tokio::test]
async fn a_record_costs_22_bytes_and_the_end_24() {
    // The header, the content type and the tag (RFC 8446 section 5.2); an alert has two bytes.
    let ledger = agreed(&polls(&ends(false), 6_000, &[1_000], 5).await);
    assert_eq!((ledger.up.tls, ledger.down.tls), (5 * 22 + 24, 5 * 22 + 24));
}

#[tokio::test]
async fn tickets_belong_to_the_handshake_whenever_they_are_read() {
    let with = agreed(&polls(&ends(true), 6_000, &[1_000], 1).await);
    let without = agreed(&polls(&ends(false), 6_000, &[1_000], 1).await);
    assert!(with.down.tls_handshake > without.down.tls_handshake + 200, "two tickets");
    assert_eq!((with.down.tls, with.up.tls), (without.down.tls, without.up.tls));
}

#[tokio::test]
async fn a_direction_without_content_is_all_handshake() {
    let say_nothing = async |stack: &mut Stack<DuplexStream>| {
        stack.shutdown().await.unwrap();
        assert_eq!(stack.read(&mut [0; 1]).await.unwrap(), 0);
    };
    let ledger = agreed(&over(&ends(true), 6_000, say_nothing, say_nothing).await);
    for way in Way::ALL {
        assert_eq!(ledger.layers(way).get(Layer::TlsHandshake), ledger.total(way));
    }
}

#[tokio::test]
async fn a_client_takes_up_its_own_session_and_nobody_else_s() {
    let (connector, acceptor) = ends(true);
    let (one, other) = (connector.apart(), connector.apart());
    let mut downs = Vec::new();
    for client in [&one, &one, &other, &connector, &connector] {
        let meters = polls(&(client.clone(), acceptor.clone()), 6_000, &[1_000], 1).await;
        downs.push(agreed(&meters).down.tls_handshake);
    }
    let [first, again, of_another, forgetful, forgetful_again] = downs[..] else { panic!("{downs:?}") };
    assert!(again + 300 < first, "no certificate the second time: {downs:?}");
    for full in [of_another, forgetful, forgetful_again] {
        assert!(full.abs_diff(first) < 20, "a signature's length is all that differs: {downs:?}");
    }
}

#[tokio::test]
async fn without_resumption_there_is_no_ticket_and_the_second_handshake_is_as_long_as_the_first() {
    let (connector, acceptor) = ends(false);
    let ends = (connector.apart(), acceptor);
    let first = agreed(&polls(&ends, 6_000, &[1_000], 1).await).down.tls_handshake;
    let again = agreed(&polls(&ends, 6_000, &[1_000], 1).await).down.tls_handshake;
    assert!(again.abs_diff(first) < 20, "{first} {again}");
}

#[tokio::test]
async fn what_a_writer_did_not_flush_goes_out_while_it_waits_for_an_answer() {
    let long = vec![b'x'; 40_000];
    let client = async |stack: &mut Stack<DuplexStream>| {
        stack.write_all(&long).await.unwrap();
        assert_eq!(stack.read(&mut [0; 1]).await.unwrap(), 1);
        stack.shutdown().await.unwrap();
        assert_eq!(stack.read(&mut [0; 1]).await.unwrap(), 0);
    };
    let server = async |stack: &mut Stack<DuplexStream>| {
        let mut heard = vec![0; long.len()];
        stack.read_exact(&mut heard).await.unwrap();
        assert_eq!(heard, long);
        stack.write_all(b"y").await.unwrap();
        assert_eq!(stack.read(&mut [0; 1]).await.unwrap(), 0);
        stack.shutdown().await.unwrap();
    };
    over(&ends(false), 100, client, server).await;
}

/// Both ends of a handshake that must fail: the ledger of each, and what the client and the server say.
async fn fails(connector: Connector, acceptor: Acceptor) -> (Ledger, Ledger, String) {
    let (near, far) = tokio::io::duplex(6_000);
    let ((near, client), (far, server)) = (below(near, End::Client), below(far, End::Server));
    let connect = async {
        let mut failed = connector.connect(near, &client, LIMIT).await.unwrap_err();
        failed.stream.shutdown().await.unwrap();
        let mut stack = io::stack(failed.stream, &client, None);
        assert_eq!(stack.read(&mut [0; 1]).await.unwrap(), 0);
        failed.error.to_string()
    };
    let accept = async {
        let stream = match acceptor.accept(far, &server, LIMIT).await {
            Ok(stream) => stream,
            Err(failed) => failed.stream,
        };
        let mut stack = io::stack(stream, &server, None);
        stack.shutdown().await.unwrap();
        let _ = stack.read(&mut [0; 1]).await;
        stack.get_mut().ended().await.unwrap();
    };
    let (said, ()) = tokio::join!(connect, accept);
    assert_eq!(client.ledger().total(Way::Up), client.counts().written());
    (client.ledger(), server.ledger(), said)
}

#[tokio::test]
async fn a_server_that_is_not_trusted_or_has_another_name_is_refused_and_all_of_it_was_handshake() {
    let (ours, theirs) = (identity(), identity());
    for (trust, says) in [(trust(&ours, "localhost"), "certificate"), (trust(&theirs, "example.org"), "example.org")] {
        let connector = Connector::new(&trust, Protocol::Http1).unwrap();
        let (client, server, said) = fails(connector, Acceptor::new(&theirs, false).unwrap()).await;
        assert!(said.contains(says), "{said}");
        assert_eq!(client, server);
        for way in Way::ALL {
            assert_eq!(client.layers(way).tls_handshake, client.total(way));
        }
    }
}

#[tokio::test]
async fn whatever_a_peer_says_a_server_is_done_with_it_in_time() {
    tokio::time::pause();
    let (_, acceptor) = ends(false);
    for said in
        [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0x16, 3, 1, 0xff, 0xff], &[0x16, 3, 1, 0, 4, 1, 0, 0, 0], &[0; 300], b""]
    {
        let (mut near, far) = tokio::io::duplex(6_000);
        let (far, meter) = below(far, End::Server);
        near.write_all(said).await.unwrap();
        let Err(failed) = acceptor.accept(far, &meter, LIMIT).await else { panic!("{said:?} is no TLS") };
        let Failed { stream, .. } = failed;
        let mut stack = io::stack(stream, &meter, None);
        near.shutdown().await.unwrap();
        assert_eq!(stack.read(&mut [0; 1]).await.unwrap(), 0);
        assert_eq!(meter.ledger().up.tls_handshake, said.len() as u64);
        assert!(stack.write(b"x").await.is_err());
    }
}

#[test]
fn a_certificate_and_a_key_must_belong_together() {
    let (ours, theirs) = (identity(), identity());
    let with = |certificates: &str, key: &str| {
        let identity = Identity { certificates: certificates.to_owned(), key: key.to_owned() };
        Acceptor::new(&identity, false).unwrap_err()
    };
    assert!(matches!(with(&ours.certificates, &theirs.key), TlsError::Mismatch));
    assert!(matches!(with("", &ours.key), TlsError::NoCertificate));
    assert!(matches!(with("-----BEGIN CERTIFICATE-----\n", &ours.key), TlsError::NoCertificate));
    assert!(matches!(with(&ours.certificates, ""), TlsError::NoKey));
    assert!(!format!("{ours:?}").contains("PRIVATE"), "a key is not shown");
}

#[tokio::test]
async fn in_clear_nothing_is_added_and_there_is_no_protocol() {
    let (near, mut far) = tokio::io::duplex(100);
    let (link, meter) = below(near, End::Client);
    let tls = Tls::clear(link);
    assert_eq!(tls.protocol(), None);
    let mut stack = io::stack(tls, &meter, None);
    stack.write_all(REQUEST).await.unwrap();
    far.read_exact(&mut [0; REQUEST.len()]).await.unwrap();
    assert_eq!((meter.ledger().up.total(), meter.ledger().up.tls), (REQUEST.len() as u64, 0));
}

#[test]
fn a_stream_in_clear_is_no_larger_for_tls() {
    type Below = Link<Counted<crate::io::Socket>>;
    assert_eq!(size_of::<Tls<Below>>(), size_of::<Below>());
}
