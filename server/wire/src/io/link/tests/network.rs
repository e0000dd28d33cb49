//! Jitter and the line, exact in paused time.

use super::*;
use crate::io::link::one_way::OneWay;
use crate::io::link::transit::Transit;

/// The connecting end behind its link, and the peer.
fn along(path: Path, connection: u32) -> (Link<DuplexStream>, DuplexStream) {
    let (near, far) = duplex(SOCKET_BYTES);
    (Link::connected(near, Some(Distance::of(path).of_connection(7, connection))), far)
}

/// A line that carries a byte each millisecond.
fn byte_a_ms(rtt_ms: u64) -> Path {
    Path { rtt: ms(rtt_ms), bandwidth_bits_per_s: Some(8_000), ..Path::default() }
}

/// When each read came (ms), and how many bytes it brought.
fn lengths(reads: Vec<(u128, Vec<u8>)>) -> Vec<(u128, usize)> {
    reads.into_iter().map(|(at, bytes)| (at, bytes.len())).collect()
}

#[tokio::test(start_paused = true)]
async fn a_piece_takes_its_bytes_by_the_rate_and_then_its_transit_and_the_next_one_waits_for_it() {
    let ((mut link, peer), start) = (along(byte_a_ms(100), 0), Instant::now());
    let speak = async {
        link.write_all(&[1; 300]).await.unwrap();
        link.write_all(&[2; 200]).await.unwrap();
        sleep(ms(1_000)).await;
        // The line was idle for half a second, and has saved up nothing.
        link.write_all(&[3; 10]).await.unwrap();
        link.shutdown().await.unwrap();
    };
    let ((), (reads, end)) = tokio::join!(speak, read_to_end(peer, start));
    assert_eq!((lengths(reads), end), (vec![(350, 300), (550, 200), (1_060, 10)], 1_060));
}

#[tokio::test(start_paused = true)]
async fn a_long_piece_comes_in_parts_and_takes_no_longer_for_it() {
    for up in [true, false] {
        let ((link, peer), start) = (along(byte_a_ms(0), 0), Instant::now());
        let (from, to): (Box<dyn AsyncWrite + Unpin>, Box<dyn AsyncRead + Unpin>) =
            if up { (Box::new(link), Box::new(peer)) } else { (Box::new(peer), Box::new(link)) };
        let speak = async {
            let mut from = from;
            from.write_all(&[7; 4_000]).await.unwrap();
            from.shutdown().await.unwrap();
        };
        let ((), (reads, end)) = tokio::join!(speak, read_to_end(to, start));
        assert_eq!((lengths(reads), end), (vec![(1_460, 1_460), (2_920, 1_460), (4_000, 1_080)], 4_000));
    }
}

#[tokio::test(start_paused = true)]
async fn each_direction_has_a_line_of_its_own() {
    let ((mut link, mut peer), start) = (along(byte_a_ms(20), 0), Instant::now());
    link.write_all(&[1; 500]).await.unwrap();
    peer.write_all(&[2; 500]).await.unwrap();
    let (mut up, mut down) = ([0; 500], [0; 500]);
    let hear_up = async {
        peer.read_exact(&mut up).await.unwrap();
        start.elapsed()
    };
    let hear_down = async {
        link.read_exact(&mut down).await.unwrap();
        start.elapsed()
    };
    assert_eq!(tokio::join!(hear_up, hear_down), (ms(510), ms(510)));
}

#[tokio::test(start_paused = true)]
async fn a_full_line_holds_back_whoever_writes_and_carries_all_at_its_rate() {
    let path = Path { rtt: ms(20), bandwidth_bits_per_s: Some(80_000_000), ..Path::default() };
    let ((link, peer), start) = (along(path, 0), Instant::now());
    // More than may be in transit, by 10,000 bytes each millisecond.
    let said: Vec<u8> = (0..=255).cycle().take(3_000_000).collect();
    let (up, mut down) = (said.clone(), said.clone());
    down.reverse();
    let speak = |mut half: Box<dyn AsyncWrite + Send + Unpin>, said: Vec<u8>| async move {
        half.write_all(&said).await.unwrap();
        let written = start.elapsed();
        half.shutdown().await.unwrap();
        written
    };
    let (peer_read, peer_write) = tokio::io::split(peer);
    let (link_read, link_write) = tokio::io::split(link);
    let (written, _, (heard_up, up_end), (heard_down, down_end)) = tokio::join!(
        speak(Box::new(link_write), up.clone()),
        speak(Box::new(peer_write), down.clone()),
        read_to_end(peer_read, start),
        read_to_end(link_read, start),
    );
    let whole = |reads: Vec<(u128, Vec<u8>)>| reads.into_iter().flat_map(|(_, bytes)| bytes).collect::<Vec<_>>();
    assert!(whole(heard_up) == up && whole(heard_down) == down);
    assert_eq!((up_end, down_end), (310, 310));
    assert!(written > ms(150), "{written:?}");
}

/// When each of the pieces arrives that start so far from each other (ms, from its own start).
async fn transits(path: Path, connection: u32, pieces: u64, gap_ms: u64) -> Vec<u64> {
    let ((mut link, mut peer), start) = (along(path, connection), Instant::now());
    let speak = async {
        for piece in 0..pieces {
            link.write_all(&piece.to_be_bytes()).await.unwrap();
            sleep(ms(gap_ms)).await;
        }
    };
    let hear = async {
        let mut took = Vec::new();
        for expected in 0..pieces {
            assert_eq!(peer.read_u64().await.unwrap(), expected);
            took.push(start.elapsed().as_millis() as u64 - expected * gap_ms);
        }
        took
    };
    tokio::join!(speak, hear).1
}

fn jittery() -> Path {
    Path { rtt: ms(200), jitter: ms(50), seed: 3, ..Path::default() }
}

#[tokio::test(start_paused = true)]
async fn jitter_is_drawn_for_each_piece_uniformly_around_half_of_the_rtt() {
    let took = transits(jittery(), 0, 1_000, 150).await;
    let (least, most) = (*took.iter().min().unwrap(), *took.iter().max().unwrap());
    // The timers of paused time round up to the millisecond.
    assert!((50..52).contains(&least) && (149..=151).contains(&most), "{least} {most}");
    let mean = took.iter().sum::<u64>() as f64 / took.len() as f64;
    // The mean of 1,000 draws deviates by 100 ms / sqrt(12 x 1,000) = 0.9 ms.
    assert!((mean - 100.5).abs() < 3.0, "{mean}");
}

#[tokio::test(start_paused = true)]
async fn a_connection_has_the_same_jitter_each_time_and_another_one_has_its_own() {
    let first = transits(jittery(), 0, 50, 150).await;
    assert_eq!(first, transits(jittery(), 0, 50, 150).await);
    assert_ne!(first, transits(jittery(), 1, 50, 150).await);
    assert_ne!(first, transits(Path { seed: 4, ..jittery() }, 0, 50, 150).await);
}

#[tokio::test(start_paused = true)]
async fn nothing_overtakes_however_close_the_pieces_are() {
    let took = transits(jittery(), 0, 500, 3).await;
    assert!(took.iter().all(|took| (50..=151).contains(took)), "{took:?}");
    let arrived: Vec<_> = (0..).zip(&took).map(|(piece, took)| piece * 3 + took).collect();
    assert!(arrived.is_sorted() && arrived.windows(2).any(|two| two[0] == two[1]));
}

#[tokio::test(start_paused = true)]
async fn a_handshake_has_jitter_too() {
    for (connection, way) in (0..20).flat_map(|connection| Way::ALL.map(|way| (connection, way))) {
        let start = Instant::now();
        Distance::of(jittery()).of_connection(1, connection).cross(way).await;
        assert!((ms(50)..=ms(151)).contains(&start.elapsed()), "{:?}", start.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_link_with_a_line_has_no_task() {
    let (mut link, mut peer) = along(byte_a_ms(0), 0);
    link.write_all(b"event").await.unwrap();
    peer.read_exact(&mut [0; 5]).await.unwrap();
    tokio::task::yield_now().await;
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
}

proptest! {
    #[test]
    fn a_transit_keeps_order_bytes_and_bounds_on_every_path(
        pieces in prop::collection::vec((0..200_000_u64, 0..100_000_usize, any::<bool>()), 1..60),
        half_ms in 0..200_u64,
        jitter_share in 0..=100_u64,
        bandwidth_bits_per_s in prop::option::of(1_000_000..1_000_000_000_u64),
    ) {
        let jitter = ms(half_ms) * jitter_share as u32 / 100;
        let path = Path { rtt: 2 * ms(half_ms), jitter, bandwidth_bits_per_s, seed: jitter_share };
        let origin = Instant::now();
        let mut transit = Transit::new(OneWay::new(Distance::of(path), Way::Down), origin);
        let (mut start, mut said, mut heard, mut last_due) = (origin, Vec::<u8>::new(), Vec::<u8>::new(), origin);
        let mut take = |transit: &mut Transit, until: Option<Instant>, heard: &mut Vec<u8>| {
            while let Some(due) = transit.next_due().filter(|due| until.is_none_or(|until| *due <= until)) {
                prop_assert!(due >= last_due);
                last_due = due;
                let bytes = transit.due(due).to_vec();
                if bytes.is_empty() {
                    return Ok(());
                }
                transit.arrived(bytes.len());
                heard.extend(bytes);
            }
            Ok(())
        };
        for (i, (pause_us, bytes, collect)) in pieces.into_iter().enumerate() {
            start += Duration::from_micros(pause_us);
            if collect {
                take(&mut transit, Some(start), &mut heard)?;
            }
            let room = transit.room();
            let drawn = transit.next_transit();
            prop_assert!(drawn >= ms(half_ms) - jitter && drawn <= ms(half_ms) + jitter);
            let text = vec![i as u8; bytes];
            let (one, other) = text.split_at(bytes / 3);
            let taken = transit.push([one, other], start, drawn);
            prop_assert_eq!(taken, bytes.min(room));
            said.extend(&text[..taken]);
        }
        transit.push_end(start);
        prop_assert_eq!(transit.room(), 0);
        take(&mut transit, None, &mut heard)?;
        prop_assert!(heard == said);
        prop_assert!(transit.end_is_due(start + 2 * ms(half_ms) + Duration::from_secs(50)));
    }
}
