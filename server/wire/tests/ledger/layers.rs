//! Every byte has the layer that it was written for.

use feedbench_record::ledger::{Ledger, Way};
use feedbench_record::scenario::Protocol;
use feedbench_record::{Transport, transport::Manner};
use feedbench_wire::Framing;
use feedbench_wire::ledger::Explainer;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::conversation::{Conversation, text};
use crate::script::{check, ledger, told};

/// The ledger without what the conversation does not tell.
fn counted(ledger: Ledger) -> Ledger {
    Ledger { repetition: Default::default(), ..ledger }
}

/// The framing of each stream.
pub(crate) const STREAMS: [(Transport, Framing); 3] = [
    (Transport::IframeStreaming, Framing::Script),
    (Transport::Sse, Framing::Sse),
    (Transport::FetchStreaming, Framing::Ndjson),
];

/// What can be said over HTTP.
fn exchange() -> impl Strategy<Value = Exchange> {
    let polls = || prop_oneof![Just(Transport::Polling), Just(Transport::LongPolling)];
    prop_oneof![
        4 => (polls(), 0_usize..4, proptest::option::of(1_usize..200)).prop_map(|(transport, events, chunk)| Exchange::Poll {
            transport, events, chunk
        }),
        1 => vec(any::<u8>(), 1..50).prop_map(Exchange::Publish),
        1 => Just(Exchange::Admin),
        1 => Just(Exchange::Refused),
        2 => (0_usize..3, vec(any::<bool>(), 0..6)).prop_map(|(stream, pieces)| Exchange::Stream { stream, pieces }),
    ]
}

#[derive(Clone, Debug)]
enum Exchange {
    Poll { transport: Transport, events: usize, chunk: Option<usize> },
    Stream { stream: usize, pieces: Vec<bool> },
    Publish(Vec<u8>),
    Admin,
    Refused,
}

fn over_http(exchanges: &[Exchange]) -> Conversation {
    let mut conversation = Conversation::default();
    let mut opens = true;
    for exchange in exchanges {
        match exchange {
            Exchange::Poll { transport, events, chunk } => conversation.poll(*transport, *events, *chunk),
            Exchange::Stream { stream, pieces } => {
                let (transport, framing) = STREAMS[*stream];
                conversation.stream(transport, framing, pieces, std::mem::take(&mut opens));
            }
            Exchange::Publish(body) => conversation.publish(body),
            Exchange::Admin => conversation.admin(),
            Exchange::Refused => conversation.refused(),
        }
    }
    conversation
}

proptest! {
    #[test]
    fn over_http_every_byte_has_its_layer_however_it_is_split(exchanges in vec(exchange(), 0..8)) {
        let conversation = over_http(&exchanges);
        prop_assert_eq!(counted(check(&conversation.runs())), conversation.expected);
    }

    #[test]
    fn over_websocket_every_byte_has_its_layer_however_it_is_split(
        messages in vec((any::<bool>(), 0_usize..5, proptest::option::of(vec(any::<u8>(), 0..125))), 0..12),
    ) {
        let mut conversation = Conversation::default();
        conversation.upgrade();
        for (up, event, ping) in messages {
            let (way, text) = (if up { Way::Up } else { Way::Down }, text(event));
            match ping {
                Some(payload) => conversation.ping(&payload),
                None if event == 0 => conversation.message(way, &[&text[..10], &[], &text[10..]]),
                None => conversation.message(way, &[&text]),
            }
        }
        conversation.close();
        prop_assert_eq!(counted(check(&conversation.runs())), conversation.expected);
    }
}

#[test]
fn every_cut_of_every_transport_gives_the_same_ledger_and_the_same_steps() {
    for (transport, conversation) in every_transport() {
        let runs = conversation.runs();
        let whole = check(&runs);
        let whole_told = told(Explainer::default(), runs.clone(), usize::MAX);
        for (index, (_, run)) in runs.iter().enumerate() {
            for place in 1..run.len() {
                let cut = runs.iter().enumerate().flat_map(|(n, &(way, bytes))| {
                    let (first, second) = bytes.split_at(if n == index { place } else { bytes.len() });
                    [(way, first), (way, second)]
                });
                let cut: Vec<_> = cut.collect();
                assert_eq!(ledger(cut.clone(), usize::MAX), whole, "{transport}: run {index} cut at {place}");
                let cut_told = told(Explainer::default(), cut, usize::MAX);
                assert_eq!(cut_told, whole_told, "{transport}: run {index} cut at {place}");
            }
        }
        assert_eq!(counted(whole), conversation.expected);
    }
}

/// A typical conversation of each transport.
pub(crate) fn every_transport() -> Vec<(Transport, Conversation)> {
    let conversation = |transport: Transport| {
        let mut conversation = Conversation::default();
        match (transport, STREAMS.iter().find(|stream| stream.0 == transport)) {
            (_, Some(&(_, framing))) => conversation.stream(transport, framing, &[true, false, true], true),
            (Transport::WebSocket, None) => {
                conversation.upgrade();
                conversation.message(Way::Down, &[&text(0)]);
                conversation.ping(b"");
                conversation.message(Way::Up, &[b"a client's own"]);
                conversation.message(Way::Down, &[&text(40)]);
                conversation.close();
            }
            (poll, None) => {
                assert_ne!(poll.manner(), Manner::Pushed);
                conversation.poll(poll, 0, None);
                conversation.poll(poll, 2, None);
                conversation.poll(poll, 3, Some(30));
            }
        }
        (transport, conversation)
    };
    Transport::ALL.map(conversation).into()
}

#[test]
fn polls_without_news_repeat_their_heads() {
    let mut conversation = Conversation::default();
    (0..3).for_each(|_| conversation.poll(Transport::Polling, 0, None));
    let ledger = check(&conversation.runs());
    let heads = ledger.up.request_headers + ledger.down.response_headers;
    assert_eq!((ledger.repetition.heads, ledger.repetition.identical), (heads * 2 / 3, heads * 2 / 3));
}

#[test]
fn a_heartbeat_takes_what_its_rules_say() {
    for (transport, conversation) in every_transport() {
        let ledger = check(&conversation.runs());
        match feedbench_wire::ledger::heartbeat(transport, Protocol::Http1) {
            None => assert_eq!(ledger.heartbeats.count, 0),
            Some(rule) => assert_eq!(ledger.heartbeats, rule, "{transport}"),
        }
    }
}

#[test]
fn what_never_becomes_whole_is_unclassified() {
    for (transport, conversation) in every_transport() {
        let (_, down) = conversation.runs.iter().rfind(|run| run.0 == Way::Down).unwrap();
        // In the middle of an event's text; a WebSocket's text has its layer at once, but not half a header.
        let (place, unclassified) = match transport {
            Transport::WebSocket => (down.len() - 3, 1),
            _ => (down.windows(6).rposition(|window| window == b"\"data\"").unwrap(), 20),
        };
        let runs = conversation.runs();
        let cut = runs.iter().map(|&(way, run)| (way, if run == down { &run[..place] } else { run }));
        let ledger = ledger(cut, usize::MAX);
        assert!(ledger.down.unclassified >= unclassified, "{transport}: {}", ledger.down.unclassified);
    }
}
