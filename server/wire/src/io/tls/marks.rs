//! Where TLS's handshake ends in each direction of a connection, and what follows for its ledger.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use feedbench_record::ledger::{Layer, LayerBytes, Way};

/// The mark of a direction that has not carried content yet.
const NO_CONTENT: u32 = u32::MAX;

/// For each direction, how many bytes went before the first record with content. Zero where there is no TLS: then
/// nothing goes before.
#[derive(Debug, Default)]
pub(in crate::io) struct Marks([AtomicU32; Way::ALL.len()]);

impl Marks {
    /// The connection has TLS, and no content yet.
    pub(super) fn begin(&self) {
        self.0.iter().for_each(|mark| mark.store(NO_CONTENT, Relaxed));
    }

    /// The first record with content begins after so many bytes. Beyond 4 GiB, what is above counts as records.
    pub(super) fn content(&self, way: Way, after: u64) {
        let after = u32::try_from(after).unwrap_or(NO_CONTENT).min(NO_CONTENT - 1);
        self.0[way.index()].store(after, Relaxed);
    }

    /// Adds to the layers of a direction's content what the socket carried beside it. What was written but has not come to
    /// the socket yet is not there yet.
    pub(in crate::io) fn add_to(&self, layers: &mut LayerBytes, way: Way, carried: u64, content: u64) {
        let beside = match self.0[way.index()].load(Relaxed) {
            0 => return,
            _ => carried.saturating_sub(content),
        };
        let handshake = match self.0[way.index()].load(Relaxed) {
            NO_CONTENT => beside,
            mark => beside.min(mark.into()),
        };
        *layers.get_mut(Layer::TlsHandshake) += handshake;
        *layers.get_mut(Layer::Tls) += beside - handshake;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn layers(marks: &Marks, carried: u64, content: u64) -> (u64, u64) {
        let mut layers = LayerBytes::default();
        marks.add_to(&mut layers, Way::Up, carried, content);
        (layers.tls_handshake, layers.tls)
    }

    #[test]
    fn without_tls_there_is_nothing_beside_the_content() {
        assert_eq!(layers(&Marks::default(), 100, 90), (0, 0));
    }

    #[test]
    fn what_never_carried_content_is_all_handshake() {
        let marks = Marks::default();
        marks.begin();
        assert_eq!(layers(&marks, 300, 0), (300, 0));
    }

    proptest! {
        #[test]
        fn handshake_records_and_content_are_what_was_carried(
            after in 1u64..5_000, records in 0u64..5_000, content in 1u64..100_000,
        ) {
            let marks = Marks::default();
            marks.begin();
            marks.content(Way::Up, after);
            prop_assert_eq!(layers(&marks, after + records + content, content), (after, records));
        }

        #[test]
        fn in_the_middle_of_a_cell_no_layer_is_more_than_was_carried(
            after in 1u64..5_000, carried in 0u64..10_000, content in 0u64..10_000,
        ) {
            let marks = Marks::default();
            marks.begin();
            marks.content(Way::Up, after);
            let (handshake, records) = layers(&marks, carried, content);
            prop_assert!(handshake <= after && handshake + records <= carried);
        }
    }
}
