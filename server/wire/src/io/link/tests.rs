//! Exact in paused time: the runtime's clock moves only when everybody waits, by whole milliseconds here.
#![allow(clippy::unwrap_used)]

mod network;

use std::time::Duration;

use proptest::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::runtime::Handle;
use tokio::time::{advance, sleep, timeout};

use super::*;

/// The peer's socket never makes anybody wait.
const SOCKET_BYTES: usize = 4 << 20;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// The accepted end behind its link, the peer, and the instant of the connection.
fn connect(rtt_ms: u64) -> (Link<DuplexStream>, DuplexStream, Distance, Instant) {
    let (near, far) = duplex(SOCKET_BYTES);
    let distance = Distance::new(ms(rtt_ms));
    (Link::over(near, Some(distance.clone())), far, distance, Instant::now())
}

/// The same, past its handshake.
async fn connected(rtt_ms: u64) -> (Link<DuplexStream>, DuplexStream, Distance, Instant) {
    let (link, peer, distance, _) = connect(rtt_ms);
    advance(ms(2 * rtt_ms)).await;
    (link, peer, distance, Instant::now())
}

/// Reads to the end: each read with its instant since the start (ms).
async fn read_to_end(mut stream: impl AsyncRead + Unpin, start: Instant) -> (Vec<(u128, Vec<u8>)>, u128) {
    let mut reads = Vec::new();
    loop {
        let mut bytes = vec![0; 4096];
        let n = stream.read(&mut bytes).await.unwrap();
        if n == 0 {
            return (reads, start.elapsed().as_millis());
        }
        bytes.truncate(n);
        reads.push((start.elapsed().as_millis(), bytes));
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_connection_costs_a_round_trip_and_its_first_request_another() {
    let (mut link, mut peer, _, start) = connect(100);
    peer.write_all(b"ask").await.unwrap();
    link.read_exact(&mut [0; 3]).await.unwrap();
    assert_eq!(start.elapsed(), ms(150));
    link.write_all(b"answer").await.unwrap();
    peer.read_exact(&mut [0; 6]).await.unwrap();
    assert_eq!(start.elapsed(), ms(200));

    peer.write_all(b"ask").await.unwrap();
    link.read_exact(&mut [0; 3]).await.unwrap();
    link.write_all(b"answer").await.unwrap();
    peer.read_exact(&mut [0; 6]).await.unwrap();
    assert_eq!(start.elapsed(), ms(300));
}

/// The connecting end behind its link, the peer, and the instant of the connection.
fn connecting(rtt_ms: u64) -> (Link<DuplexStream>, DuplexStream, Instant) {
    let (near, far) = duplex(SOCKET_BYTES);
    (Link::connected(near, Some(Distance::new(ms(rtt_ms)))), far, Instant::now())
}

#[tokio::test(start_paused = true)]
async fn at_the_connecting_end_a_request_and_its_answer_take_a_round_trip() {
    let (mut link, mut peer, start) = connecting(100);
    for at in [100, 200] {
        link.write_all(b"ask").await.unwrap();
        peer.read_exact(&mut [0; 3]).await.unwrap();
        assert_eq!(start.elapsed(), ms(at - 50));
        peer.write_all(b"answer").await.unwrap();
        link.read_exact(&mut [0; 6]).await.unwrap();
        assert_eq!(start.elapsed(), ms(at));
    }
}

#[tokio::test(start_paused = true)]
async fn to_cross_takes_half_a_round_trip() {
    let start = Instant::now();
    Distance::new(ms(100)).cross(Way::Up).await;
    assert_eq!(start.elapsed(), ms(50));
}

#[tokio::test(start_paused = true)]
async fn what_was_written_has_departed_once_it_was_passed_on_or_cannot_be() {
    let (mut link, mut peer, start) = connecting(100);
    link.departed().await;
    link.write_all(b"ask").await.unwrap();
    assert_eq!(start.elapsed(), ms(0));
    link.departed().await;
    assert_eq!((peer.read(&mut [0; 8]).await.unwrap(), start.elapsed()), (3, ms(50)));
    drop(peer);
    link.write_all(b"ask").await.unwrap();
    // The way there, and the way back of the news.
    link.departed().await;
    assert_eq!(start.elapsed(), ms(150));
    Link::connected(Calls::default(), None).departed().await;
}

/// Real time: it asks for bounds that hold however late the machine is.
#[tokio::test]
async fn an_exact_distance_moves_nothing_early_and_counts_what_was_due_in_the_window() {
    let (near, mut peer) = duplex(64);
    let distance = Distance::exact(Path { rtt: ms(2), ..Path::default() }).unwrap();
    assert_eq!(Distance::new(ms(2)).errors(), None);
    let mut link = Link::connected(near, Some(distance.clone()));
    for measured in [false, true] {
        if measured {
            let now = Instant::now();
            distance.measure(now..now + ms(3_600_000));
        }
        for _ in 0..10 {
            let start = Instant::now();
            link.write_all(b"ask").await.unwrap();
            peer.read_exact(&mut [0; 3]).await.unwrap();
            peer.write_all(b"answer").await.unwrap();
            link.read_exact(&mut [0; 6]).await.unwrap();
            assert!(start.elapsed() >= ms(2));
        }
        assert_eq!(distance.errors().unwrap().count(), if measured { 20 } else { 0 });
    }
    assert_eq!(distance.errors().unwrap().outside(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_request_after_the_handshake_takes_half_a_round_trip() {
    let (mut link, mut peer, _, start) = connect(100);
    let ask = async {
        sleep(ms(110)).await;
        peer.write_all(b"ask").await.unwrap();
    };
    let mut heard = [0; 8];
    let (_, read) = tokio::join!(ask, link.read(&mut heard));
    assert_eq!((read.unwrap(), start.elapsed()), (3, ms(160)));
}

#[tokio::test(start_paused = true)]
async fn who_speaks_first_is_heard_after_the_handshake() {
    let (mut link, mut peer, _, start) = connect(100);
    link.write_all(b"welcome").await.unwrap();
    peer.read_exact(&mut [0; 7]).await.unwrap();
    assert_eq!(start.elapsed(), ms(200));
}

#[tokio::test(start_paused = true)]
async fn what_was_written_is_passed_on_although_nobody_looks_at_the_link() {
    let (mut link, mut peer, _, start) = connected(100).await;
    link.write_all(b"event").await.unwrap();
    link.flush().await.unwrap();
    assert_eq!(start.elapsed(), ms(0));
    peer.read_exact(&mut [0; 5]).await.unwrap();
    assert_eq!(start.elapsed(), ms(50));
}

#[tokio::test(start_paused = true)]
async fn pieces_are_pipelined_both_ways_and_the_ends_come_after_them() {
    let (link, peer, _, start) = connected(100).await;
    let speak = |mut half: Box<dyn AsyncWrite + Send + Unpin>| async move {
        for _ in 0..3 {
            half.write_all(b"x").await.unwrap();
            sleep(ms(10)).await;
        }
        half.shutdown().await.unwrap();
        start.elapsed().as_millis()
    };
    let (up_read, up_write) = tokio::io::split(peer);
    let (down_read, down_write) = tokio::io::split(link);
    let (told, said, heard, answered) = tokio::join!(
        speak(Box::new(up_write)),
        speak(Box::new(down_write)),
        read_to_end(down_read, start),
        read_to_end(up_read, start),
    );
    let pieces = vec![(50, b"x".to_vec()), (60, b"x".to_vec()), (70, b"x".to_vec())];
    assert_eq!(heard, (pieces.clone(), 80));
    assert_eq!(answered, (pieces, 80));
    // The shutdown was over only when the FIN was passed on.
    assert_eq!((told, said), (30, 80));
}

#[tokio::test(start_paused = true)]
async fn after_the_end_nothing_can_be_written_and_the_end_can_be_read_again() {
    let (mut link, mut peer, _, _) = connected(100).await;
    peer.shutdown().await.unwrap();
    for _ in 0..2 {
        assert_eq!(link.read(&mut [0; 8]).await.unwrap(), 0);
        link.shutdown().await.unwrap();
    }
    assert_eq!(link.write(b"more").await.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_fails_is_heard_of_a_round_trip_later() {
    let (mut link, peer, _, start) = connected(100).await;
    drop(peer);
    link.write_all(b"event").await.unwrap();
    sleep(ms(99)).await;
    link.write_all(b"event").await.unwrap();
    sleep(ms(2)).await;
    assert_eq!(start.elapsed(), ms(101));
    assert_eq!(link.write(b"event").await.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    link.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn no_more_than_the_bound_is_in_transit_and_room_wakes_the_writer() {
    let (mut link, mut peer, _, start) = connected(100).await;
    let block = vec![7; 64 << 10];
    let mut written = 0;
    while let Poll::Ready(n) = poll_fn(|cx| Poll::Ready(Pin::new(&mut link).poll_write(cx, &block))).await {
        written += n.unwrap();
    }
    assert!(written <= IN_TRANSIT_MAX_BYTES && written > IN_TRANSIT_MAX_BYTES / 2, "{written}");
    written += link.write(&block).await.unwrap();
    assert_eq!(start.elapsed(), ms(50));
    link.shutdown().await.unwrap();
    assert_eq!(start.elapsed(), ms(100));
    drop(link);
    let mut heard = Vec::new();
    assert_eq!(peer.read_to_end(&mut heard).await.unwrap(), written);
}

#[tokio::test(start_paused = true)]
async fn the_socket_is_not_read_when_too_much_is_in_transit() {
    let (mut link, mut peer, _, _) = connected(100).await;
    peer.write_all(&vec![7; SOCKET_BYTES]).await.unwrap();
    timeout(ms(10), link.read(&mut [0; 8])).await.unwrap_err();
    // What was taken from the socket is room for the peer.
    let more = poll_fn(|cx| Poll::Ready(Pin::new(&mut peer).poll_write(cx, &vec![7; SOCKET_BYTES]))).await;
    let Poll::Ready(Ok(taken)) = more else { panic!("{more:?}") };
    assert!(taken <= IN_TRANSIT_MAX_BYTES && taken > IN_TRANSIT_MAX_BYTES / 2, "{taken}");
    let mut left = SOCKET_BYTES + taken;
    while left > 0 {
        left -= link.read(&mut [0; 4096]).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_link_leaves_nothing_running_and_closes_the_socket() {
    let (mut link, mut peer, _, start) = connected(100).await;
    link.write_all(b"event").await.unwrap();
    tokio::task::yield_now().await;
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 1);
    drop(link);
    assert_eq!(peer.read(&mut [0; 8]).await.unwrap(), 0);
    tokio::task::yield_now().await;
    assert_eq!((Handle::current().metrics().num_alive_tasks(), start.elapsed()), (0, ms(0)));
}

#[tokio::test(start_paused = true)]
async fn an_idle_link_has_no_task() {
    let (mut link, mut peer, _, _) = connected(100).await;
    link.write_all(b"event").await.unwrap();
    peer.read_exact(&mut [0; 5]).await.unwrap();
    tokio::task::yield_now().await;
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_socket_that_takes_little_loses_nothing() {
    let (near, mut peer) = duplex(7);
    let distance = Distance::new(ms(100));
    let mut link = Link::over(near, Some(distance.clone()));
    let said: Vec<u8> = (0..=255).cycle().take(3000).collect();
    let speak = async {
        for (i, piece) in said.chunks(100).enumerate() {
            distance.set_rtt(ms(100 - 2 * i as u64));
            link.write_all(piece).await.unwrap();
            sleep(ms(1)).await;
        }
        link.shutdown().await.unwrap();
    };
    let hear = async {
        let (mut heard, mut piece) = (Vec::new(), [0; 5]);
        while let n @ 1.. = peer.read(&mut piece).await.unwrap() {
            heard.extend_from_slice(&piece[..n]);
            sleep(ms(1)).await;
        }
        heard
    };
    let ((), heard) = tokio::join!(speak, hear);
    assert!(heard == said);
}

/// A stream whose peer has reset it.
struct Reset;

impl AsyncRead for Reset {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
    }
}

#[tokio::test(start_paused = true)]
async fn a_reset_takes_its_time_too_and_is_told_once() {
    let start = Instant::now();
    let mut link = Link::over(Reset, Some(Distance::new(ms(100))));
    sleep(ms(200)).await;
    assert_eq!(link.read(&mut [0; 8]).await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(start.elapsed(), ms(250));
    assert_eq!(link.read(&mut [0; 8]).await.unwrap(), 0);
}

/// A stream that notes how it was called.
#[derive(Debug, Default)]
struct Calls(Vec<&'static str>);

impl AsyncRead for Calls {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.0.push("read");
        buf.put_slice(b"abc");
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Calls {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        self.0.push("write");
        Poll::Ready(Ok(1))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.0.push("write_vectored");
        Poll::Ready(Ok(2))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.push("flush");
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.push("shutdown");
        Poll::Ready(Ok(()))
    }
}

#[tokio::test(start_paused = true)]
async fn without_distance_every_call_goes_straight_through() {
    for distance in [None, Some(Distance::default())] {
        let mut link = Link::over(Calls::default(), distance);
        assert_eq!(link.write(b"ab").await.unwrap(), 1);
        assert_eq!(link.write_vectored(&[IoSlice::new(b"a"), IoSlice::new(b"b")]).await.unwrap(), 2);
        assert!(link.is_write_vectored());
        link.flush().await.unwrap();
        assert_eq!(link.read(&mut [0; 8]).await.unwrap(), 3);
        link.shutdown().await.unwrap();
        link.look(|calls| assert_eq!(calls.0, ["write", "write_vectored", "flush", "read", "shutdown"]));
        assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_vectored_write_is_carried_whole() {
    let (mut link, mut peer, _, start) = connected(100).await;
    assert_eq!(link.write_vectored(&[IoSlice::new(b"ab"), IoSlice::new(b""), IoSlice::new(b"c")]).await.unwrap(), 3);
    let mut heard = [0; 8];
    assert_eq!((peer.read(&mut heard).await.unwrap(), start.elapsed()), (3, ms(50)));
    assert_eq!(&heard[..3], b"abc");
}

#[test]
fn a_stream_without_distance_costs_no_memory_of_a_link() {
    type Stream = [usize; 8];
    assert!(size_of::<Link<Stream>>() <= size_of::<Stream>() + size_of::<usize>());
    type Near = super::super::Counted<tokio::net::TcpStream>;
    assert_eq!(size_of::<Link<Near>>(), size_of::<Near>());
}

#[test]
fn a_distance_is_one_value_and_has_a_largest() {
    let distance = Distance::new(ms(50));
    distance.clone().set_rtt(Duration::from_micros(1_500));
    assert_eq!(distance.rtt(), Duration::from_micros(1_500));
    distance.set_rtt(Duration::MAX);
    assert_eq!(distance.rtt(), Duration::from_micros(u32::MAX.into()));
}

/// A piece of so many bytes, at an RTT of twice so many milliseconds, and the pause behind it (ms).
fn script() -> impl Strategy<Value = Vec<(usize, u64, u64)>> {
    prop::collection::vec((1..9000_usize, prop_oneof![Just(0), 0..300_u64], 1..60_u64), 1..40)
}

/// Says the script, and ends.
async fn say(mut stream: impl AsyncWrite + Unpin, script: Vec<(usize, u64, u64)>, distance: Distance) {
    for (i, (bytes, one_way_ms, pause_ms)) in script.into_iter().enumerate() {
        distance.set_rtt(2 * ms(one_way_ms));
        stream.write_all(&vec![i as u8; bytes]).await.unwrap();
        sleep(ms(pause_ms)).await;
    }
    stream.shutdown().await.unwrap();
}

/// When each byte of the script arrives, and what it is; then when the end does.
fn expected(script: &[(usize, u64, u64)]) -> (Vec<(u128, u8)>, u128) {
    let (mut now, mut due, mut one_way, mut bytes_at) = (0, 0, 0, Vec::new());
    for (i, &(bytes, one_way_ms, pause_ms)) in script.iter().enumerate() {
        one_way = u128::from(one_way_ms);
        due = due.max(now + one_way);
        bytes_at.extend(std::iter::repeat_n((due, i as u8), bytes));
        now += u128::from(pause_ms);
    }
    (bytes_at, due.max(now + one_way))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_link_keeps_the_order_of_what_it_carries_and_each_byte_its_instant(script in script(), up: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let (reads, end) = runtime.block_on(async {
            let (link, peer, distance, start) = connect(0);
            if up {
                tokio::join!(say(peer, script.clone(), distance), read_to_end(link, start)).1
            } else {
                tokio::join!(say(link, script.clone(), distance), read_to_end(peer, start)).1
            }
        });
        let each = |(at, bytes): (u128, Vec<u8>)| bytes.into_iter().map(move |byte| (at, byte));
        let heard: Vec<_> = reads.into_iter().flat_map(each).collect();
        let (bytes_at, end_at) = expected(&script);
        prop_assert!(heard == bytes_at);
        prop_assert_eq!(end, end_at);
    }
}
