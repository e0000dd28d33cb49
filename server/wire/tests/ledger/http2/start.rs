//! Which protocol it is, by the first bytes.

use feedbench_record::ledger::{Ledger, Way};
use feedbench_wire::h2::frame::{FrameKind, PREFACE};
use feedbench_wire::h2::hpack::Indexing;
use feedbench_wire::ledger::Tally;
use proptest::prelude::*;

use super::talk::{self, Look, Talk, frame};
use crate::conversation::Conversation;
use crate::script::check;
use feedbench_record::Transport;

#[test]
fn a_server_may_speak_before_the_preface_has_come() {
    let mut talk = Talk::new(Indexing::Chromium, Look::default());
    let stream = talk.open();
    talk::poll(Transport::Polling, 1, 60).iter().for_each(|step| talk.step(stream, step));
    let runs = talk.runs();
    // Up: the preface, SETTINGS, WINDOW_UPDATE; down: SETTINGS and an acknowledgement.
    let mut early = vec![runs[1], runs[0]];
    early.extend_from_slice(&runs[2..]);
    assert_eq!(check(&early), talk.expected);
}

#[test]
fn half_a_preface_is_held_and_then_it_is_one_or_a_request() {
    let mut tally = Tally::default();
    tally.push(Way::Up, b"P");
    assert_eq!((tally.held_bytes(), tally.ledger().up.unclassified), (1, 1));
    tally.push(Way::Up, b"OST /publish HTTP/1.1\r\nContent-Length: 1\r\n\r\nx");
    let Ledger { up, .. } = tally.ledger();
    assert_eq!((up.request_headers, up.payload, up.unclassified), (45, 1, 0));

    let mut tally = Tally::default();
    PREFACE.iter().for_each(|&b| tally.push(Way::Up, &[b]));
    assert_eq!((tally.held_bytes(), tally.ledger().up.control), (0, 24));
}

#[test]
fn what_is_nearly_a_preface_is_not_understood() {
    for bytes in [&b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"[..], b"PRI * HTTP/1.1\r\n\r\nSM\r\n\r\n"] {
        let ledger = check(&[(Way::Up, bytes)]);
        assert_eq!(ledger.up.control, 0);
        assert_eq!(ledger.up.unclassified + ledger.admin.up, bytes.len() as u64);
    }
    // A server that has spoken HTTP/2 was not asked in HTTP/1.1.
    let settings = frame(FrameKind::Settings, 0, 0, &[]);
    let ledger = check(&[(Way::Down, &settings), (Way::Up, b"GET /polling HTTP/1.1\r\n\r\n")]);
    assert_eq!((ledger.down.control, ledger.up.unclassified), (9, 25));
}

proptest! {
    #[test]
    fn a_connection_of_http_1_is_found_though_a_server_spoke_first(first in proptest::collection::vec(any::<u8>(), 1..12)) {
        let mut conversation = Conversation::default();
        conversation.poll(Transport::Polling, 1, None);
        let mut runs = vec![(Way::Down, first.as_slice())];
        runs.extend(conversation.runs());
        let ledger = check(&runs);
        if first[0] != 0 {
            prop_assert_eq!(ledger.up, conversation.expected.up);
            prop_assert_eq!(ledger.down.unclassified, ledger.down.total());
        }
    }
}
