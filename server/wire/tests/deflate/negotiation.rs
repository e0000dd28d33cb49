//! What a client offers and a server answers (RFC 7692 section 7.1).

use feedbench_wire::deflate::permessage::{Agreed, NAME};

/// The answer to an offer, where messages are compressed with what went before them, and where each stands alone.
fn answers(offer: &str) -> (Option<String>, Option<String>) {
    let answer = |takeover| Agreed::accept([offer], takeover).map(|agreed| agreed.answer());
    (answer(true), answer(false))
}

#[test]
fn an_offer_is_answered_with_what_was_chosen() {
    let answer = |parameters: &str| Some(format!("{NAME}; {parameters}"));
    let client = "client_no_context_takeover";
    let both = "server_no_context_takeover; client_no_context_takeover";
    for (offer, with, alone) in [
        ("permessage-deflate", answer(client), answer(both)),
        ("permessage-deflate; client_max_window_bits", answer(client), answer(both)),
        ("permessage-deflate; client_max_window_bits=10; client_no_context_takeover", answer(client), answer(both)),
        ("permessage-deflate; server_no_context_takeover", answer(both), answer(both)),
        (
            "permessage-deflate; server_max_window_bits=\"10\"",
            answer(&format!("{client}; server_max_window_bits=10")),
            None,
        ),
        (
            "permessage-deflate ; server_max_window_bits = 15",
            answer(&format!("{client}; server_max_window_bits=15")),
            answer(&format!("{both}; server_max_window_bits=15")),
        ),
        ("permessage-deflate; server_max_window_bits=8, permessage-deflate", answer(client), answer(both)),
        (
            "x-other; a=\"1, permessage-deflate\", permessage-deflate; client_max_window_bits",
            answer(client),
            answer(both),
        ),
    ] {
        assert_eq!(answers(offer), (with, alone), "{offer}");
    }
}

#[test]
fn what_cannot_be_met_is_declined() {
    for offer in [
        "",
        "x-webkit-deflate-frame",
        "permessage-deflate; server_max_window_bits=8",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=010",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=+9",
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
        "permessage-deflate; unknown",
        "permessage-deflate;",
    ] {
        assert_eq!(answers(offer), (None, None), "{offer}");
    }
}

#[test]
fn the_first_offer_of_several_fields_that_can_be_met_is_taken() {
    let offers =
        ["x, permessage-deflate; unknown", "permessage-deflate; server_max_window_bits=12, permessage-deflate"];
    assert_eq!(Agreed::accept(offers, true).and_then(|agreed| agreed.server_window_bits), Some(12));
    assert_eq!(Agreed::accept(offers, false).map(|agreed| agreed.server_window_bits), Some(None));
}

#[test]
fn a_client_reads_the_answer_that_a_server_gives() {
    for offer in ["permessage-deflate", "permessage-deflate; server_max_window_bits=12"] {
        for takeover in [false, true] {
            if let Some(agreed) = Agreed::accept([offer], takeover) {
                assert_eq!(Agreed::read(agreed.answer().as_bytes()), Ok(agreed));
            }
        }
    }
    for wrong in
        ["", "permessage-deflate; client_max_window_bits", "permessage-deflate, permessage-deflate", "x", "\u{ff}"]
    {
        assert!(Agreed::read(wrong.as_bytes()).is_err(), "{wrong}");
    }
}
