//! How connections end, and whether their accounts are right to the byte.

#![allow(clippy::unwrap_used)]

mod support;

use feedbench_record::transport::Manner;
use feedbench_record::{Scenario, Transport};
use feedbench_server::Server;
use feedbench_wire::path;
use support::{Client, Reading, config, publish, server};

/// The end of the feed as a client of any transport sees it, up to the server's FIN.
async fn read_the_end(client: &mut Client) {
    match client.reading.unwrap() {
        Reading::Array => {}
        Reading::Stream(_) => assert_eq!(client.rest().await, b"", "the last chunk and nothing before it"),
        Reading::Frames => {
            let (opcode, payload) = client.frame().await;
            assert_eq!((opcode, &payload[..2]), (0x8, 1001_u16.to_be_bytes().as_slice()));
            client.send_frame(0x8, &payload[..2]).await;
        }
    }
    assert_eq!(client.read_to_end().await, b"", "nothing but the FIN comes after the end");
}

#[tokio::test]
async fn the_end_of_the_feed_ends_every_connection_and_the_accounts_are_exact() {
    for transport in Transport::ALL {
        let server = server(Scenario::default());
        let mut client = Client::open(&server, transport, None).await;
        let texts = publish(&server, 3);
        client.expect(&texts, 1, false).await;
        assert_eq!(server.ledger().open_now(), 1);

        let (address, (sent, received)) = {
            let end = server.end();
            let client_side = async {
                read_the_end(&mut client).await;
                let counts = (client.address(), (client.sent, client.received));
                client.close();
                counts
            };
            let ((), counts) = tokio::join!(end, client_side);
            counts
        };
        let accounts = server.ledger().accounts();
        let [account] = accounts.as_slice() else { panic!("{accounts:?}") };
        assert_eq!(account.client, address);
        assert!(account.clean, "{transport}");
        assert_eq!((account.read, account.written), (sent, received), "{transport}");
        assert_eq!(account.kernel_read, Some(account.read), "{transport}");
        assert_eq!(account.kernel_written, Some(account.written), "{transport}");
        assert!(tokio::net::TcpStream::connect(server.address()).await.is_err(), "nobody is accepted any more");
    }
}

#[tokio::test]
async fn a_waiting_long_poll_is_answered_when_the_feed_ends() {
    for transport in Transport::ALL.into_iter().filter(|transport| transport.manner() == Manner::Waits) {
        let server = server(Scenario::default());
        let mut client = Client::open(&server, transport, None).await;
        let target = path::target(transport, "all", client.at, None);
        client.send(format!("GET {target} HTTP/1.1\r\nHost: test\r\n\r\n").as_bytes()).await;
        wait_until_read(&server, &client).await;
        let end = server.end();
        let client_side = async {
            let head = client.head().await;
            assert_eq!(head.field("connection"), Some("close"));
            assert_eq!(client.sized_body(&head).await, b"[]");
            assert_eq!(client.read_to_end().await, b"");
            client.close();
        };
        tokio::join!(end, client_side);
        assert!(server.ledger().accounts()[0].clean);
    }
}

#[tokio::test]
async fn who_is_in_the_queue_when_the_feed_ends_is_not_reset() {
    let server = server(Scenario::default());
    // The server runs on this thread: it accepts nobody before this blocking call returns.
    let mut socket = std::net::TcpStream::connect(server.address()).unwrap();
    let request = b"GET /polling HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
    std::io::Write::write_all(&mut socket, request).unwrap();
    let client = tokio::task::spawn_blocking(move || {
        let mut answer = Vec::new();
        std::io::Read::read_to_end(&mut socket, &mut answer).map(|_| answer.len() as u64)
    });
    server.end().await;
    let received = client.await.unwrap().expect("an end, and no reset");
    let account = server.ledger().accounts()[0];
    assert!(account.clean);
    assert_eq!((account.read, account.written), (request.len() as u64, received));
}

/// Lets the server, which runs on this thread, read what the client has sent.
async fn wait_until_read(server: &Server, client: &Client) {
    assert_eq!(server.ledger().open_now(), 1);
    let _ = client.socket.writable().await;
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_client_that_leaves_is_accounted_for_whether_by_fin_or_by_reset() {
    for transport in Transport::ALL {
        for by_fin in [true, false] {
            let server = server(Scenario::default());
            let client = Client::open(&server, transport, None).await;
            let (sent, received) = (client.sent, client.received);
            if by_fin {
                drop(client);
            } else {
                client.close();
            }
            server.ledger().all_closed().await;
            let account = server.ledger().accounts()[0];
            assert_eq!(account.clean, by_fin, "{transport}: a reset before the server's FIN cuts something off");
            if by_fin {
                assert_eq!((account.read, account.kernel_read), (sent, Some(sent)), "{transport}");
                assert!(account.written >= received);
            }
        }
    }
}

#[tokio::test]
async fn a_reset_that_comes_just_before_the_end_of_the_feed_is_not_taken_for_the_agreed_one() {
    for transport in Transport::ALL {
        let server = server(Scenario::default());
        // The server runs on this thread: it meets the reset only when it shuts down.
        Client::open(&server, transport, None).await.close();
        server.end().await;
        assert!(!server.ledger().accounts()[0].clean, "{transport}");
    }
}

#[tokio::test]
async fn a_websocket_is_closed_by_the_client_and_answers_its_pings() {
    let server = server(Scenario::default());
    let mut client = Client::open(&server, Transport::WebSocket, None).await;
    client.send_frame(0x9, b"are you there?").await;
    assert_eq!(client.frame().await, (0xa, b"are you there?".to_vec()));
    client.send_frame(0xa, b"unasked").await;
    client.send_frame(0x8, &1000_u16.to_be_bytes()).await;
    assert_eq!(client.frame().await, (0x8, 1000_u16.to_be_bytes().to_vec()));
    assert_eq!(client.read_to_end().await, b"", "the server closes first (RFC 6455 section 7.1.1)");
    let (sent, received) = (client.sent, client.received);
    client.close();
    server.ledger().all_closed().await;
    let account = server.ledger().accounts()[0];
    assert!(account.clean);
    assert_eq!((account.read, account.written), (sent, received));
}

#[tokio::test]
async fn one_connection_too_many_is_closed_and_the_others_live_on() {
    let server = Server::bind(&feedbench_server::Config { connections_max: 2, ..config(Scenario::default()) }).unwrap();
    for transport in Transport::ALL {
        let mut first = Client::open(&server, transport, None).await;
        let second = Client::open(&server, transport, None).await;
        let mut refused = Client::connect(&server, transport).await;
        assert_eq!(refused.read_to_end().await, b"");
        let newest = server.feed().topics()[0].newest().seq;
        let texts = publish(&server, 1);
        first.expect(&texts, newest + 1, false).await;
        drop((first, second, refused));
        server.ledger().all_closed().await;
    }
    assert!(server.ledger().accounts().iter().any(|account| !account.clean));
}

#[tokio::test]
async fn a_server_has_the_segments_of_its_scenario_in_both_directions() {
    let scenario = Scenario { mss_bytes: Some(1_460), ..Scenario::default() };
    let server = Server::bind(&config(scenario)).unwrap();
    let client = tokio::net::TcpStream::connect(server.address()).await.unwrap();
    let info = feedbench_wire::sys::tcp_info::read(&client).unwrap();
    assert_eq!(info.segment_bytes, 1_460 - if info.timestamps { 12 } else { 0 });
    drop(client);
    server.end().await;
}
