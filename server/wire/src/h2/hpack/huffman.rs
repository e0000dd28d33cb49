//! The Huffman code of texts (RFC 7541 section 5.2 and appendix B). It is canonical: codes of one length are consecutive
//! numbers in the order of their symbols, and the shorter ones come first. So the lengths tell the whole code.

use super::HpackError;

/// How many bits each byte's code has; the last one is the end of a string (EOS), which is never written.
#[rustfmt::skip]
const BITS: [u8; SYMBOLS] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
    28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
    5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
    13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
    15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
    6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
    20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
    21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
    19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
    20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
    30,
];

const SYMBOLS: usize = 257;
const EOS: u16 = 256;
/// The fewest and the most bits of a code.
const BITS_MIN: usize = 5;
const BITS_MAX: usize = 30;
/// How many bits of the text are looked at together.
const WINDOW_BITS: usize = 32;

static CODE: Code = Code::canonical();

/// The code, ready for use.
struct Code {
    /// Each symbol's code, in its low bits.
    codes: [u32; SYMBOLS],
    /// The symbols, ordered by the length of their code and then by their value.
    symbols: [u16; SYMBOLS],
    /// What begins below `end`, and is no shorter code, is a code of this length. By length.
    groups: [Group; BITS_MAX + 1],
}

/// The codes of one length.
#[derive(Clone, Copy)]
struct Group {
    /// Where the first code lies in a window of [`WINDOW_BITS`].
    begin: u64,
    /// Where the codes that are longer begin.
    end: u64,
    /// The place of the first one's symbol.
    place: usize,
}

impl Code {
    const fn canonical() -> Code {
        let mut code = Code {
            codes: [0; SYMBOLS],
            symbols: [0; SYMBOLS],
            groups: [Group { begin: 0, end: 0, place: 0 }; BITS_MAX + 1],
        };
        let (mut next, mut place, mut bits) = (0_u64, 0, 1);
        while bits <= BITS_MAX {
            let step = 1 << (WINDOW_BITS - bits);
            code.groups[bits].begin = next;
            code.groups[bits].place = place;
            let mut symbol = 0;
            while symbol < SYMBOLS {
                if BITS[symbol] as usize == bits {
                    code.codes[symbol] = (next >> (WINDOW_BITS - bits)) as u32;
                    code.symbols[place] = symbol as u16;
                    place += 1;
                    next += step;
                }
                symbol += 1;
            }
            code.groups[bits].end = next;
            bits += 1;
        }
        assert!(next == 1 << WINDOW_BITS && place == SYMBOLS, "every sequence of bits begins with one code");
        code
    }

    /// The symbol that a window begins with, and the bits of its code.
    fn first_of(&self, window: u32) -> (u16, usize) {
        let window = u64::from(window);
        let bits = (BITS_MIN..BITS_MAX).find(|&bits| window < self.groups[bits].end).unwrap_or(BITS_MAX);
        let Group { begin, place, .. } = self.groups[bits];
        let nth = (window - begin) >> (WINDOW_BITS - bits);
        (self.symbols[place + nth as usize], bits)
    }
}

/// The length of a text in the code (bytes).
pub(super) fn encoded_bytes(text: &[u8]) -> usize {
    let bits: usize = text.iter().map(|&b| usize::from(BITS[usize::from(b)])).sum();
    bits.div_ceil(8)
}

/// Appends a text in the code, and fills its last byte with ones.
pub(super) fn encode(text: &[u8], out: &mut Vec<u8>) {
    let (mut held, mut held_bits) = (0_u64, 0);
    for &b in text {
        let bits = u32::from(BITS[usize::from(b)]);
        held = held << bits | u64::from(CODE.codes[usize::from(b)]);
        held_bits += bits;
        while held_bits >= 8 {
            held_bits -= 8;
            out.push((held >> held_bits) as u8);
        }
    }
    if held_bits > 0 {
        out.push((held << (8 - held_bits)) as u8 | u8::MAX >> held_bits);
    }
}

/// Appends what a text in the code says: at most 8/5 of its length.
///
/// # Errors
/// When it has the end's code in it, or ends with anything but up to seven ones (RFC 7541 section 5.2).
pub(super) fn decode(mut text: &[u8], out: &mut Vec<u8>) -> Result<(), HpackError> {
    let (mut held, mut held_bits) = (0_u64, 0);
    loop {
        while held_bits <= 56
            && let Some((&b, rest)) = text.split_first()
        {
            held = held << 8 | u64::from(b);
            held_bits += 8;
            text = rest;
        }
        // The bits after the end are taken for ones, which is what a text is filled up with.
        let window = if held_bits >= WINDOW_BITS {
            (held >> (held_bits - WINDOW_BITS)) as u32
        } else {
            (held << (WINDOW_BITS - held_bits)) as u32 | u32::MAX.checked_shr(held_bits as u32).unwrap_or(0)
        };
        let (symbol, bits) = CODE.first_of(window);
        match u8::try_from(symbol) {
            Ok(b) if bits <= held_bits => out.push(b),
            _ if symbol == EOS && held_bits < 8 => return Ok(()),
            _ => return Err(HpackError::Huffman),
        }
        held_bits -= bits;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decoded(text: &[u8]) -> Result<Vec<u8>, HpackError> {
        let mut out = Vec::new();
        decode(text, &mut out).map(|()| out)
    }

    fn encoded(text: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        encode(text, &mut out);
        out
    }

    #[test]
    fn the_lengths_give_the_codes_of_the_rfc() {
        let code = |symbol: u16| (CODE.codes[usize::from(symbol)], BITS[usize::from(symbol)]);
        for (symbol, expected) in [
            (u16::from(b'0'), (0x0, 5)),
            (u16::from(b't'), (0x9, 5)),
            (u16::from(b' '), (0x14, 6)),
            (u16::from(b'z'), (0x7b, 7)),
            (u16::from(b'X'), (0xfc, 8)),
            (u16::from(b'?'), (0x3fc, 10)),
            (u16::from(b'|'), (0x7fc, 11)),
            (u16::from(b'~'), (0x1ffd, 13)),
            (u16::from(b'\\'), (0x7fff0, 19)),
            (0, (0x1ff8, 13)),
            (1, (0x7f_ffd8, 23)),
            (10, (0x3fff_fffc, 30)),
            (127, (0xfff_fffc, 28)),
            (128, (0xf_ffe6, 20)),
            (255, (0x3ff_ffee, 26)),
            (EOS, (0x3fff_ffff, 30)),
        ] {
            assert_eq!(code(symbol), expected, "{symbol}");
        }
    }

    #[test]
    fn every_byte_is_read_as_it_was_written() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decoded(&encoded(&all)).unwrap(), all);
        for b in 0..=255 {
            assert_eq!(decoded(&encoded(&[b])).unwrap(), [b]);
        }
    }

    #[test]
    fn bad_padding_and_the_end_code_are_refused() {
        assert_eq!(decoded(&[0x1f]).unwrap(), b"a");
        let not_ones = [0x1e];
        let eight_ones = [0x1f, 0xff];
        let end = [0xff, 0xff, 0xff, 0xff];
        let a_and_end = [0x1f, 0xff, 0xff, 0xff, 0xff];
        for text in [&not_ones[..], &[0x00], &eight_ones, &end, &a_and_end, &[0xff; 3]] {
            assert_eq!(decoded(text), Err(HpackError::Huffman), "{text:x?}");
        }
    }

    proptest! {
        #[test]
        fn a_text_is_read_as_it_was_written(text: Vec<u8>) {
            let encoded = encoded(&text);
            prop_assert_eq!(encoded.len(), encoded_bytes(&text));
            prop_assert_eq!(decoded(&encoded).unwrap(), text);
        }

        #[test]
        fn what_can_be_read_is_written_the_same(text: Vec<u8>) {
            if let Ok(plain) = decoded(&text) {
                prop_assert_eq!(encoded(&plain), text);
            }
        }
    }
}
