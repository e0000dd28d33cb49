//! Whatever is written in a framing comes back through its reader, however the network splits it.

use crate::common::{Owned, cut, every_cut, read_stream, text};
use feedbench_wire::event::Event;
use feedbench_wire::framing::{json_array, position_text, read_position};
use feedbench_wire::reader::frame::{self, Opcode, Part, Sender};
use feedbench_wire::reader::json_array::Reader as AnswerReader;
use feedbench_wire::reader::{ReadError, TEXT_MAX_BYTES};
use feedbench_wire::{Cursor, Framing};
use proptest::collection::vec;
use proptest::prelude::*;

const EPOCH: u16 = 0xa3f2;
const AWKWARD: &str = "</script><!--\"'\\ \u{2028}\u{2029}\r\n\ndata: x\0\u{feff}\u{1f4c8}]}],";

/// The stream of a client that joined at 6: `None` stands for a heartbeat. With it, what a reader must give.
fn stream(framing: Framing, items: &[Option<String>]) -> (Vec<u8>, Vec<(Owned, usize)>) {
    let (mut bytes, mut pieces, mut seq) = (Vec::new(), Vec::new(), 6);
    let position = Cursor { epoch: EPOCH, seq };
    framing.prologue(position, &mut bytes);
    pieces.push((Owned::Position(position), bytes.len()));
    for item in items {
        let before = bytes.len();
        let item = match item {
            None => {
                bytes.extend_from_slice(framing.heartbeat());
                Owned::Heartbeat
            }
            Some(data) => {
                seq += 1;
                let text = text(seq, data);
                framing.event(Cursor { epoch: EPOCH, seq }, &text, &mut bytes);
                Owned::Event(text)
            }
        };
        pieces.push((item, bytes.len() - before));
    }
    (bytes, pieces)
}

fn read_answer(parts: &[&[u8]]) -> Result<Vec<Vec<u8>>, ReadError> {
    let (mut reader, mut texts, mut fed, mut finished) = (AnswerReader::default(), Vec::new(), 0, 0);
    for &part in parts {
        let mut input = part;
        while let Some(element) = reader.next(&mut input)? {
            finished += element.wire_bytes;
            texts.push(element.text.to_vec());
        }
        fed += part.len();
        assert_eq!((finished + reader.pending_bytes(), input.len()), (fed, 0));
    }
    reader.finish().map(|()| texts)
}

fn some_items() -> Vec<Option<String>> {
    vec![Some(AWKWARD.to_owned()), None, Some(String::new()), Some("tick".to_owned()), None, None]
}

#[test]
fn a_stream_split_anywhere_gives_the_same_pieces() {
    for framing in Framing::ALL {
        let (bytes, pieces) = stream(framing, &some_items());
        for parts in every_cut(&bytes) {
            assert_eq!(read_stream(framing, &parts), Ok((pieces.clone(), 0)), "{framing:?} {parts:?}");
        }
    }
}

#[test]
fn an_answer_split_anywhere_gives_the_same_elements() {
    let texts: Vec<Vec<u8>> = some_items().into_iter().flatten().zip(7..).map(|(data, seq)| text(seq, &data)).collect();
    let mut answer = Vec::new();
    json_array::encode(texts.iter().map(Vec::as_slice), &mut answer);
    for parts in every_cut(&answer) {
        assert_eq!(read_answer(&parts).unwrap(), texts);
    }
}

#[test]
fn markup_quotes_and_separators_stay_text_in_every_framing() {
    let event_text = text(7, AWKWARD);
    let check = |text: &[u8]| {
        let event = Event::parse(text).unwrap();
        assert_eq!(serde_json::from_str::<String>(event.data.get()).unwrap(), AWKWARD);
    };
    for framing in Framing::ALL {
        let (bytes, _) = stream(framing, &[Some(AWKWARD.to_owned())]);
        let (pieces, _) = read_stream(framing, &[&bytes]).unwrap();
        let [_, (Owned::Event(text), _)] = pieces.as_slice() else { panic!("{pieces:?}") };
        check(text);
    }
    let mut answer = Vec::new();
    json_array::encode([event_text.as_slice()], &mut answer);
    check(&read_answer(&[&answer]).unwrap()[0]);

    let mut frame = Vec::new();
    frame::encode_header(true, Opcode::Text, None, event_text.len() as u64, &mut frame);
    frame.extend_from_slice(&event_text);
    let (mut reader, mut input) = (frame::Reader::new(Sender::Server), frame.as_slice());
    assert!(matches!(reader.next(&mut input), Ok(Some(Part::Header(_)))));
    let Ok(Some(Part::Payload { bytes, last: true })) = reader.next(&mut input) else { panic!("one payload") };
    check(bytes);
}

#[test]
fn a_position_text_is_told_from_an_event() {
    let position = Cursor { epoch: EPOCH, seq: u64::MAX };
    assert_eq!(read_position(position_text(position).as_bytes()), Some(position));
    assert_eq!(read_position(&text(1, "x")), None);
}

#[test]
fn the_longest_text_passes_and_a_longer_one_is_refused_whole_or_split() {
    for framing in Framing::ALL {
        let frame_bytes = stream(framing, &[Some(String::new())]).1[1].1;
        let fits = "x".repeat(TEXT_MAX_BYTES - frame_bytes);
        for (data, passes) in [(fits.clone(), true), (fits + "xxx", false)] {
            let (bytes, pieces) = stream(framing, &[Some(data)]);
            for parts in [vec![bytes.as_slice()], bytes.chunks(60_000).collect()] {
                let expected = if passes { Ok((pieces.clone(), 0)) } else { Err(ReadError::TooLong(TEXT_MAX_BYTES)) };
                assert!(read_stream(framing, &parts) == expected, "{framing:?}, passes: {passes}");
            }
        }
    }
}

proptest! {
    #[test]
    fn any_events_split_anywhere_come_back(
        items in vec(proptest::option::weighted(0.8, ".{0,80}"), 0..12),
        places in vec(any::<usize>(), 0..20),
    ) {
        for framing in Framing::ALL {
            let (bytes, pieces) = stream(framing, &items);
            prop_assert_eq!(read_stream(framing, &cut(&bytes, &places)), Ok((pieces, 0)));
        }
        let texts: Vec<Vec<u8>> = items.iter().flatten().zip(1..).map(|(data, seq)| text(seq, data)).collect();
        let mut answer = Vec::new();
        json_array::encode(texts.iter().map(Vec::as_slice), &mut answer);
        prop_assert_eq!(read_answer(&cut(&answer, &places)), Ok(texts));
    }

    #[test]
    fn any_json_values_with_any_blanks_come_back(
        values in vec(".{0,20}".prop_map(|s| serde_json::json!({ &s: [s, 1.5, null, {}], "n": [[-7], true] })), 0..6),
        blanks in "[ \t\r\n]{0,3}",
        places in vec(any::<usize>(), 0..20),
    ) {
        let texts: Vec<String> = values.iter().map(|value| serde_json::to_string_pretty(value).unwrap()).collect();
        let answer = format!("{blanks}[{blanks}{}{blanks}]{blanks}", texts.join(&format!("{blanks},{blanks}")));
        let texts: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
        prop_assert_eq!(read_answer(&cut(answer.as_bytes(), &places)), Ok(texts));
    }
}
