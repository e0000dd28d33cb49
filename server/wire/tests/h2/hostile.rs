//! Field blocks that no good encoder writes.

use feedbench_wire::h2::hpack::{Decoder, HpackError, LIST_MAX_BYTES};
use proptest::prelude::*;

fn error(block: &[u8]) -> Option<HpackError> {
    Decoder::default().decode(block, |_, _| {}).err()
}

#[test]
fn what_is_no_field_block_is_refused() {
    for (block, expected) in [
        (&[0x80][..], HpackError::Index(0)),
        (&[0xbe], HpackError::Index(62)),
        (&[0x7e, 0x00], HpackError::Index(62)),
        (&[0x40], HpackError::Truncated),
        (&[0x40, 0x01], HpackError::Truncated),
        (&[0x40, 0x01, b'a', 0x02, b'b'], HpackError::Truncated),
        (&[0x00, 0x81], HpackError::Truncated),
        (&[0x00, 0x81, 0x00, 0x00], HpackError::Huffman),
        (&[0x41, 0x84, 0xff, 0xff, 0xff, 0xff], HpackError::Huffman),
        (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], HpackError::Integer),
        (&[0x41, 0x7f, 0xff, 0xff, 0xff, 0xff, 0x0f], HpackError::Integer),
        (&[0x41, 0x7f, 0x80, 0xff, 0xff, 0xff, 0x0f], HpackError::Truncated),
    ] {
        assert_eq!(error(block), Some(expected), "{block:x?}");
    }
}

#[test]
fn a_table_grows_no_larger_than_allowed_and_changes_only_before_the_first_field() {
    let size = |first: u8, rest: &[u8]| [&[first], rest].concat();
    assert_eq!(error(&size(0x3f, &[0xe1, 0x1f])), None, "4,096");
    assert_eq!(error(&size(0x3f, &[0xe2, 0x1f])), Some(HpackError::TableSize), "4,097");
    assert_eq!(error(&[0x20, 0x3f, 0xe1, 0x1f, 0x82]), None, "twice, as it shrank in between");
    assert_eq!(error(&[0x82, 0x20]), Some(HpackError::TableSize));
    let mut larger = Decoder::with_table(8_192);
    assert_eq!(larger.decode(&size(0x3f, &[0xe1, 0x3f]), |_, _| {}), Ok(()), "8,192");
    let mut none = Decoder::with_table(0);
    assert_eq!(none.decode(&[0x40, 1, b'a', 1, b'b'], |_, _| {}), Ok(()));
    assert_eq!(none.decode(&[0xbe], |_, _| {}), Err(HpackError::Index(62)), "it remembers nothing");
}

#[test]
fn a_name_may_be_of_a_field_that_is_forgotten_for_its_own() {
    let mut decoder = Decoder::with_table(40);
    decoder.decode(&[0x40, 1, b'a', 3, b'o', b'l', b'd'], |_, _| {}).unwrap();
    let mut given = Vec::new();
    let block = [0x7e, 3, b'n', b'e', b'w', 0xbe];
    decoder.decode(&block, |name, value| given.push([name, value].concat())).unwrap();
    assert_eq!(given, [b"anew", b"anew"]);
}

#[test]
fn a_short_block_cannot_unfold_into_a_list_without_end() {
    let value = [b'x'; 3_000];
    let mut block = vec![0x40, 1, b'a', 0x7f, 0xb9, 0x16];
    block.extend(value);
    let each = 1 + value.len() + 32;
    let fit = LIST_MAX_BYTES / each;
    block.extend(vec![0xbe; fit - 1]);
    let (mut fields, mut decoder) = (0, Decoder::default());
    assert_eq!(decoder.decode(&block, |_, _| fields += 1), Ok(()));
    assert_eq!(fields, fit);
    block.extend([0xbe; 100_000]);
    let mut fields = 0;
    assert_eq!(Decoder::default().decode(&block, |_, _| fields += 1), Err(HpackError::ListTooLong));
    assert_eq!(fields, fit);
}

#[test]
fn a_decoder_that_was_not_used_costs_little() {
    assert!(size_of::<Decoder>() <= 64, "{}", size_of::<Decoder>());
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic_and_within_the_bound(blocks: Vec<Vec<u8>>) {
        let mut decoder = Decoder::default();
        for block in &blocks {
            let mut list_bytes = 0;
            let read = decoder.decode(block, |name, value| list_bytes += name.len() + value.len() + 32);
            prop_assert!(list_bytes <= LIST_MAX_BYTES);
            if read.is_err() {
                break;
            }
        }
    }
}
