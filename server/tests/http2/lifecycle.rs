//! How streams and connections end, and whether their accounts are right to the byte.

use feedbench_record::scenario::{PAYLOAD_MAX_BYTES, SlowReaders};
use feedbench_record::transport::Manner;
use feedbench_record::{Scenario, Transport};
use feedbench_server::Server;
use feedbench_server::feed::{By, Feed};
use feedbench_wire::event::Data;
use feedbench_wire::io::Socket;
use feedbench_wire::path;
use h2::Reason;
use hyper::Request;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::client::Client;
use crate::follower::Follower;
use crate::support::{config, cursor, publish, server};
use crate::{PATIENCE, holders, pushed, until};

#[tokio::test]
async fn the_end_of_the_feed_ends_every_stream_and_the_account_is_exact() {
    for transport in Transport::ALL {
        let server = server(Scenario::default());
        let client = Client::connect(&server).await;
        let mut follower = Follower::open(&client, transport, None).await;
        let texts = publish(&server, 3);
        follower.expect(&client, &texts).await;
        let address = client.address;
        let client_side = async {
            if let Some(answer) = follower.answer.as_mut().filter(|_| transport != Transport::WebSocket) {
                assert_eq!(answer.rest().await, b"", "{transport}: an end, and no reset");
            } else if transport == Transport::WebSocket {
                let (opcode, payload) = follower.message().await;
                assert_eq!((opcode, &payload[..2]), (0x8, 1001_u16.to_be_bytes().as_slice()));
                follower.say(0x8, &payload[..2]);
                assert_eq!(follower.answer.as_mut().unwrap().rest().await, b"");
            }
            drop(follower);
            client.stay().await
        };
        let ((), (sent, received)) = tokio::join!(server.end(), client_side);
        let accounts = server.ledger().accounts();
        let [account] = accounts.as_slice() else { panic!("{accounts:?}") };
        assert_eq!(account.client, address);
        assert!(account.clean, "{transport}");
        assert_eq!((account.read, account.written), (sent, received), "{transport}");
        assert_eq!(account.kernel_read, Some(account.read), "{transport}");
        assert_eq!(account.kernel_written, Some(account.written), "{transport}");
        assert_eq!((account.ledger_read, account.ledger_written), (sent, received), "{transport}");
    }
}

#[tokio::test]
async fn a_held_request_is_answered_when_the_feed_ends() {
    let server = server(Scenario::default());
    let client = Client::connect(&server).await;
    let before = holders(&server);
    let target = path::target(Transport::LongPolling, "all", Some(cursor(0)), None);
    let client_side = async {
        let mut answer = client.get(&target).await;
        assert_eq!(answer.rest().await, b"[]");
        drop(answer);
        client.stay().await;
    };
    let server_side = async {
        until("the request is held", || holders(&server) > before).await;
        server.end().await;
    };
    tokio::join!(client_side, server_side);
    assert!(server.ledger().accounts()[0].clean);
}

#[tokio::test]
async fn a_connection_that_its_client_leaves_is_accounted_for_to_the_byte() {
    for transport in Transport::ALL {
        let server = server(Scenario::default());
        let client = Client::connect(&server).await;
        let mut follower = Follower::open(&client, transport, None).await;
        let texts = publish(&server, 3);
        follower.expect(&client, &texts).await;
        drop(follower);
        let (sent, received) = client.leave().await;
        server.ledger().all_closed().await;
        let account = server.ledger().accounts()[0];
        assert!(account.clean, "{transport}");
        assert_eq!((account.read, account.kernel_read), (sent, Some(sent)), "{transport}");
        assert_eq!(account.kernel_written, Some(account.written), "{transport}");
        assert_eq!(account.written, received, "{transport}");
    }
}

#[tokio::test]
async fn a_reset_by_the_client_frees_its_place_and_nobody_elses() {
    for transport in Transport::ALL {
        let server = server(Scenario::default());
        let client = Client::connect(&server).await;
        let mut other = Follower::open(&client, Transport::Sse, None).await;
        let before = holders(&server);
        match transport.manner() {
            Manner::Asks => continue,
            Manner::Waits => {
                let target = format!("http://test{}", path::target(transport, "all", None, Some(60_000)));
                let mut send = client.send.clone().ready().await.unwrap();
                let (answer, mut stream) = send.send_request(Request::get(target).body(()).unwrap(), true).unwrap();
                until("it is held", || holders(&server) > before).await;
                stream.send_reset(Reason::CANCEL);
                drop(answer);
            }
            // Whoever drops the body resets the stream.
            Manner::Pushed => drop(Follower::open(&client, transport, None).await),
        }
        until("its place is free", || holders(&server) == before).await;
        let texts = publish(&server, 2);
        other.expect(&client, &texts).await;
    }
}

#[tokio::test]
async fn a_slow_reader_is_dropped_by_a_reset_of_its_stream_alone() {
    let long = "x".repeat(PAYLOAD_MAX_BYTES as usize / 4);
    let slow_readers = SlowReaders::Drop;
    let scenario =
        Scenario { payload_bytes: PAYLOAD_MAX_BYTES, queue_events: Some(10), slow_readers, ..Scenario::default() };
    for transport in pushed() {
        let server = server(scenario.clone());
        let client = Client::connect(&server).await;
        let mut slow = Follower::open(&client, transport, None).await;
        let Some(_) = slow.framing() else { continue };
        // It does not read, and so grants its stream no window; when it does, it is too late.
        for _ in 0..100 {
            server.feed().topics()[0].publish(By::Program, 1, Data::Text(&long)).unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        let answer = slow.answer.as_mut().unwrap();
        let error = loop {
            match answer.frame().await.expect("an end would say that nothing is missing") {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert_eq!(error.reason(), Some(Reason::CANCEL), "{transport}");
        assert_eq!(server.ledger().slow_readers().dropped, 1);
        assert_eq!(client.get("/polling").await.status(), 200, "the connection lives on");
    }
}

#[tokio::test]
async fn a_websocket_is_closed_by_the_client_and_answers_its_pings() {
    let server = server(Scenario::default());
    let client = Client::connect(&server).await;
    let before = holders(&server);
    let mut follower = Follower::open(&client, Transport::WebSocket, None).await;
    follower.say(0x9, b"are you there?");
    assert_eq!(follower.message().await, (0xa, b"are you there?".to_vec()));
    follower.say(0x8, &1000_u16.to_be_bytes());
    assert_eq!(follower.message().await, (0x8, 1000_u16.to_be_bytes().to_vec()));
    assert_eq!(follower.answer.as_mut().unwrap().rest().await, b"", "the end of the stream, as of a connection");
    // One that just ends its side is let go, too.
    let mut follower = Follower::open(&client, Transport::WebSocket, None).await;
    follower.speaks.as_mut().unwrap().send_data(bytes::Bytes::new(), true).unwrap();
    assert_eq!(follower.answer.as_mut().unwrap().rest().await, b"");
    until("both have left", || holders(&server) == before).await;
    assert_eq!(client.get("/polling").await.status(), 200, "the connection lives on");
}

#[tokio::test]
async fn what_breaks_the_protocol_ends_its_connection_and_no_other_one() {
    let server = server(Scenario::default());
    let client = Client::connect(&server).await;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    for garbage in [
        b"GET / HTTP/1.1\r\n\r\n".as_slice(),
        // A frame longer than was agreed; DATA on no stream; a header block that is none.
        &[&settings[..], &[0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1]].concat(),
        &[&settings[..], &[0, 0, 1, 0, 0, 0, 0, 0, 0, b'x']].concat(),
        &[&settings[..], &[0, 0, 2, 1, 5, 0, 0, 0, 1, 0xff, 0xff]].concat(),
    ] {
        let mut socket = TcpStream::connect(server.address()).await.unwrap();
        socket.write_all(&[preface, garbage].concat()).await.unwrap();
        let mut answer = Vec::new();
        timeout(PATIENCE, socket.read_to_end(&mut answer)).await.expect("it is closed").unwrap();
        // The last frame is GOAWAY (type 7) with an error.
        let goaway = answer.windows(9).rposition(|frame| frame[3..] == [7, 0, 0, 0, 0, 0]).expect("a GOAWAY");
        assert_ne!(answer[goaway + 13..goaway + 17], [0; 4], "{garbage:?}");
        drop(socket);
    }
    until("they are over", || server.ledger().open_now() == 1).await;
    assert_eq!(client.get("/polling").await.status(), 200);
}

#[tokio::test]
async fn a_preface_that_is_never_finished_is_waited_for_no_longer_than_the_feed_lives() {
    let server = server(Scenario::default());
    let mut silent = TcpStream::connect(server.address()).await.unwrap();
    let mut halfway = TcpStream::connect(server.address()).await.unwrap();
    halfway.write_all(b"PRI * HTTP/2.0\r\n\r\n").await.unwrap();
    until("both are there", || server.ledger().open_now() == 2).await;
    let clients = async {
        for socket in [&mut silent, &mut halfway] {
            let mut answer = Vec::new();
            socket.read_to_end(&mut answer).await.unwrap();
            assert_eq!(answer, b"");
            socket.shutdown().await.unwrap();
        }
    };
    tokio::join!(server.end(), clients);
    let accounts = server.ledger().accounts();
    assert_eq!(accounts.iter().map(|account| account.read).sum::<u64>(), 18);
    assert!(accounts.iter().all(|account| account.clean && account.kernel_read == Some(account.read)));
}

#[tokio::test]
async fn a_connection_that_somebody_else_accepted_is_served_like_any_other() {
    let config = config(Scenario::default());
    let server = Server::without_listener(&config, Feed::of(&config.scenario, config.epoch));
    let (near, mut far) = tokio::io::duplex(1 << 16);
    server.serve(Socket::simulated(near), ([192, 0, 2, 1], 7).into());
    far.write_all(b"GET /polling HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    far.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"));
    drop(far);
    server.end().await;
    let account = server.ledger().accounts()[0];
    assert_eq!(account.client, ([192, 0, 2, 1], 7).into());
    assert_eq!((account.written, account.kernel_written), (answer.len() as u64, None));
}
