//! The reader of frames.

use feedbench_wire::h2::frame::{FrameHeader, FrameKind, HEADER_BYTES, PAYLOAD_MAX_BYTES, Part, Reader};
use feedbench_wire::reader::ReadError;
use proptest::prelude::*;

type Frames = Vec<(FrameHeader, Vec<u8>)>;

/// The frames that a reader makes of the parts, whole.
fn read(parts: &[&[u8]]) -> Result<Frames, ReadError> {
    let (mut reader, mut frames): (_, Frames) = (Reader::default(), Vec::new());
    for &part in parts {
        let mut input = part;
        while let Some(part) = reader.next(&mut input)? {
            match part {
                Part::Header(header) => frames.push((header, Vec::new())),
                Part::Payload { bytes, last } => {
                    let (header, payload) = frames.last_mut().unwrap();
                    payload.extend(bytes);
                    assert!(!bytes.is_empty());
                    assert_eq!(last, payload.len() == header.payload_bytes as usize);
                }
            }
        }
        assert!(input.is_empty(), "a reader that wants more has taken all");
    }
    Ok(frames)
}

fn frame() -> impl Strategy<Value = (FrameHeader, Vec<u8>)> {
    let payload = proptest::collection::vec(any::<u8>(), 0..40);
    (any::<u8>(), any::<u8>(), 0..1_u32 << 31, payload).prop_map(|(code, flags, stream, payload)| {
        (FrameHeader { payload_bytes: payload.len() as u32, kind: FrameKind::of(code), flags, stream }, payload)
    })
}

#[test]
fn a_header_has_nine_bytes() {
    let header = FrameHeader { payload_bytes: 0x01_0203, kind: FrameKind::Headers, flags: 0x25, stream: 0x0405_0607 };
    let mut bytes = Vec::new();
    header.encode(&mut bytes);
    assert_eq!(bytes, [1, 2, 3, 1, 0x25, 4, 5, 6, 7]);
    bytes[5] |= 0x80;
    assert_eq!(FrameHeader::decode(&bytes.try_into().unwrap()), header, "the reserved bit means nothing");
}

#[test]
fn every_kind_has_its_number() {
    for code in 0..=u8::MAX {
        assert_eq!(FrameKind::of(code).code(), code);
        assert_eq!(matches!(FrameKind::of(code), FrameKind::Unknown(_)), code > 9);
    }
}

#[test]
fn a_frame_longer_than_the_limit_is_refused_at_its_header() {
    let header = |payload_bytes| {
        let mut bytes = Vec::new();
        FrameHeader { payload_bytes, kind: FrameKind::Data, flags: 0, stream: 1 }.encode(&mut bytes);
        bytes
    };
    assert!(read(&[&header(PAYLOAD_MAX_BYTES)]).is_ok());
    let too_long = Err(ReadError::TooLong(PAYLOAD_MAX_BYTES as usize));
    assert_eq!(read(&[&header(PAYLOAD_MAX_BYTES + 1)]), too_long);
    assert!(matches!(Reader::with_max(20).next(&mut &header(20)[..]), Ok(Some(Part::Header(_)))));
    assert_eq!(Reader::with_max(20).next(&mut &header(21)[..]), Err(ReadError::TooLong(20)));
}

#[test]
fn what_is_pending_of_a_header_is_counted() {
    let bytes = [0, 0, 0, 4, 1, 0, 0, 0, 0];
    let mut reader = Reader::default();
    for n in 0..HEADER_BYTES {
        assert_eq!((reader.pending_bytes(), reader.is_between_frames()), (n, n == 0));
        let given = reader.next(&mut &bytes[n..=n]).unwrap();
        assert_eq!(given.is_some(), n == HEADER_BYTES - 1);
    }
    assert!(reader.is_between_frames());
}

proptest! {
    #[test]
    fn frames_are_the_same_however_the_network_splits_them(
        frames in proptest::collection::vec(frame(), 0..6),
        places: Vec<prop::sample::Index>,
    ) {
        let mut bytes = Vec::new();
        for (header, payload) in &frames {
            header.encode(&mut bytes);
            bytes.extend(payload);
        }
        let mut places: Vec<usize> = places.iter().map(|place| place.index(bytes.len() + 1)).collect();
        places.sort_unstable();
        let mut parts = Vec::new();
        let mut from = 0;
        for place in places.into_iter().chain([bytes.len()]) {
            parts.push(&bytes[from..place]);
            from = place;
        }
        prop_assert_eq!(read(&parts).unwrap(), frames.clone());
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        prop_assert_eq!(read(&single).unwrap(), frames);
    }
}
