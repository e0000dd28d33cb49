//! Made-up events of an exact size.

use feedbench_wire::event::{Data, EMPTY_BYTES};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// Sixty-four characters that no framing escapes, so that a byte of data is a byte of text.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The stream of random numbers that no topic's arrivals use.
const STREAM: u64 = u64::MAX;

/// The generator gives words of so many bytes.
const WORD_BYTES: usize = 4;

/// Random text, the same for the same seed.
#[derive(Debug)]
pub struct Synthetic {
    random: ChaCha8Rng,
    bytes: Vec<u8>,
    text: String,
}

impl Synthetic {
    /// Events whose whole text has `payload_bytes`, or as many as the fields need if that is more.
    pub fn new(seed: u64, payload_bytes: u32) -> Synthetic {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(STREAM);
        let length = (payload_bytes as usize).saturating_sub(EMPTY_BYTES);
        Synthetic { random, bytes: vec![0; length], text: String::with_capacity(length) }
    }

    /// The same texts without the first `events`.
    #[must_use]
    pub fn after(mut self, events: u128) -> Synthetic {
        // A text takes whole words from the stream.
        self.random.set_word_pos(events * self.bytes.len().div_ceil(WORD_BYTES) as u128);
        self
    }

    /// The next event's data.
    pub fn data(&mut self) -> Data<'_> {
        self.random.fill_bytes(&mut self.bytes);
        self.text.clear();
        self.text.extend(self.bytes.iter().map(|&byte| char::from(ALPHABET[usize::from(byte % 64)])));
        Data::Text(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use feedbench_record::scenario::{PAYLOAD_MAX_BYTES, PAYLOAD_MIN_BYTES};
    use feedbench_wire::event::encode;

    fn texts(seed: u64, payload_bytes: u32) -> Vec<Vec<u8>> {
        let mut source = Synthetic::new(seed, payload_bytes);
        let text = |seq| {
            let mut out = Vec::new();
            encode(seq, 1_000_000 * seq, source.data(), &mut out);
            out
        };
        (1..=3).map(text).collect()
    }

    #[test]
    fn every_event_text_has_exactly_the_payload_asked_for() {
        for payload_bytes in [PAYLOAD_MIN_BYTES, 65, 100, 4_096, PAYLOAD_MAX_BYTES] {
            assert!(texts(1, payload_bytes).iter().all(|text| text.len() == payload_bytes as usize));
        }
    }

    #[test]
    fn texts_go_on_after_those_that_were_published() {
        for payload_bytes in [PAYLOAD_MIN_BYTES, 65, 100, 4_097, PAYLOAD_MAX_BYTES] {
            let text = |source: &mut Synthetic| match source.data() {
                Data::Text(text) => text.to_owned(),
                Data::Json(_) => unreachable!(),
            };
            let mut whole = Synthetic::new(7, payload_bytes);
            for events in 0..40 {
                let mut after = Synthetic::new(7, payload_bytes).after(events);
                assert_eq!(text(&mut after), text(&mut whole), "{payload_bytes} bytes after {events} events");
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_events_and_no_two_alike() {
        assert_eq!(texts(1, 100), texts(1, 100));
        assert_ne!(texts(1, 100), texts(2, 100));
        let of_one = texts(1, 100);
        assert_ne!(of_one[0][50..], of_one[1][50..]);
    }
}
