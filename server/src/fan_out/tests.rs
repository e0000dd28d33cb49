//! The fan-out over sockets in memory, in paused time.

#![allow(clippy::unwrap_used)]

use std::io;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::task::{Context, Poll};

use feedbench_record::Scenario;
use feedbench_record::run::SlowReaderCounts;
use feedbench_record::scenario::{Fanout, SlowReaders};
use feedbench_wire::Clock;
use feedbench_wire::event::Data;
use feedbench_wire::headers::Profile;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, ReadBuf, duplex};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Duration, Instant, advance, timeout};

use super::*;
use crate::Config;
use crate::feed::{By, Feed};
use crate::site::Site;
use crate::transport::test_speech::{self, HEARTBEAT, LAST, event};

/// A socket of the client with this number.
struct Numbered(usize, DuplexStream);

impl AsyncRead for Numbered {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.1).poll_read(cx, buf)
    }
}

impl AsyncWrite for Numbered {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.1).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.1).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.1).poll_shutdown(cx)
    }
}

/// A fan-out with what comes back from it.
struct Hall {
    site: Arc<Site>,
    fan_outs: FanOuts<Numbered>,
    left: UnboundedReceiver<Left<Numbered>>,
}

fn hall(scenario: Scenario) -> Hall {
    let config = Config {
        listen: ([127, 0, 0, 1], 0).into(),
        scenario,
        headers: Profile::default(),
        epoch: 1,
        allow_publish: false,
        connections_max: 0,
        clock: Clock::Runtime { origin: Instant::now() },
        tls: None,
        transcript: None,
        classroom: None,
    };
    let site = Arc::new(Site::of(&config, FanOuts::new(NonZeroUsize::MIN).0));
    let (fan_outs, mut queues) = FanOuts::new(NonZeroUsize::MIN);
    let (give_back, left) = unbounded_channel();
    let give_back = move |connection| give_back.send(connection).unwrap();
    tokio::spawn(run(queues.remove(0), site.feed.listen(), Arc::clone(&site), give_back));
    Hall { site, fan_outs, left }
}

impl Hall {
    fn feed(&self) -> &Feed {
        &self.site.feed
    }

    fn publish(&self, topic: usize) {
        self.feed().topics()[topic].publish(By::Program, 1, Data::Text("x")).unwrap();
    }

    /// A client of a topic, behind so many bytes of buffer.
    fn join(&self, number: usize, topic: usize, lifetime_ms: Option<u64>, buffer: usize) -> DuplexStream {
        let (near, far) = duplex(buffer);
        let topic = Arc::clone(&self.feed().topics()[topic]);
        let pushed = Pushed {
            position: topic.newest(),
            topic,
            speech: test_speech::stream(),
            silent_after: self.site.rules.heartbeat,
            lifetime: lifetime_ms.map(Duration::from_millis),
        };
        assert!(self.fan_outs.join(Joining { stream: Numbered(number, near), unread: Bytes::new(), pushed }).is_none());
        far
    }

    async fn left(&mut self) -> (usize, Next, Bytes) {
        let left = self.left.recv().await.unwrap();
        (left.stream.0, left.next, left.unread)
    }
}

/// What comes next, of so many bytes; the prologue of the stream is read and forgotten by whoever joined.
async fn read(client: &mut DuplexStream, bytes: usize) -> Vec<u8> {
    let mut read = vec![0; bytes];
    client.read_exact(&mut read).await.unwrap();
    read
}

async fn skip_opening(client: &mut DuplexStream) {
    read(client, test_speech::opening_bytes()).await;
}

fn scenario(heartbeat_ms: u64) -> Scenario {
    Scenario { heartbeat_ms, ..Scenario::default() }
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_is_due_after_every_silence_and_only_then() {
    let hall = hall(scenario(1_000));
    let start = Instant::now();
    let mut client = hall.join(0, 0, None, 1 << 16);
    skip_opening(&mut client).await;
    for second in 1..=3 {
        assert_eq!(read(&mut client, HEARTBEAT.len()).await, HEARTBEAT);
        assert_eq!(start.elapsed().as_millis(), second * 1_000);
    }
    advance(Duration::from_millis(600)).await;
    hall.publish(0);
    let expected = event(hall.feed(), 0, 1);
    assert_eq!(read(&mut client, expected.len()).await, expected);
    assert_eq!(read(&mut client, HEARTBEAT.len()).await, HEARTBEAT);
    assert_eq!(start.elapsed().as_millis(), 4_600, "a second after the event");
}

#[tokio::test(start_paused = true)]
async fn a_busy_connection_expires_too_and_its_client_has_the_next_turn() {
    let mut hall = hall(scenario(10_000));
    let mut client = hall.join(7, 0, Some(250), 1 << 16);
    skip_opening(&mut client).await;
    for seq in 1..=3 {
        hall.publish(0);
        let expected = event(hall.feed(), 0, seq);
        assert_eq!(read(&mut client, expected.len()).await, expected);
        advance(Duration::from_millis(100)).await;
    }
    hall.publish(0);
    assert_eq!(read(&mut client, LAST.len()).await, LAST, "the fourth event is not taken");
    client.write_all(b"GET ").await.unwrap();
    assert_eq!(hall.left().await, (7, Next::Http, Bytes::from_static(b"GET ")));
}

#[tokio::test(start_paused = true)]
async fn a_connection_whose_time_is_over_at_once_still_gets_on() {
    let hall = hall(scenario(10_000));
    let mut client = hall.join(0, 0, Some(0), 1 << 16);
    hall.publish(0);
    skip_opening(&mut client).await;
    let expected = [event(hall.feed(), 0, 1), LAST.to_vec()].concat();
    assert_eq!(read(&mut client, expected.len()).await, expected);
}

#[tokio::test(start_paused = true)]
async fn a_silent_connection_expires_on_time() {
    let hall = hall(scenario(200));
    let start = Instant::now();
    let mut client = hall.join(0, 0, Some(500), 1 << 16);
    skip_opening(&mut client).await;
    let expected = [HEARTBEAT, HEARTBEAT, LAST].concat();
    assert_eq!(read(&mut client, expected.len()).await, expected);
    assert_eq!(start.elapsed().as_millis(), 500);
}

#[tokio::test(start_paused = true)]
async fn everyone_gets_what_is_left_and_then_the_end() {
    let mut hall = hall(scenario(10_000));
    let mut clients: Vec<_> = (0..1_000).map(|n| hall.join(n, 0, None, 1 << 16)).collect();
    hall.publish(0);
    hall.publish(0);
    hall.feed().end();
    let events = hall.feed().topics()[0].read_after(None, crate::feed::Limits::PUSH).unwrap().cursor.seq;
    assert_eq!(events, 2);
    for client in &mut clients {
        let mut all = Vec::new();
        skip_opening(client).await;
        timeout(Duration::from_secs(1), async {
            while !all.ends_with(LAST) {
                all.push(client.read_u8().await.unwrap());
            }
        })
        .await
        .unwrap();
        let text = String::from_utf8(all).unwrap();
        assert_eq!(text.matches("\"seq\":").count(), 2);
    }
    let mut left = Vec::new();
    for _ in 0..1_000 {
        let (number, next, _) = hall.left().await;
        assert_eq!(next, Next::Close);
        left.push(number);
    }
    left.sort_unstable();
    assert!(left.into_iter().eq(0..1_000), "each once");
}

#[tokio::test(start_paused = true)]
async fn every_member_gets_every_event_although_others_leave_while_it_is_written() {
    let mut hall = hall(Scenario { fanout: Fanout::Rooms(2), ..scenario(60_000) });
    let mut clients: Vec<_> = (0..2_000).map(|n| Some(hall.join(n, n % 2, None, 1 << 16))).collect();
    for round in 1..=4 {
        // Some leave before the event, some after it, and the walk meets them in between.
        let mut gone = 0;
        for (n, client) in clients.iter_mut().enumerate() {
            if n % 7 == round && client.take().is_some() {
                gone += 1;
            }
            if n == 1_000 {
                (0..2).for_each(|topic| hall.publish(topic));
            }
        }
        for _ in 0..gone {
            assert_ne!(hall.left().await.1, Next::Http);
        }
    }
    for (n, client) in clients.iter_mut().enumerate() {
        let Some(client) = client else { continue };
        skip_opening(client).await;
        let mut text = String::new();
        while text.matches("\"seq\":").count() < 4 || !text.ends_with("}\n\r\n") {
            text.push(char::from(client.read_u8().await.unwrap()));
        }
        let seqs = text.match_indices("\"seq\":").map(|(at, _)| text[at + 6..].split(',').next().unwrap().trim());
        assert!(seqs.eq(["1", "2", "3", "4"]), "client {n}: {text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_holds_nobody_up() {
    let hall = hall(scenario(60_000));
    let stuck = hall.join(0, 0, None, 16);
    let mut client = hall.join(1, 0, None, 1 << 16);
    skip_opening(&mut client).await;
    for seq in 1..=50 {
        hall.publish(0);
        let expected = event(hall.feed(), 0, seq);
        assert_eq!(read(&mut client, expected.len()).await, expected);
    }
    drop(stuck);
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_misses_what_is_beyond_its_queue_and_it_is_counted() {
    let hall = hall(Scenario { queue_events: Some(5), ..scenario(60_000) });
    let mut client = hall.join(0, 0, None, 200);
    skip_opening(&mut client).await;
    for _ in 1..=100 {
        hall.publish(0);
        tokio::task::yield_now().await;
    }
    let mut text = String::new();
    while !text.contains("\"seq\":       100") {
        text.push(char::from(client.read_u8().await.unwrap()));
    }
    let got = text.matches("\"seq\":").count() as u64;
    let missed = hall.site.ledger.slow_readers();
    assert_eq!(missed, SlowReaderCounts { missed: 100 - got, dropped: 0 });
    assert!((6..20).contains(&got), "its queue, and what was on its way: {got}");
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_is_dropped_where_that_is_the_policy() {
    let mut hall = hall(Scenario { queue_events: Some(5), slow_readers: SlowReaders::Drop, ..scenario(60_000) });
    let mut slow = hall.join(3, 0, None, 200);
    skip_opening(&mut slow).await;
    for _ in 1..=100 {
        hall.publish(0);
        tokio::task::yield_now().await;
    }
    let mut rest = Vec::new();
    let (left, _) = tokio::join!(
        async {
            let left = hall.left.recv().await.unwrap();
            (left.stream.0, left.next)
        },
        slow.read_to_end(&mut rest)
    );
    assert_eq!(left, (3, Next::Cut));
    assert_eq!(hall.site.ledger.slow_readers(), SlowReaderCounts { missed: 0, dropped: 1 });
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_reads_is_let_go_in_time_when_the_feed_ends() {
    let mut hall = hall(scenario(60_000));
    let _stuck = hall.join(0, 0, None, 16);
    hall.publish(0);
    tokio::task::yield_now().await;
    hall.feed().end();
    let start = Instant::now();
    assert_eq!(hall.left().await.1, Next::Cut);
    assert_eq!(start.elapsed(), LAST_WORDS);
}
