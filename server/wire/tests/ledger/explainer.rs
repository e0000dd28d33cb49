//! Steps and named runs, as they are told while a conversation is going on.

use feedbench_record::Transport;
use feedbench_record::ledger::{Layer, Way};
use feedbench_record::trace::{Run, StepKind, What};
use feedbench_wire::h2::hpack::Indexing;
use feedbench_wire::ledger::{Explained, Explainer, STEP_MAX_BYTES, Told};
use feedbench_wire::reader::{TEXT_MAX_BYTES, head::HEAD_MAX_BYTES};
use feedbench_wire::{Cursor, Framing};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::conversation::{Conversation, POSITION, text};
use crate::http2::talk::{self, Look, Talk};
use crate::layers::{STREAMS, every_transport};
use crate::script::{check, ledger, told, told_layers};

/// The steps, those with more runs as long as they became.
fn steps(all: Vec<Told>) -> Vec<Explained> {
    let mut steps: Vec<Explained> = Vec::new();
    for told in all {
        match told {
            Told::Step(step) => steps.push(step),
            Told::More { way, run } => steps.iter_mut().rfind(|step| step.way == way).unwrap().runs.push(run),
        }
    }
    steps
}

fn steps_of(conversation: &Conversation) -> Vec<Explained> {
    steps(told(Explainer::default(), conversation.runs(), usize::MAX))
}

fn whats(step: &Explained) -> Vec<What> {
    step.runs.iter().map(|run| run.what).collect()
}

fn text_of(step: &Explained, what: What) -> String {
    let runs = step.runs.iter().filter(|run| run.what == what);
    String::from_utf8(runs.flat_map(|run| run.bytes.clone()).collect()).unwrap()
}

#[test]
fn a_request_is_told_with_its_target_as_soon_as_its_head_is_whole() {
    for (transport, conversation) in every_transport() {
        let (way, head) = &conversation.runs[0];
        assert_eq!(*way, Way::Up);
        let mut explainer = Explainer::default();
        explainer.push(Way::Up, &head[..head.len() - 1], |told| panic!("{transport}: {told:?}"));
        let mut all = Vec::new();
        explainer.push(Way::Up, &head[head.len() - 1..], |told| all.push(told));
        let [Told::Step(step)] = &all[..] else { panic!("{transport}: {all:?}") };
        assert_eq!((step.kind, step.is_admin, step.from, step.to), (StepKind::Request, false, 0, head.len() as u64));
        let line = text_of(step, What::RequestLine);
        assert!(line.starts_with(&format!("GET /{transport}?")) && line.ends_with("HTTP/1.1\r\n"), "{line}");
    }
}

#[test]
fn steps_follow_each_other_without_a_gap() {
    for (transport, conversation) in every_transport() {
        let all = steps_of(&conversation);
        for way in Way::ALL {
            let mut end = 0;
            for step in all.iter().filter(|step| step.way == way) {
                let bytes: usize = step.runs.iter().map(|run| run.bytes.len()).sum();
                assert_eq!(step.from, end, "{transport}: {step:?}");
                end = step.from + bytes as u64;
                assert!(step.to <= end && !step.cut && !step.is_admin, "{transport}: {step:?}");
            }
        }
    }
}

#[test]
fn a_stream_is_a_head_a_position_then_a_step_for_each_event_with_the_end_of_its_chunk() {
    let mut conversation = Conversation::default();
    conversation.stream(Transport::IframeStreaming, Framing::Script, &[true, false], true);
    let all = steps_of(&conversation);
    let kinds: Vec<_> = all.iter().map(|step| step.kind).collect();
    use StepKind::{AnswerHead, Event, Heartbeat, Position, Request, StreamEnd};
    assert_eq!(kinds, [Request, AnswerHead, Position, Event, Heartbeat, StreamEnd]);
    assert_eq!(whats(&all[2]), [What::ChunkSize, What::DocumentHead, What::Position, What::ChunkEnd]);
    use What::{ChunkEnd, ChunkSize, EventText, ScriptElement};
    assert_eq!(whats(&all[3]), [ChunkSize, ScriptElement, EventText, ScriptElement, ChunkEnd]);
    assert_eq!(whats(&all[5]), [What::LastChunk]);
}

#[test]
fn an_event_over_several_chunks_has_its_runs_where_they_are() {
    let mut explainer = Explainer::default();
    let mut all = Vec::new();
    explainer.push(Way::Up, b"GET /polling HTTP/1.1\r\n\r\n", |told| all.push(told));
    let answer =
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n[{\"a\r\n6\r\n\":12},\r\n3\r\n34]\r\n0\r\n\r\n";
    explainer.push(Way::Down, answer, |told| all.push(told));
    let [_, Told::Step(step)] = &all[..] else { panic!("{all:?}") };
    let runs: Vec<_> = step.runs.iter().map(|run| (run.what, &run.bytes[..])).skip(3).collect();
    let expected: [(What, &[u8]); 13] = [
        (What::ChunkSize, b"4\r\n"),
        (What::JsonArray, b"["),
        (What::EventText, b"{\"a"),
        (What::ChunkEnd, b"\r\n"),
        (What::ChunkSize, b"6\r\n"),
        (What::EventText, b"\":12}"),
        (What::JsonArray, b","),
        (What::ChunkEnd, b"\r\n"),
        (What::ChunkSize, b"3\r\n"),
        (What::EventText, b"34"),
        (What::JsonArray, b"]"),
        (What::ChunkEnd, b"\r\n"),
        (What::LastChunk, b"0\r\n\r\n"),
    ];
    assert_eq!(runs, expected);
}

#[test]
fn what_belongs_to_no_transport_is_marked_and_breaks_nothing_that_follows() {
    let mut conversation = Conversation::default();
    conversation.poll(Transport::Polling, 1, None);
    conversation.admin();
    conversation.poll(Transport::Polling, 2, None);
    let all = steps_of(&conversation);
    let marks: Vec<_> = all.iter().map(|step| (step.way, step.kind, step.is_admin)).collect();
    let exchange = |is_admin| [(Way::Up, StepKind::Request, is_admin), (Way::Down, StepKind::Answer, is_admin)];
    assert_eq!(marks, [exchange(false), exchange(true), exchange(false)].concat());
    assert!(all.iter().filter(|step| step.is_admin).all(|step| step.layers.total() == 0));
    assert_eq!(text_of(&all[5], What::EventText).matches("\"seq\"").count(), 2);
}

#[test]
fn a_long_step_is_cut_and_its_sums_are_not() {
    let text = vec![b'x'; 5 * STEP_MAX_BYTES];
    let mut conversation = Conversation::default();
    conversation.upgrade();
    conversation.message(Way::Down, &[&text]);
    conversation.message(Way::Down, &[b"short"]);
    for part in [usize::MAX, 1_000] {
        let all = told(Explainer::default(), conversation.runs(), part);
        let expected = ledger(conversation.runs(), part);
        assert_eq!(told_layers(&all, Way::Down), *expected.layers(Way::Down));
        let events: Vec<_> = steps(all).into_iter().filter(|step| step.kind == StepKind::Event).collect();
        let [long, short] = &events[..] else { panic!("{events:?}") };
        assert_eq!((long.cut, short.cut), (true, false));
        assert_eq!(long.runs.iter().map(|run| run.bytes.len()).sum::<usize>(), STEP_MAX_BYTES);
        assert_eq!((long.layers.payload, long.to - long.from), (text.len() as u64, text.len() as u64 + 10));
        assert_eq!(text_of(short, What::EventText), "short");
    }
}

#[test]
fn what_never_becomes_whole_is_told_at_the_end() {
    let mut explainer = Explainer::default();
    explainer.push(Way::Up, b"GET /polling HT", |told| panic!("{told:?}"));
    let mut all = Vec::new();
    explainer.finish(|told| all.push(told));
    let run = Run { layer: Layer::Unclassified, what: What::Unclassified, bytes: b"GET /polling HT".to_vec() };
    let [Told::Step(step)] = &all[..] else { panic!("{all:?}") };
    assert_eq!((step.kind, &step.runs[..], step.layers.unclassified), (StepKind::Request, &[run][..], 15));
}

#[test]
fn what_is_held_of_a_client_without_an_end_is_bounded() {
    let openings: [&[u8]; 5] = [
        b"",
        b"\0\0\r\n\r\n",
        b"POST /publish HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
        b"POST /stats HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
        b"POST /publish HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n",
    ];
    for opening in openings {
        for scrap in [&b"x"[..], b"\0", b"a: b\r\n", b"\x81\x01", b"GET /polling HTTP/1.1\r\n\r\n"] {
            let mut explainer = Explainer::default();
            explainer.push(Way::Up, opening, |_| {});
            let endless = scrap.repeat((2 * TEXT_MAX_BYTES).div_ceil(scrap.len()));
            for part in endless.chunks(16_384) {
                explainer.push(Way::Up, part, |_| {});
                let held = explainer.held_bytes();
                assert!(held <= 2 * HEAD_MAX_BYTES + STEP_MAX_BYTES + 100, "{held}: {}", scrap.escape_ascii());
            }
        }
    }
}

#[test]
fn http_2_is_told_as_one_step_each_way_that_is_not_understood() {
    for first in Way::ALL {
        let mut talk = Talk::new(Indexing::Chromium, Look::default());
        let stream = talk.open();
        talk::poll(Transport::Polling, 400, 16_384).iter().for_each(|step| talk.step(stream, step));
        let mut runs = talk.runs();
        if first == Way::Down {
            runs.swap(0, 1);
        }
        let mut explainer = Explainer::default();
        for (way, run) in &runs {
            explainer.push(*way, run, |told| panic!("{told:?}"));
            assert!(explainer.held_bytes() <= 2 * STEP_MAX_BYTES);
        }
        let mut all = Vec::new();
        explainer.finish(|told| all.push(told));
        let all = steps(all);
        let kinds: Vec<_> = all.iter().map(|step| (step.way, step.kind, step.layers.total())).collect();
        let carried = |way| runs.iter().filter(|run| run.0 == way).map(|run| run.1.len() as u64).sum();
        use StepKind::{Answer, Request};
        assert_eq!(kinds, [(Way::Up, Request, carried(Way::Up)), (Way::Down, Answer, carried(Way::Down))]);
        assert!(all.iter().all(|step| step.layers.unclassified == step.layers.total() && !step.is_admin));
        assert!(all.iter().all(|step| whats(step) == [What::Unclassified]));
    }
}

proptest! {
    /// As a proxy would cut it, which may also give up in the middle.
    #[test]
    fn streams_in_any_chunks_are_told_alike_and_so_is_what_follows(
        (stream, pieces) in (0_usize..3, vec(any::<bool>(), 0..5)),
        sizes in vec(1_usize..90, 1..20),
        kept in 0_usize..700,
        then_poll in any::<bool>(),
    ) {
        let (transport, framing) = STREAMS[stream];
        let mut content = Vec::new();
        framing.prologue(POSITION, &mut content);
        for (n, is_event) in pieces.into_iter().enumerate() {
            if is_event {
                framing.event(Cursor { seq: 8 + n as u64, ..POSITION }, &text(n), &mut content);
            } else {
                content.extend_from_slice(framing.heartbeat());
            }
        }
        content.truncate(kept);
        let mut answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        for &size in sizes.iter().cycle() {
            let chunk: Vec<u8> = content.drain(..size.min(content.len())).collect();
            answer.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            answer.extend_from_slice(&chunk);
            answer.extend_from_slice(b"\r\n");
            if chunk.is_empty() {
                break;
            }
        }
        let request = format!("GET /{transport} HTTP/1.1\r\n\r\n");
        let mut runs = vec![(Way::Up, request.as_bytes()), (Way::Down, &answer)];
        let mut poll = Conversation::default();
        poll.poll(Transport::Polling, 2, Some(7));
        if then_poll {
            runs.extend(poll.runs());
        }
        check(&runs);
        if then_poll {
            let all = steps(told(Explainer::whole(), runs, usize::MAX));
            let texts = all.last().map(|step| text_of(step, What::EventText).matches("\"seq\"").count());
            prop_assert_eq!(texts, Some(2));
        }
    }
}
