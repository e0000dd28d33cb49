//! Content in gzip.

use feedbench_wire::deflate::gzip::{self, HEADER, HEADER_MAX_BYTES, Part, Reader};
use feedbench_wire::deflate::{Compressor, WINDOW_BITS, alone};
use feedbench_wire::reader::ReadError;
use flate2::Crc;
use proptest::collection::vec;
use proptest::prelude::*;

/// What a reader finds, where the network has split the content into pieces of at most `part` bytes.
#[derive(Debug, Default, PartialEq, Eq)]
struct Read {
    framing: usize,
    deflate: usize,
    says: Vec<u8>,
    /// How much was said where the content was flushed.
    flushes: Vec<(usize, usize)>,
}

fn read(content: &[u8], part: usize, room: usize, max_bytes: usize) -> Result<Read, ReadError> {
    let (mut reader, mut found, mut room) = (Reader::new(max_bytes), Read::default(), vec![0; room]);
    for mut part in content.chunks(part) {
        while let Some(part) = reader.next(&mut part, &mut room)? {
            match part {
                Part::Framing(bytes) => found.framing += bytes,
                Part::Content { wire_bytes, bytes, flushed } => {
                    found.deflate += wire_bytes;
                    found.says.extend_from_slice(&room[..bytes]);
                    if flushed {
                        found.flushes.push((found.deflate, found.says.len()));
                    }
                }
            }
        }
    }
    reader.finish().map(|()| found)
}

/// A stream of pieces, each alone or with those before it.
fn stream(pieces: &[Vec<u8>], takeover: bool) -> Vec<u8> {
    let (mut out, mut crc, mut compressor) = (HEADER.to_vec(), Crc::new(), Compressor::new(WINDOW_BITS));
    for piece in pieces {
        if takeover {
            compressor.push(piece, &mut out);
            crc.update(piece);
        } else {
            alone(piece, &mut out);
            let mut of_piece = Crc::new();
            of_piece.update(piece);
            crc.combine(&of_piece);
        }
    }
    gzip::end(&crc, &mut out);
    out
}

proptest! {
    #[test]
    fn a_whole_content_is_read_back_however_it_is_split(content in vec(any::<u8>(), 0..3_000), room in 1_usize..300) {
        let zipped = gzip::whole(&content);
        for part in [1, 7, usize::MAX] {
            let found = read(&zipped, part, room, content.len()).unwrap();
            prop_assert_eq!((&found.says, found.framing), (&content, 18));
            prop_assert_eq!(found.framing + found.deflate, zipped.len());
        }
    }

    #[test]
    fn a_stream_is_flushed_at_the_same_places_however_it_is_split(
        pieces in vec(vec(any::<u8>(), 1..200), 0..8),
        takeover: bool,
        room in 1_usize..300,
    ) {
        let (zipped, says) = (stream(&pieces, takeover), pieces.concat());
        let whole = read(&zipped, usize::MAX, 4_096, usize::MAX).unwrap();
        prop_assert_eq!(&whole.says, &says);
        let mut said = 0;
        for piece in &pieces {
            said += piece.len();
            prop_assert!(whole.flushes.iter().any(|flush| flush.1 == said), "after {said} bytes");
        }
        for part in [1, 2, 3, 50] {
            prop_assert_eq!(&read(&zipped, part, room, usize::MAX).unwrap(), &whole, "in parts of {}", part);
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic_and_no_split_changes_what_it_says(
        pieces in vec(vec(any::<u8>(), 1..60), 0..4),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let mut zipped = stream(&pieces, true);
        for (at, byte) in changes {
            let at = at.index(zipped.len());
            zipped[at] = byte;
        }
        let whole = read(&zipped, usize::MAX, 4_096, 100_000);
        for part in [1, 7] {
            prop_assert_eq!(read(&zipped, part, 4_096, 100_000).is_ok(), whole.is_ok());
        }
    }
}

#[test]
fn an_event_that_is_flushed_is_there_with_the_last_byte_of_its_piece() {
    for takeover in [false, true] {
        let (mut reader, mut room) = (Reader::new(usize::MAX), [0; 4_096]);
        let mut zipped = stream(&[b"first".to_vec(), b"second".to_vec()], takeover);
        zipped.truncate(zipped.len() - 10);
        let (mut input, mut says) = (zipped.as_slice(), Vec::new());
        while let Some(part) = reader.next(&mut input, &mut room).unwrap() {
            if let Part::Content { bytes, .. } = part {
                says.extend_from_slice(&room[..bytes]);
            }
        }
        assert_eq!(says, b"firstsecond");
        assert!(reader.finish().is_err(), "the trailer has not come");
    }
}

#[test]
fn what_a_header_may_hold_is_passed_over() {
    let zipped = gzip::whole(b"content");
    let all = [
        &[0x1f, 0x8b, 8, 0b1_1111, 0, 0, 0, 0, 0, 3][..],
        &[2, 0, b'a', b'b'],
        b"a name\0and a comment\0",
        &[1, 2],
        &zipped[10..],
    ]
    .concat();
    for part in [1, 7, usize::MAX] {
        assert_eq!(read(&all, part, 100, 100).unwrap().says, b"content");
    }
}

#[test]
fn what_is_no_gzip_is_refused() {
    let good = gzip::whole(b"content");
    let changed = |at: usize, byte: u8| {
        let mut changed = good.clone();
        changed[at] = byte;
        changed
    };
    let last = good.len() - 1;
    let cut = good[..last].to_vec();
    let more = [&good[..], b"\x1f"].concat();
    let endless = [&[0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3][..], &vec![b'x'; HEADER_MAX_BYTES]].concat();
    for bad in [changed(0, 0), changed(2, 7), changed(3, 0x80), changed(10, 7), changed(last, 1), cut, more, endless] {
        for part in [1, usize::MAX] {
            assert!(read(&bad, part, 100, 100).is_err(), "{}", bad.escape_ascii());
        }
    }
}

#[test]
fn a_content_that_says_more_than_it_may_is_not_read_on() {
    let bomb = gzip::whole(&vec![0; 64 << 20]);
    assert!(bomb.len() < 100_000);
    let (mut reader, mut room, mut said) = (Reader::new(1 << 20), [0; 4_096], 0);
    let mut input = bomb.as_slice();
    let error = loop {
        match reader.next(&mut input, &mut room) {
            Ok(Some(Part::Content { bytes, .. })) => said += bytes,
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!((error, said <= 1 << 20), (ReadError::TooLong(1 << 20), true));
}
