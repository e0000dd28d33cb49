//! What the encoder writes, the decoder reads, whatever the encoder remembers.

use feedbench_wire::h2::hpack::{Decoder, Encoder, Indexing, TABLE_BYTES};
use proptest::prelude::*;

use crate::{Fields, decoded, encoded, fields};

/// Few enough names and values that many come again.
fn field() -> impl Strategy<Value = (String, String)> {
    let name = prop_oneof![
        prop::sample::select(vec![":path", ":method", ":authority", "cookie", "authorization", "accept", "te", "x-a"])
            .prop_map(str::to_owned),
        "[a-z-]{1,12}",
    ];
    let value = prop_oneof!["[a-c]{0,2}", "[ -~]{0,40}", "x{900,2500}", Just("GET".to_owned()), "\\PC{0,20}"];
    (name, value)
}

fn sent() -> impl Strategy<Value = Vec<(Option<u32>, Fields)>> {
    let table = prop::option::weighted(0.3, prop_oneof![0..200_u32, 0..=TABLE_BYTES, any::<u32>()]);
    proptest::collection::vec((table, proptest::collection::vec(field(), 0..12)), 0..8)
}

proptest! {
    #[test]
    fn every_policy_is_read_as_it_was_written_while_the_table_changes(sent in sent()) {
        for indexing in Indexing::ALL {
            let (mut encoder, mut decoder) = (Encoder::new(indexing), Decoder::default());
            for (table, fields) in &sent {
                if let Some(bytes) = *table {
                    encoder.set_table(bytes);
                }
                let block = encoded(&mut encoder, fields);
                prop_assert_eq!(&decoded(&mut decoder, &block).unwrap(), fields, "{:?}", indexing);
            }
        }
    }
}

#[test]
fn a_table_that_shrank_and_grew_between_two_blocks_is_told_with_both_sizes() {
    let mut encoder = Encoder::new(Indexing::Chromium);
    let field = fields(&[("x-a", "b")]);
    encoded(&mut encoder, &field);
    assert_eq!(encoded(&mut encoder, &field), [0xbe]);
    encoder.set_table(0);
    encoder.set_table(u32::MAX);
    assert_eq!(
        encoded(&mut encoder, &field)[..5],
        [0x20, 0x3f, 0xe1, 0x1f, 0x40],
        "0, then 4,096, and nothing is there"
    );
    assert_eq!(encoded(&mut encoder, &field), [0xbe], "it is told once");
}

#[test]
fn firefox_writes_out_a_path_even_where_the_static_table_has_it() {
    for (indexing, block) in [(Indexing::Firefox, &[0x04, 0x01, b'/'][..]), (Indexing::Chromium, &[0x84])] {
        assert_eq!(encoded(&mut Encoder::new(indexing), &fields(&[(":path", "/")])), block);
    }
}

#[test]
fn a_short_cookie_and_credentials_are_never_indexed_by_firefox() {
    let mut encoder = Encoder::new(Indexing::Firefox);
    for _ in 0..2 {
        for (name, first) in [("cookie", [0x1f, 0x11]), ("authorization", [0x1f, 0x08])] {
            assert_eq!(encoded(&mut encoder, &fields(&[(name, "short")]))[..2], first, "{name}");
        }
    }
    let long = fields(&[("cookie", "twenty-bytes-or-more")]);
    encoded(&mut encoder, &long);
    assert_eq!(encoded(&mut encoder, &long), [0xbe]);
}

#[test]
fn a_client_without_a_memory_writes_the_same_block_again() {
    let mut encoder = Encoder::new(Indexing::Never);
    let request = fields(&[(":method", "GET"), (":authority", "h:1"), ("cookie", "sid=x"), ("x-a", "b")]);
    let first = encoded(&mut encoder, &request);
    assert_eq!(encoded(&mut encoder, &request), first);
    assert_eq!(first[0], 0x82, "the static table is of use");
}
