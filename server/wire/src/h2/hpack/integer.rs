//! Numbers (RFC 7541 section 5.1): the low bits of a byte, and more bytes of seven bits each when they do not suffice.

use super::HpackError;

/// Takes a number from the front of `input`, whose first byte lends its low `prefix_bits` to it.
pub(super) fn decode(input: &mut &[u8], prefix_bits: u32) -> Result<u32, HpackError> {
    let (first, mut rest) = input.split_first().ok_or(HpackError::Truncated)?;
    let most = prefix_max(prefix_bits);
    let mut value = u64::from(first & most);
    if value == u64::from(most) {
        for shift in [0, 7, 14, 21, 28, 35] {
            let (byte, after) = rest.split_first().ok_or(HpackError::Truncated)?;
            rest = after;
            value += u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
            if shift == 35 {
                return Err(HpackError::Integer);
            }
        }
    }
    *input = rest;
    u32::try_from(value).map_err(|_| HpackError::Integer)
}

/// Appends a number. `pattern` are the bits of the first byte above its low `prefix_bits`.
pub(super) fn encode(value: usize, prefix_bits: u32, pattern: u8, out: &mut Vec<u8>) {
    let most = prefix_max(prefix_bits);
    if value < usize::from(most) {
        out.push(pattern | value as u8);
        return;
    }
    out.push(pattern | most);
    let mut rest = value - usize::from(most);
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

fn prefix_max(bits: u32) -> u8 {
    debug_assert!((1..=8).contains(&bits));
    u8::MAX >> (8 - bits)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 7541 section C.1: number, bits of the prefix, bytes.
    const EXAMPLES: [(usize, u32, &[u8]); 3] = [(10, 5, &[0x0a]), (1337, 5, &[0x1f, 0x9a, 0x0a]), (42, 8, &[0x2a])];

    #[test]
    fn the_examples_of_the_rfc_are_written_and_read() {
        for (value, prefix_bits, bytes) in EXAMPLES {
            let mut out = Vec::new();
            encode(value, prefix_bits, 0, &mut out);
            assert_eq!(out, bytes);
            assert_eq!(decode(&mut &bytes[..], prefix_bits), Ok(value as u32));
        }
    }

    #[test]
    fn a_number_beyond_32_bits_and_one_without_an_end_are_refused() {
        assert_eq!(decode(&mut &[0xff, 0x80, 0xfe, 0xff, 0xff, 0x0f][..], 8), Ok(u32::MAX));
        for bytes in
            [&[0xff, 0x81, 0xfe, 0xff, 0xff, 0x0f][..], &[0xff; 64], &[0xff, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]]
        {
            assert_eq!(decode(&mut &bytes[..], 8), Err(HpackError::Integer), "{bytes:?}");
        }
        for bytes in [&[][..], &[0x1f], &[0x1f, 0x80]] {
            assert_eq!(decode(&mut &bytes[..], 5), Err(HpackError::Truncated), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn every_number_is_read_as_it_was_written(value: u32, prefix_bits in 1_u32..=8, rest: Vec<u8>) {
            let mut out = Vec::new();
            encode(value as usize, prefix_bits, 0, &mut out);
            out.extend(&rest);
            let mut input = out.as_slice();
            prop_assert_eq!(decode(&mut input, prefix_bits), Ok(value));
            prop_assert_eq!(input, rest);
        }
    }
}
