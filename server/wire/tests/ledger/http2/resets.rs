//! Streams that are given up before their end.

use feedbench_record::Transport;
use feedbench_record::ledger::{Layer, Ledger, Way};
use feedbench_wire::Framing;
use feedbench_wire::h2::frame::FrameKind;
use feedbench_wire::h2::hpack::Indexing;
use proptest::prelude::*;

use super::talk::{self, Counts, Look, Step, Talk};
use crate::script::{check, ledger};

const CANCEL: &[u8] = &[0, 0, 0, 8];

/// A stream with a whole event and so many bytes of another.
fn half_an_event(bytes: usize) -> (Talk, usize) {
    let mut talk = Talk::new(Indexing::Chromium, Look::default());
    let steps = talk::stream(Transport::Sse, Framing::Sse, &[true], None, 16_384);
    let stream = talk.open();
    steps[..steps.len() - 1].iter().for_each(|step| talk.step(stream, step));
    if bytes > 0 {
        let half = talk::event(Framing::Sse, 1).into_iter().flat_map(|(_, part)| part).take(bytes).collect();
        let parts = vec![(Layer::Control, half)];
        talk.step(stream, &Step::Data { way: Way::Down, parts, cut: 16_384, counts: None });
    }
    (talk, stream)
}

#[test]
fn half_an_event_of_a_stream_that_either_end_gave_up_is_control() {
    for way in Way::ALL {
        for bytes in [0, 1, 30] {
            let (mut talk, stream) = half_an_event(bytes);
            talk.control(way, FrameKind::RstStream, 0, talk.number(stream), CANCEL);
            // The connection goes on.
            let next = talk.open();
            talk::poll(Transport::Polling, 1, 60).iter().for_each(|step| talk.step(next, step));
            assert_eq!(check(&talk.runs()), talk.expected, "{way:?}: {bytes}");
        }
    }
}

#[test]
fn half_an_event_of_a_stream_that_ended_is_unclassified() {
    let (mut talk, stream) = half_an_event(30);
    talk.step(stream, &Step::End { way: Way::Down, exchange: None });
    let Ledger { down, .. } = check(&talk.runs());
    assert_eq!((down.unclassified, down.control), (30, talk.expected.down.control - 30));
}

proptest! {
    /// The client gives up; what the server had sent by then comes all the same. The server's end sees it in the order in
    /// which it was sent, the client's end sees its own frame first.
    #[test]
    fn both_ends_agree_on_a_stream_that_was_given_up(
        pieces in proptest::collection::vec(any::<bool>(), 0..6),
        cut in 1_usize..60,
        up_to in 1_usize..20,
        ends in any::<bool>(),
        before in 0_usize..20,
    ) {
        let steps = talk::stream(Transport::FetchStreaming, Framing::Ndjson, &pieces, None, cut);
        let mut talk = Talk::new(Indexing::Chromium, Look::default());
        let stream = talk.open();
        let up_to = if ends { steps.len() } else { up_to.min(steps.len()) };
        steps[..up_to].iter().for_each(|step| talk.step(stream, step));
        let sent = talk.runs.len();
        talk.control(Way::Up, FrameKind::RstStream, 0, talk.number(stream), CANCEL);
        let served = talk.runs();
        let mut seen = served.clone();
        if sent < seen.len() {
            // The last run down is the stream's; the client saw only its beginning.
            let reset = seen.pop().unwrap();
            let (way, down) = seen.pop().unwrap();
            let (first, late) = down.split_at(before.min(down.len()));
            seen.extend([(way, first), reset, (way, late)]);
        }
        let expected = check(&served);
        prop_assert_eq!(expected, talk.expected);
        prop_assert_eq!(ledger(seen, usize::MAX), expected);
    }
}

#[test]
fn an_answer_before_the_end_of_its_request_is_one_exchange_with_all_bytes() {
    let body = vec![(Layer::Payload, b"half".to_vec())];
    let [ask, .., answer, _] = &talk::publish(b"", 9)[..] else { panic!("a request and an answer") };
    let data = Step::Data { way: Way::Up, parts: body, cut: 9, counts: None };
    let (end_up, end_down) =
        (Step::End { way: Way::Up, exchange: Some(Counts::Publish) }, Step::End { way: Way::Down, exchange: None });
    let mut talk = Talk::new(Indexing::Never, Look::default());
    let stream = talk.open();
    [ask, answer, &end_down, &data, &end_up].into_iter().for_each(|step| talk.step(stream, step));
    let ledger = check(&talk.runs());
    assert_eq!(ledger.publishes, talk.expected.publishes);
    assert_eq!(ledger, talk.expected);
}
