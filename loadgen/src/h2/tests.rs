//! The machine, byte for byte.

use std::task::{Context, Poll, Waker};

use feedbench_wire::h2::frame::{
    ACK, END_HEADERS, END_STREAM, FrameHeader, FrameKind, PADDED, PREFACE, PRIORITY, Part, Reader,
};
use feedbench_wire::h2::hpack::{Decoder, Encoder, Indexing};
use feedbench_wire::headers::Profile;
use proptest::prelude::*;

use super::machine::{HELD_MAX_BYTES, Machine, OUT_MAX_BYTES};
use super::{Arrival, Asks, ErrorCode, Habits};
use crate::fault::Fault;
use crate::requests::Fields;

const AT: Arrival = Arrival { read_us: 7, lag_us: 1 };

fn frame(kind: FrameKind, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    FrameHeader { payload_bytes: payload.len() as u32, kind, flags, stream }.encode(&mut bytes);
    bytes.extend_from_slice(payload);
    bytes
}

fn settings(values: &[(u16, u32)]) -> Vec<u8> {
    let payload: Vec<u8> =
        values.iter().flat_map(|(id, value)| [&id.to_be_bytes()[..], &value.to_be_bytes()].concat()).collect();
    frame(FrameKind::Settings, 0, 0, &payload)
}

fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    let fields = fields.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes()));
    Encoder::new(Indexing::Never).encode(fields, &mut block);
    block
}

fn ok() -> Vec<u8> {
    block(&[(":status", "200"), ("feed-cursor", "a3f2-7")])
}

fn head(stream: u32) -> Vec<u8> {
    frame(FrameKind::Headers, END_HEADERS, stream, &ok())
}

fn data(stream: u32, flags: u8, content: &[u8]) -> Vec<u8> {
    frame(FrameKind::Data, flags, stream, content)
}

fn goaway(last: u32, code: u32) -> Vec<u8> {
    frame(FrameKind::GoAway, 0, 0, &[last.to_be_bytes(), code.to_be_bytes()].concat())
}

fn fields() -> Fields {
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    [field(":method", "GET"), field(":scheme", "http"), field(":authority", "a"), field(":path", "/polling")].into()
}

/// A machine whose server has sent its settings, with a client.
fn ready(values: &[(u16, u32)]) -> (Machine, usize) {
    let mut machine = Machine::new(Habits::default());
    machine.receive(&settings(values), AT);
    let _ = sent(&mut machine);
    let client = machine.join();
    (machine, client)
}

fn cx() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

fn ask(machine: &mut Machine, client: usize) -> Poll<Result<(), Fault>> {
    machine.poll_ask(&mut cx(), client, &fields(), Asks::Answer)
}

/// Takes what the machine has to send.
fn sent(machine: &mut Machine) -> Vec<u8> {
    let bytes = machine.to_send().to_vec();
    machine.sent(bytes.len());
    bytes
}

/// The frames of some bytes, with their payloads.
fn frames(bytes: &[u8]) -> Vec<(FrameHeader, Vec<u8>)> {
    let (mut reader, mut rest, mut found) = (Reader::default(), bytes, Vec::new());
    while let Some(part) = reader.next(&mut rest).unwrap() {
        match part {
            Part::Header(header) => found.push((header, Vec::new())),
            Part::Payload { bytes, .. } => found.last_mut().unwrap().1.extend_from_slice(bytes),
        }
    }
    assert!(reader.is_between_frames());
    found
}

fn kinds(bytes: &[u8]) -> Vec<(FrameKind, u8, u32)> {
    frames(bytes).into_iter().map(|(header, _)| (header.kind, header.flags, header.stream)).collect()
}

/// All that is there for a client: content, and how it ended if it did.
fn content(machine: &mut Machine, client: usize) -> (Vec<u8>, Option<Result<(), Fault>>) {
    let mut content = Vec::new();
    loop {
        let poll = machine.poll_content(&mut cx(), client, |bytes| {
            content.extend_from_slice(bytes);
            bytes.len()
        });
        match poll {
            Poll::Ready(Ok(Some(_))) => {}
            Poll::Ready(Ok(None)) => return (content, Some(Ok(()))),
            Poll::Ready(Err(fault)) => return (content, Some(Err(fault))),
            Poll::Pending => return (content, None),
        }
    }
}

fn failed_with(machine: &mut Machine) -> Option<u32> {
    let found = frames(&sent(machine)).into_iter().find(|(header, _)| header.kind == FrameKind::GoAway);
    found.map(|(_, payload)| u32::from_be_bytes(payload[4..8].try_into().unwrap()))
}

#[test]
fn a_client_begins_with_the_preface_settings_and_a_large_window() {
    let mut machine = Machine::new(Habits::default());
    let bytes = sent(&mut machine);
    let rest = bytes.strip_prefix(PREFACE).unwrap();
    assert_eq!(kinds(rest), [(FrameKind::Settings, 0, 0), (FrameKind::WindowUpdate, 0, 0)]);
    assert_eq!(frames(rest)[1].1, ((1_u32 << 31) - 1 - 65_535).to_be_bytes());
    assert_eq!(bytes.len(), 24 + 21 + 13);
}

#[test]
fn a_request_is_written_and_its_answer_read_however_it_is_split() {
    let interim = frame(FrameKind::Headers, END_HEADERS, 1, &block(&[(":status", "103")]));
    let (first, second) = (ok()[..3].to_vec(), ok()[3..].to_vec());
    let padded = [&[3_u8, 0, 0, 0, 0, 0][..], &first, &[0; 3]].concat();
    let answer = [
        settings(&[(3, 10)]),
        frame(FrameKind::Ping, 0, 0, b"12345678"),
        interim,
        frame(FrameKind::Headers, PADDED | PRIORITY, 1, &padded),
        frame(FrameKind::Continuation, END_HEADERS, 1, &second),
        frame(FrameKind::Unknown(0xee), 0xff, 77, b"of an extension"),
        data(1, PADDED, &[&[2][..], b"[1,", &[0; 2]].concat()),
        data(1, 0, b""),
        data(1, END_STREAM, b"2]"),
    ]
    .concat();
    for at in 0..=answer.len() {
        let mut machine = Machine::new(Habits::default());
        let client = machine.join();
        assert_eq!(ask(&mut machine, client), Poll::Ready(Ok(())));
        let (left, right) = answer.split_at(at);
        machine.receive(left, AT);
        machine.receive(right, AT);
        let bytes = sent(&mut machine);
        let out = &frames(&bytes[PREFACE.len()..])[2..];
        assert_eq!((out[0].0.kind, out[0].0.flags, out[0].0.stream), (FrameKind::Headers, END_HEADERS | END_STREAM, 1));
        let mut said = Vec::new();
        let mut decoder = Decoder::default();
        decoder.decode(&out[0].1, |name, value| said.push([name, b"=", value].concat())).unwrap();
        assert_eq!(said, [&b":method=GET"[..], b":scheme=http", b":authority=a", b":path=/polling"]);
        assert_eq!((out[1].0.kind, out[1].0.flags), (FrameKind::Settings, ACK));
        assert_eq!((out[2].0.kind, out[2].0.flags, &out[2].1[..]), (FrameKind::Ping, ACK, &b"12345678"[..]));
        let Poll::Ready(Ok(head)) = machine.poll_head(&mut cx(), client) else { panic!("no head at {at}") };
        assert_eq!((head.is_ok(), head.position().unwrap().unwrap().to_string()), (Ok(()), "a3f2-7".to_owned()));
        assert_eq!(content(&mut machine, client), (b"[1,2]".to_vec(), Some(Ok(()))), "at {at}");
        assert_eq!((machine.held_bytes, machine.open_streams()), (0, 0));
        assert_eq!(ask(&mut machine, client), Poll::Ready(Ok(())));
        assert_eq!(kinds(&sent(&mut machine)), [(FrameKind::Headers, END_HEADERS | END_STREAM, 3)]);
    }
}

#[test]
fn a_browser_s_habits_come_with_each_request() {
    let habits = habits_of("firefox");
    assert!(habits.indexing == Indexing::Firefox && habits.sends_priority && habits.sends_window_update);
    let mut machine = Machine::new(habits);
    sent(&mut machine);
    let client = machine.join();
    let _ = ask(&mut machine, client);
    let out = frames(&sent(&mut machine));
    assert_eq!((out.len(), out[0].0.flags), (2, END_STREAM | END_HEADERS | PRIORITY));
    assert_eq!((out[1].0.kind, out[1].0.stream), (FrameKind::WindowUpdate, 1));
    // As Firefox 153 does.
    assert_eq!(out[1].1, [0x00, 0xbe, 0x00, 0x00]);
    let mut named = Vec::new();
    Decoder::default().decode(&out[0].1[5..], |name, _| named.push(name.to_vec())).unwrap();
    assert_eq!(named.len(), 4);
}

fn habits_of(profile: &str) -> Habits {
    Habits::of(&Profile::built_in(profile).unwrap())
}

#[test]
fn a_browser_s_first_words_are_those_that_were_captured() {
    // What Chromium and Firefox sent to a server that wrote them down: SETTINGS of 33 bytes, WINDOW_UPDATE of 13.
    let chromium: [&[u16]; 2] = [&[1, 1, 0, 2, 0, 0, 4, 0x60, 0, 6, 4, 0], &[0xef, 1]];
    let firefox: [&[u16]; 2] = [&[1, 1, 0, 2, 0, 0, 4, 2, 0, 5, 0, 0x4000], &[0xbf, 1]];
    for (profile, [settings, window]) in [("chromium", chromium), ("firefox", firefox)] {
        let bytes = |words: &[u16]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>();
        let captured = [
            PREFACE.to_vec(),
            frame(FrameKind::Settings, 0, 0, &bytes(settings)),
            frame(FrameKind::WindowUpdate, 0, 0, &bytes(window)),
        ];
        assert_eq!(sent(&mut Machine::new(habits_of(profile))), captured.concat(), "{profile}");
        assert_eq!(captured.map(|part| part.len()), [24, 33, 13]);
    }
}

#[test]
fn a_window_is_granted_again_when_half_of_it_is_used_and_never_overdrawn() {
    let text =
        "[h2]\nsettings: enable-push=0 initial-window-size=1000\nconnection-window: 65535\n[polling]\nHost: {host}\n";
    let mut machine = Machine::new(Habits::of(&Profile::parse(text).unwrap()));
    let client = machine.join();
    machine.receive(&settings(&[]), AT);
    assert_eq!(ask(&mut machine, client), Poll::Ready(Ok(())));
    let first = frames(&sent(&mut machine)[PREFACE.len()..]);
    assert!(first.iter().all(|(header, _)| header.kind != FrameKind::WindowUpdate), "it is open as it begins");
    machine.receive(&[head(1), data(1, 0, &[0; 500])].concat(), AT);
    assert!(sent(&mut machine).is_empty());
    machine.receive(&data(1, 0, &[0; 1]), AT);
    assert_eq!(sent(&mut machine), frame(FrameKind::WindowUpdate, 0, 1, &501_u32.to_be_bytes()));
    machine.receive(&data(1, 0, &[0; 1001]), AT);
    let code = (ErrorCode::FlowControl as u32).to_be_bytes();
    assert_eq!(sent(&mut machine), frame(FrameKind::RstStream, 0, 1, &code));
}

#[test]
fn each_piece_of_content_tells_the_read_that_brought_it() {
    let (mut machine, client) = ready(&[]);
    let _ = ask(&mut machine, client);
    machine.receive(&head(1), AT);
    for read_us in [10, 20, 30] {
        machine.receive(&[data(1, 0, b"a"), data(1, 0, b"b")].concat(), Arrival { read_us, lag_us: 0 });
    }
    for expected in [10, 20, 30] {
        let mut taken = Vec::new();
        let poll = machine.poll_content(&mut cx(), client, |bytes| {
            taken.extend_from_slice(bytes);
            bytes.len()
        });
        let Poll::Ready(Ok(Some(arrival))) = poll else { panic!("content") };
        assert_eq!((arrival.read_us, &taken[..]), (expected, &b"ab"[..]));
    }
}

#[test]
fn requests_wait_for_the_streams_that_the_server_allows() {
    let (mut machine, first) = ready(&[(3, 1)]);
    let second = machine.join();
    assert!(ask(&mut machine, first).is_ready());
    assert!(ask(&mut machine, second).is_pending());
    machine.receive(&[head(1), data(1, END_STREAM, b"[]")].concat(), AT);
    assert!(ask(&mut machine, second).is_ready(), "the first one is answered");
    machine.leave(second);
    assert_eq!(kinds(&sent(&mut machine)).last().unwrap().0, FrameKind::RstStream, "nobody waits for it any more");
    assert!(ask(&mut machine, first).is_ready());
}

#[test]
fn a_tunnel_waits_for_the_settings_and_is_bound_by_both_windows() {
    let mut machine = Machine::new(Habits::default());
    let client = machine.join();
    let open = |machine: &mut Machine| machine.poll_ask(&mut cx(), client, &fields(), Asks::Tunnel);
    assert!(open(&mut machine).is_pending(), "nobody knows yet whether the server takes one");
    machine.receive(&settings(&[(8, 1), (4, 10)]), AT);
    assert!(open(&mut machine).is_ready());
    machine.receive(&head(1), AT);
    let _ = sent(&mut machine);
    assert_eq!(machine.poll_write(&mut cx(), client, b"0123456789abcdef"), Poll::Ready(Ok(16)));
    assert_eq!(frames(&sent(&mut machine))[0].1, b"0123456789", "as much as the stream's window");
    machine.receive(&frame(FrameKind::WindowUpdate, 0, 1, &3_u32.to_be_bytes()), AT);
    assert_eq!(frames(&sent(&mut machine))[0].1, b"abc");
    machine.receive(&settings(&[(4, 11)]), AT);
    assert_eq!(frames(&sent(&mut machine))[1].1, b"d", "one more byte for every stream");
    machine.leave(client);
    machine.receive(&frame(FrameKind::WindowUpdate, 0, 1, &9_u32.to_be_bytes()), AT);
    let last = frames(&sent(&mut machine)).pop().unwrap();
    assert_eq!((last.0.flags, &last.1[..]), (END_STREAM, &b"ef"[..]), "who leaves has said everything");
    assert_eq!(machine.streams.len(), 1, "the server has not");
    machine.receive(&data(1, END_STREAM, b"x"), AT);
    assert_eq!((machine.streams.len(), machine.held_bytes), (0, 0));
}

#[test]
fn a_server_without_tunnels_is_found_out() {
    let (mut machine, client) = ready(&[]);
    let asked = machine.poll_ask(&mut cx(), client, &fields(), Asks::Tunnel);
    assert_eq!(asked, Poll::Ready(Err(Fault::NoTunnel)));
}

#[test]
fn a_clean_goaway_lets_answers_end_and_an_error_is_named() {
    for (code, fault) in [(0, Fault::Closed), (0xb, Fault::Goaway(ErrorCode::EnhanceYourCalm))] {
        let (mut machine, first) = ready(&[]);
        let (second, idle) = (machine.join(), machine.join());
        let _ = (ask(&mut machine, first), ask(&mut machine, second));
        machine.receive(&[head(1), goaway(1, code), data(1, END_STREAM, b"[]")].concat(), AT);
        assert_eq!(content(&mut machine, first), (b"[]".to_vec(), Some(Ok(()))), "begun before");
        assert_eq!(machine.poll_head(&mut cx(), second), Poll::Ready(Err(fault)), "not begun");
        let over = if code == 0 { Ok(()) } else { Err(fault) };
        assert_eq!(machine.poll_over(&mut cx(), idle), Poll::Ready(over));
        assert_eq!(ask(&mut machine, idle), Poll::Ready(Err(fault)));
        machine.end(Ok(()));
        assert!(machine.is_closed());
        assert_eq!(machine.poll_over(&mut cx(), idle), Poll::Ready(over));
    }
}

#[test]
fn a_stream_that_is_reset_says_why_and_the_others_go_on() {
    let (mut machine, first) = ready(&[]);
    let second = machine.join();
    let _ = (ask(&mut machine, first), ask(&mut machine, second));
    machine.receive(&frame(FrameKind::RstStream, 0, 1, &7_u32.to_be_bytes()), AT);
    let refused = Fault::StreamReset(ErrorCode::RefusedStream);
    assert_eq!((content(&mut machine, first).1, refused.kind()), (Some(Err(refused)), "stream-refused"));
    machine.receive(&[head(3), data(3, END_STREAM, b"[]")].concat(), AT);
    assert_eq!(content(&mut machine, second), (b"[]".to_vec(), Some(Ok(()))));
}

#[test]
fn a_connection_that_ends_ends_every_answer_that_is_not_whole() {
    let (mut machine, first) = ready(&[]);
    let second = machine.join();
    let _ = (ask(&mut machine, first), ask(&mut machine, second));
    machine.receive(&[head(1), data(1, END_STREAM, b"[]"), head(3), data(3, 0, b"[")].concat(), AT);
    machine.end(Ok(()));
    assert_eq!(content(&mut machine, first), (b"[]".to_vec(), Some(Ok(()))));
    assert_eq!(content(&mut machine, second), (b"[".to_vec(), Some(Err(Fault::Closed))));
}

#[test]
fn an_answer_that_breaks_a_rule_is_reset_alone() {
    let longer = frame(FrameKind::Headers, END_HEADERS, 1, &block(&[(":status", "200"), ("content-length", "1")]));
    for answer in [
        data(1, 0, b"before the head"),
        frame(FrameKind::Headers, END_HEADERS, 1, &block(&[("date", "x")])),
        frame(FrameKind::Headers, END_HEADERS | END_STREAM, 1, &block(&[(":status", "100")])),
        [head(1), head(1)].concat(),
        [longer.clone(), data(1, 0, b"ab")].concat(),
        [longer.clone(), data(1, END_STREAM, b"")].concat(),
        [head(1), frame(FrameKind::WindowUpdate, 0, 1, &[0; 4])].concat(),
    ] {
        let (mut machine, client) = ready(&[]);
        let _ = ask(&mut machine, client);
        machine.receive(&answer, AT);
        assert_eq!(content(&mut machine, client).1, Some(Err(Fault::Protocol)), "{answer:?}");
        assert_eq!(kinds(&sent(&mut machine)).last().unwrap().0, FrameKind::RstStream);
        assert!(machine.takes_requests(), "the connection goes on");
    }
}

#[test]
fn what_breaks_the_connection_is_answered_with_a_goaway() {
    let long = frame(FrameKind::Data, 0, 1, &[0; 16_385]);
    let ended = [head(1), data(1, END_STREAM, b"")].concat();
    let endless = frame(FrameKind::Headers, 0, 1, &[0; 16_384]);
    let more = frame(FrameKind::Continuation, 0, 1, &[0; 16_384]);
    for (bytes, code) in [
        (long, ErrorCode::FrameSize),
        (data(2, 0, b"x"), ErrorCode::Protocol),
        (data(3, 0, b"x"), ErrorCode::Protocol),
        (data(0, 0, b"x"), ErrorCode::Protocol),
        (data(1, PADDED, &[1]), ErrorCode::Protocol),
        (data(1, PADDED, &[]), ErrorCode::FrameSize),
        (frame(FrameKind::PushPromise, END_HEADERS, 1, &[0; 4]), ErrorCode::Protocol),
        (frame(FrameKind::Continuation, END_HEADERS, 1, b""), ErrorCode::Protocol),
        ([frame(FrameKind::Headers, 0, 1, &ok()), settings(&[])].concat(), ErrorCode::Protocol),
        (frame(FrameKind::Headers, END_HEADERS, 1, &[0xff; 9]), ErrorCode::Compression),
        (frame(FrameKind::Headers, END_HEADERS | PADDED, 1, &[9, 1]), ErrorCode::Protocol),
        (frame(FrameKind::Settings, 0, 0, &[0; 5]), ErrorCode::FrameSize),
        (frame(FrameKind::Settings, ACK, 0, &[0; 6]), ErrorCode::FrameSize),
        (settings(&[(4, 1 << 31)]), ErrorCode::FlowControl),
        (frame(FrameKind::Ping, 0, 0, &[0; 7]), ErrorCode::FrameSize),
        (frame(FrameKind::GoAway, 0, 0, &[0; 7]), ErrorCode::FrameSize),
        (frame(FrameKind::RstStream, 0, 1, &[0; 3]), ErrorCode::FrameSize),
        (frame(FrameKind::WindowUpdate, 0, 0, &[0; 4]), ErrorCode::Protocol),
        (frame(FrameKind::WindowUpdate, 0, 0, &[0x7f, 0xff, 0xff, 0xff]), ErrorCode::FlowControl),
        ([ended, data(1, 0, b"x")].concat(), ErrorCode::StreamClosed),
        ([endless, more.clone(), more.clone(), more.clone(), more].concat(), ErrorCode::EnhanceYourCalm),
    ] {
        let (mut machine, client) = ready(&[]);
        let _ = ask(&mut machine, client);
        let _ = sent(&mut machine);
        machine.receive(&bytes, AT);
        assert_eq!(failed_with(&mut machine), Some(code.number()), "{code:?}");
        assert!(machine.is_over() && !machine.takes_requests());
        assert_eq!(machine.poll_over(&mut cx(), client), Poll::Ready(Err(Fault::Protocol)));
    }
    let mut machine = Machine::new(Habits::default());
    let _ = sent(&mut machine);
    machine.receive(b"HTTP/1.1 400 Bad Request\r\n\r\n", AT);
    assert!(machine.is_over(), "a server of HTTP/1.1");
}

#[test]
fn what_the_server_can_make_a_client_hold_is_bounded() {
    let (mut machine, client) = ready(&[]);
    let _ = ask(&mut machine, client);
    machine.receive(&head(1), AT);
    let mut reads = 0;
    while machine.may_read() {
        reads += 1;
        machine.receive(&data(1, 0, b"x"), Arrival { read_us: reads, lag_us: 0 });
    }
    assert!(machine.held_bytes <= HELD_MAX_BYTES + 65, "single bytes count for more than one");
    let _ = content(&mut machine, client);
    assert!(machine.may_read() && machine.held_bytes == 0);
    while machine.may_read() {
        machine.receive(&frame(FrameKind::Ping, 0, 0, &[0; 8]), AT);
    }
    assert!(machine.to_send().len() <= OUT_MAX_BYTES + 17);
}

#[test]
fn the_windows_are_granted_again_before_they_are_empty() {
    let (mut machine, client) = ready(&[]);
    let _ = ask(&mut machine, client);
    machine.receive(&head(1), AT);
    let _ = sent(&mut machine);
    let chunk = data(1, 0, &[b'x'; 16_384]);
    let mut granted = Vec::new();
    for _ in 0..(1_u64 << 31) / 16_384 {
        machine.receive(&chunk, AT);
        let _ = machine.poll_content(&mut cx(), client, <[u8]>::len);
        granted.extend(kinds(&sent(&mut machine)));
    }
    assert!(!machine.is_over());
    assert!(granted.contains(&(FrameKind::WindowUpdate, 0, 0)) && granted.contains(&(FrameKind::WindowUpdate, 0, 1)));
}

proptest! {
    #[test]
    fn no_bytes_of_a_server_break_the_machine(bytes in proptest::collection::vec(any::<u8>(), 0..400), known: bool) {
        let mut machine = Machine::new(Habits { indexing: Indexing::Firefox, ..Habits::default() });
        if known {
            machine.receive(&settings(&[]), AT);
        }
        let client = machine.join();
        let _ = ask(&mut machine, client);
        machine.receive(&bytes, AT);
        let _ = (machine.poll_head(&mut cx(), client), content(&mut machine, client));
        machine.end(Ok(()));
        machine.leave(client);
        prop_assert_eq!((machine.held_bytes, machine.streams.len()), (0, 0));
    }

    #[test]
    fn no_frames_of_a_server_break_the_machine(
        sent_frames in proptest::collection::vec(
            (0_u8..11, any::<u8>(), 0_u32..6, proptest::collection::vec(any::<u8>(), 0..20)), 0..12),
    ) {
        let (mut machine, client) = ready(&[]);
        let other = machine.join();
        let _ = (ask(&mut machine, client), ask(&mut machine, other));
        for (kind, flags, stream, payload) in &sent_frames {
            machine.receive(&frame(FrameKind::of(*kind), *flags, *stream, payload), AT);
            let _ = machine.poll_content(&mut cx(), client, |bytes| bytes.len() / 2 + 1);
        }
        machine.leave(client);
        machine.leave(other);
        machine.end(Err(Fault::Reset));
        prop_assert_eq!((machine.held_bytes, machine.streams.len()), (0, 0));
    }
}
