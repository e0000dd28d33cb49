//! Which protocol a client speaks, from the first bytes that it sends in clear: HTTP/2 begins with a preface that is no
//! request of HTTP/1.1 ("prior knowledge", RFC 9113 sections 3.3 and 3.4).

use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Poll, ready};

use bytes::{Bytes, BytesMut};
use feedbench_record::scenario::Protocol;
use feedbench_wire::h2::frame::PREFACE;
use tokio::io::{AsyncRead, ReadBuf};

/// What one read brings at most (bytes): most requests are shorter.
const READ_MAX_BYTES: usize = 4 << 10;

/// Reads until it is clear what the client speaks, and gives what was read. A client that says nothing holds nothing.
/// The end, or an error, is the next reader's to find.
pub(crate) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> (Protocol, Bytes) {
    let mut read = BytesMut::new();
    loop {
        let before = read.len();
        poll_fn(|context| {
            // It lies on the stack of whoever polls.
            let mut memory = [MaybeUninit::uninit(); READ_MAX_BYTES];
            let mut into = ReadBuf::uninit(&mut memory);
            let result = ready!(Pin::new(&mut *stream).poll_read(context, &mut into));
            read.extend_from_slice(if result.is_ok() { into.filled() } else { &[] });
            Poll::Ready(())
        })
        .await;
        let known = read.len().min(PREFACE.len());
        if read[..known] != PREFACE[..known] || read.len() == before {
            return (Protocol::Http1, read.freeze());
        }
        if known == PREFACE.len() {
            return (Protocol::Http2, read.freeze());
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    /// What is made of these pieces, each of which one read brings, and then the end.
    fn told(pieces: &[&[u8]]) -> (Protocol, Bytes, Vec<u8>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (mut near, mut far) = duplex(1 << 16);
            let reading = tokio::spawn(async move { (read(&mut near).await, near) });
            for piece in pieces {
                far.write_all(piece).await.unwrap();
                tokio::task::yield_now().await;
            }
            drop(far);
            let ((protocol, unread), mut near) = reading.await.unwrap();
            let mut rest = Vec::new();
            near.read_to_end(&mut rest).await.unwrap();
            (protocol, unread, rest)
        })
    }

    proptest! {
        #[test]
        fn the_preface_is_known_however_it_is_cut_and_nothing_is_lost(cuts in prop::collection::vec(0_usize..40, 0..6)) {
            let sent = [PREFACE, b"what comes after"].concat();
            let mut cuts = cuts;
            cuts.extend([0, sent.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &sent[cut[0]..cut[1]]).collect();
            let (protocol, unread, rest) = told(&pieces);
            prop_assert_eq!(protocol, Protocol::Http2);
            prop_assert_eq!([&unread[..], &rest[..]].concat(), sent);
        }
    }

    #[test]
    fn whatever_differs_from_the_preface_is_http_1_1() {
        let mut wrong: Vec<Vec<u8>> = (0..PREFACE.len()).map(|n| PREFACE[..n].to_vec()).collect();
        wrong.extend((0..PREFACE.len()).map(|n| {
            let mut preface = PREFACE.to_vec();
            preface[n] ^= 0x20;
            preface
        }));
        wrong.push(b"POST /publish HTTP/1.1\r\n".to_vec());
        for sent in wrong {
            let (protocol, unread, rest) = told(&[&sent]);
            assert_eq!((protocol, [&unread[..], &rest[..]].concat()), (Protocol::Http1, sent));
        }
    }
}
