//! Every byte has the layer that it was written for, however streams take turns.

use feedbench_record::ledger::{Layer, Ledger, Way};
use feedbench_record::scenario::Protocol;
use feedbench_record::{Transport, transport::Manner};
use feedbench_wire::h2::frame::FrameKind;
use feedbench_wire::h2::hpack::Indexing;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::talk::{self, Look, Step, Talk};
use crate::conversation::POSITION;
use crate::layers::STREAMS;
use crate::script::{check, ledger};

/// The whole of a stream.
fn stream() -> impl Strategy<Value = Vec<Step>> {
    let polls = || prop_oneof![Just(Transport::Polling), Just(Transport::LongPolling)];
    let cut = || prop_oneof![Just(16_384_usize), 1_usize..60];
    let place = || option::of(Just(POSITION));
    let way = || prop_oneof![Just(Way::Up), Just(Way::Down)];
    prop_oneof![
        3 => (polls(), 0_usize..4, cut()).prop_map(|(transport, events, cut)| talk::poll(transport, events, cut)),
        2 => (0_usize..3, vec(any::<bool>(), 0..6), place(), cut()).prop_map(|(stream, pieces, place, cut)| {
            let (transport, framing) = STREAMS[stream];
            talk::stream(transport, framing, &pieces, place, cut)
        }),
        2 => (vec((way(), option::of(0_usize..5)), 0..6), place(), cut())
            .prop_map(|(messages, place, cut)| talk::websocket(&messages, place, cut)),
        1 => (vec(any::<u8>(), 1..50), cut()).prop_map(|(body, cut)| talk::publish(&body, cut)),
        1 => Just(talk::admin()),
        1 => Just(talk::refused()),
    ]
}

fn look() -> impl Strategy<Value = Look> {
    (option::of(0_u8..20), any::<bool>(), option::of(1_usize..40)).prop_map(|(padding, has_priority, block)| Look {
        padding,
        has_priority,
        block,
    })
}

fn indexing() -> impl Strategy<Value = Indexing> {
    prop_oneof![Just(Indexing::Chromium), Just(Indexing::Firefox), Just(Indexing::Never)]
}

/// Says the steps of all streams; `turns` says whose turn it is.
fn take_turns(talk: &mut Talk, streams: &[Vec<Step>], turns: &[usize]) {
    let mut left: Vec<_> = streams.iter().map(|steps| (talk.open(), steps.iter())).collect();
    for turn in turns.iter().cycle() {
        if left.is_empty() {
            return;
        }
        let n = turn % left.len();
        let (stream, steps) = &mut left[n];
        match steps.next() {
            Some(step) => talk.step(*stream, step),
            None => _ = left.remove(n),
        }
    }
}

proptest! {
    #[test]
    fn every_byte_has_its_layer_however_streams_take_turns_and_however_it_is_split(
        streams in vec(stream(), 0..6),
        turns in vec(0_usize..6, 1..40),
        look in look(),
        indexing in indexing(),
    ) {
        let mut talk = Talk::new(indexing, look);
        take_turns(&mut talk, &streams, &turns);
        talk.control(Way::Down, FrameKind::GoAway, 0, 0, &[0; 8]);
        prop_assert_eq!(check(&talk.runs()), talk.expected);
    }

    /// One end may have read nothing yet of what the other has written.
    #[test]
    fn both_ends_find_the_same_though_they_see_another_order(
        streams in vec(stream(), 1..6),
        turns in vec(0_usize..6, 1..40),
        late in vec(any::<bool>(), 1..20),
    ) {
        let mut talk = Talk::new(Indexing::Chromium, Look::default());
        take_turns(&mut talk, &streams, &turns);
        let runs = talk.runs();
        // What goes up is seen early: an answer still comes after its request.
        let (mut early, mut held) = (Vec::new(), Vec::new());
        for ((way, run), &late) in runs.iter().zip(late.iter().cycle()) {
            match way {
                Way::Up => early.push((*way, *run)),
                Way::Down => {
                    held.push((*way, *run));
                    if !late {
                        early.append(&mut held);
                    }
                }
            }
        }
        early.append(&mut held);
        prop_assert_eq!(ledger(early, usize::MAX), talk.expected);
    }
}

/// A typical conversation of each transport: twice what HTTP/1.1's says, on two streams.
pub(crate) fn every_transport() -> Vec<(Transport, Talk)> {
    let conversation = |transport: Transport| {
        let mut talk = Talk::new(Indexing::Chromium, Look::default());
        let framing = STREAMS.iter().find(|stream| stream.0 == transport).map(|stream| stream.1);
        for place in [None, Some(POSITION)] {
            let steps = match framing {
                Some(framing) => talk::stream(transport, framing, &[true, false], place, 60),
                None if transport.manner() == Manner::Pushed => {
                    talk::websocket(&[(Way::Down, Some(1)), (Way::Down, None), (Way::Up, Some(0))], place, 60)
                }
                None => talk::poll(transport, 2, 60),
            };
            take_turns(&mut talk, &[steps], &[0]);
        }
        (transport, talk)
    };
    Transport::ALL.map(conversation).into()
}

#[test]
fn every_cut_of_every_transport_gives_the_same_ledger() {
    for (transport, talk) in every_transport() {
        let runs = talk.runs();
        assert_eq!(check(&runs), talk.expected, "{transport}");
        for (index, (_, run)) in runs.iter().enumerate() {
            for place in 1..run.len() {
                let cut = runs.iter().enumerate().flat_map(|(n, &(way, bytes))| {
                    let (first, second) = bytes.split_at(if n == index { place } else { bytes.len() });
                    [(way, first), (way, second)]
                });
                assert_eq!(ledger(cut, usize::MAX), talk.expected, "{transport}: run {index} cut at {place}");
            }
        }
    }
}

#[test]
fn a_heartbeat_takes_what_its_rules_say() {
    for transport in Transport::ALL {
        let mut talk = Talk::new(Indexing::Never, Look::default());
        let steps = match STREAMS.iter().find(|stream| stream.0 == transport) {
            Some(&(_, framing)) => talk::stream(transport, framing, &[false], None, 16_384),
            None if transport.manner() == Manner::Pushed => talk::websocket(&[(Way::Down, None)], None, 16_384),
            None => talk::poll(transport, 1, 16_384),
        };
        take_turns(&mut talk, &[steps], &[0]);
        let rule = feedbench_wire::ledger::heartbeat(transport, Protocol::Http2);
        assert_eq!(check(&talk.runs()).heartbeats, rule.unwrap_or_default(), "{transport}");
    }
}

#[test]
fn a_client_without_a_place_opens_and_one_that_comes_back_does_not() {
    let (transport, framing) = STREAMS[1];
    let opening = |places: &[Option<_>]| {
        let mut talk = Talk::new(Indexing::Never, Look::default());
        let streams: Vec<_> = places.iter().map(|place| talk::stream(transport, framing, &[], *place, 60)).collect();
        streams.iter().for_each(|steps| take_turns(&mut talk, std::slice::from_ref(steps), &[0]));
        let Ledger { up, hpack, .. } = check(&talk.runs());
        let requests = hpack.first_requests.count + hpack.repeated_requests.count;
        assert_eq!(requests, places.len() as u64);
        (up.opening_handshake > 0, up.request_headers > 0)
    };
    assert_eq!(opening(&[None, None, None]), (true, false), "three clients");
    assert_eq!(opening(&[None, Some(POSITION)]), (true, true), "one, and again");
    assert_eq!(opening(&[Some(POSITION)]), (true, false), "one that comes back to a new connection");
}

#[test]
fn what_never_becomes_whole_is_unclassified() {
    let mut talk = Talk::new(Indexing::Chromium, Look::default());
    let (transport, framing) = STREAMS[2];
    let steps = talk::stream(transport, framing, &[true], None, 16_384);
    let stream = talk.open();
    steps[..4].iter().for_each(|step| talk.step(stream, step));
    let runs = talk.runs();
    let (last, before) = runs.split_last().unwrap();
    let cut = before.iter().copied().chain([(last.0, &last.1[..last.1.len() - 10])]);
    let found = ledger(cut, usize::MAX);
    let event = talk::event(framing, 0).iter().map(|(_, part)| part.len()).sum::<usize>() as u64;
    assert_eq!(found.down.unclassified, event - 10);
    assert_eq!(found.down.get(Layer::BodyFraming), 2 * 9, "frames are found as they come");
}
