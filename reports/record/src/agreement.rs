//! Do both ends of every connection, and the kernel, name the same number of bytes?
//!
//! Each end hands in its connections when the cell is over. They are joined by the client's address, so a difference
//! has a name, and what one end lost cannot hide behind what another one gained.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ledger::{Layer, Ledger, Way};
use crate::run::Segments;

/// How many names a record lists before it only counts.
const NAMED: usize = 20;

/// The bytes of one connection as one end saw them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionBytes {
    /// The client's address: the connection's name, the same at both ends.
    pub client: SocketAddr,
    /// Bytes that the application wrote to the socket.
    pub written: u64,
    /// Bytes that the application read from it.
    pub read: u64,
    /// `tcpi_bytes_sent - tcpi_bytes_retrans`; `None` where the kernel does not tell.
    pub kernel_written: Option<u64>,
    /// `tcpi_bytes_received`, less 1 for the peer's FIN if it came.
    pub kernel_read: Option<u64>,
    /// Bytes written, as the sum of the ledger's layers.
    pub ledger_written: u64,
    /// Bytes read, as the sum of the ledger's layers.
    pub ledger_read: u64,
    /// Of both, the ones that belong to no layer.
    pub unclassified: u64,
    /// The segments that this end's kernel sent; `None` where it does not tell.
    #[serde(default)]
    pub segments: Option<Segments>,
    /// Did it end as agreed: the server's FIN, then the client's close?
    pub clean: bool,
}

/// The outcome of the comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Agreement {
    /// Connections whose bytes were compared between both ends.
    pub compared: u64,
    /// Connections whose bytes were compared with the kernel's count at the load generator's end.
    pub compared_with_kernel: u64,
    /// Connections left out because they ended by a reset or were cut off.
    pub excluded: u64,
    /// The first of those left out: the client's address.
    pub excluded_names: Vec<String>,
    /// Bytes of the compared connections that belong to no layer, at whichever end has more of them.
    #[serde(default)]
    pub unclassified: u64,
    /// How many comparisons failed.
    pub differences: u64,
    /// The first of them, each with its connection and both figures.
    pub difference_names: Vec<String>,
}

impl Agreement {
    fn differ(&mut self, name: impl FnOnce() -> String) {
        self.differences += 1;
        if self.difference_names.len() < NAMED {
            self.difference_names.push(name());
        }
    }

    /// Takes over the names of another comparison's differences, as far as names are kept.
    pub(crate) fn name_differences(&mut self, names: Vec<String>) {
        self.difference_names.extend(names);
        self.difference_names.truncate(NAMED);
    }

    /// The same for the connections that it left out.
    pub(crate) fn name_excluded(&mut self, names: Vec<String>) {
        self.excluded_names.extend(names);
        self.excluded_names.truncate(NAMED);
    }

    /// Compares the layers of both ends. Connections that were left out may have lost bytes on their way, so there must be
    /// none.
    pub fn compare_layers(&mut self, loadgen: &Ledger, server: &Ledger) {
        if self.excluded > 0 {
            return;
        }
        for way in Way::ALL {
            for layer in Layer::ALL {
                let (ours, theirs) = (loadgen.layers(way).get(layer), server.layers(way).get(layer));
                if ours != theirs {
                    let (way, layer) = (way.id(), layer.title());
                    self.differ(|| format!("{way} {layer}: {ours} at the load generator, {theirs} at the server"));
                }
            }
        }
    }

    fn exclude(&mut self, client: SocketAddr) {
        self.excluded += 1;
        if self.excluded_names.len() < NAMED {
            self.excluded_names.push(client.to_string());
        }
    }

    fn compare_with_ledger(&mut self, end: &str, connection: &ConnectionBytes) {
        for (what, counted, layers) in [
            ("written", connection.written, connection.ledger_written),
            ("read", connection.read, connection.ledger_read),
        ] {
            if counted != layers {
                self.differ(|| format!("{}: {end} {what} {counted}, its layers {layers}", connection.client));
            }
        }
    }

    fn compare_with_kernel(&mut self, end: &str, connection: &ConnectionBytes) {
        for (what, counted, kernel) in [
            ("written", connection.written, connection.kernel_written),
            ("read", connection.read, connection.kernel_read),
        ] {
            if kernel.is_some_and(|kernel| kernel != counted) {
                let kernel = kernel.unwrap_or_default();
                self.differ(|| format!("{}: {end} {what} {counted}, its kernel {kernel}", connection.client));
            }
        }
    }
}

/// Compares every connection's bytes: both ends with their kernel, and one end with the other.
///
/// With `server` absent (a server that is not ours) only the load generator and its kernel are compared.
pub fn agree(loadgen: &[ConnectionBytes], server: Option<&[ConnectionBytes]>) -> Agreement {
    let mut agreement = Agreement::default();
    let mut unmatched: Option<BTreeMap<SocketAddr, Vec<&ConnectionBytes>>> = server.map(|connections| {
        let mut by_client = BTreeMap::<_, Vec<_>>::new();
        // A client may use a port again: last in, first out, so the reverse restores the order of time.
        connections.iter().rev().for_each(|c| by_client.entry(c.client).or_default().push(c));
        by_client
    });
    for ours in loadgen {
        let theirs = unmatched.as_mut().map(|by_client| by_client.get_mut(&ours.client).and_then(Vec::pop));
        if !ours.clean || matches!(theirs, Some(Some(theirs)) if !theirs.clean) {
            agreement.exclude(ours.client);
            continue;
        }
        agreement.compared_with_kernel += u64::from(ours.kernel_written.is_some());
        agreement.compare_with_kernel("load generator", ours);
        agreement.compare_with_ledger("load generator", ours);
        agreement.unclassified += ours.unclassified.max(theirs.flatten().map_or(0, |theirs| theirs.unclassified));
        match theirs {
            None => {}
            Some(None) => agreement.differ(|| format!("{}: the server has no such connection", ours.client)),
            Some(Some(theirs)) => {
                agreement.compared += 1;
                agreement.compare_with_kernel("server", theirs);
                agreement.compare_with_ledger("server", theirs);
                for (way, sent, received) in [("up", ours.written, theirs.read), ("down", theirs.written, ours.read)] {
                    if sent != received {
                        agreement.differ(|| format!("{} {way}: {sent} sent, {received} received", ours.client));
                    }
                }
            }
        }
    }
    for theirs in unmatched.into_iter().flatten().flat_map(|(_, connections)| connections) {
        if theirs.clean {
            agreement.differ(|| format!("{}: the load generator has no such connection", theirs.client));
        } else {
            agreement.exclude(theirs.client);
        }
    }
    agreement
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(port: u16, written: u64, read: u64) -> ConnectionBytes {
        ConnectionBytes {
            client: SocketAddr::from(([127, 0, 0, 1], port)),
            written,
            read,
            kernel_written: Some(written),
            kernel_read: Some(read),
            ledger_written: written,
            ledger_read: read,
            unclassified: 0,
            segments: None,
            clean: true,
        }
    }

    #[test]
    fn equal_ends_agree() {
        let agreement = agree(&[connection(1, 10, 20)], Some(&[connection(1, 20, 10)]));
        assert_eq!((agreement.compared, agreement.differences), (1, 0));
    }

    #[test]
    fn one_byte_less_at_one_end_has_a_name_and_a_direction() {
        let agreement = agree(&[connection(1, 10, 20)], Some(&[connection(1, 20, 9)]));
        assert_eq!(agreement.difference_names, ["127.0.0.1:1 up: 10 sent, 9 received"]);
    }

    #[test]
    fn a_gain_on_one_connection_does_not_hide_a_loss_on_another() {
        let agreement = agree(
            &[connection(1, 10, 20), connection(2, 10, 20)],
            Some(&[connection(1, 21, 10), connection(2, 19, 10)]),
        );
        assert_eq!(agreement.differences, 2);
    }

    #[test]
    fn the_kernel_is_a_witness_of_its_own() {
        let wrong = ConnectionBytes { kernel_read: Some(21), ..connection(1, 10, 20) };
        let agreement = agree(&[wrong], None);
        assert_eq!(agreement.difference_names, ["127.0.0.1:1: load generator read 20, its kernel 21"]);
    }

    #[test]
    fn a_byte_without_a_layer_is_counted_and_a_byte_beside_the_layers_is_a_difference() {
        let unclassified = ConnectionBytes { unclassified: 3, ..connection(1, 10, 20) };
        let agreement = agree(&[unclassified], Some(&[connection(1, 20, 10)]));
        assert_eq!((agreement.unclassified, agreement.differences), (3, 0));
        let beside = ConnectionBytes { ledger_read: 19, ..connection(1, 10, 20) };
        assert_eq!(agree(&[beside], None).difference_names, ["127.0.0.1:1: load generator read 20, its layers 19"]);
    }

    #[test]
    fn the_layers_of_both_ends_are_compared_unless_a_connection_was_left_out() {
        let (mut ours, theirs) = (Ledger::default(), Ledger::default());
        ours.down.control = 7;
        let mut agreement = Agreement::default();
        agreement.compare_layers(&ours, &theirs);
        assert_eq!(agreement.difference_names, ["down control: 7 at the load generator, 0 at the server"]);
        let mut agreement = Agreement { excluded: 1, ..Agreement::default() };
        agreement.compare_layers(&ours, &theirs);
        assert_eq!(agreement.differences, 0);
    }

    #[test]
    fn a_reset_connection_is_left_out_by_name_whichever_end_saw_the_reset() {
        let reset = |c: ConnectionBytes| ConnectionBytes { clean: false, read: 0, ..c };
        for (ours, theirs) in [
            (reset(connection(1, 10, 20)), connection(1, 20, 10)),
            (connection(1, 10, 20), reset(connection(1, 20, 10))),
        ] {
            let agreement = agree(&[ours], Some(&[theirs]));
            assert_eq!((agreement.excluded, agreement.differences), (1, 0));
            assert_eq!(agreement.excluded_names, ["127.0.0.1:1"]);
        }
    }

    #[test]
    fn a_port_used_twice_is_compared_in_the_order_of_time() {
        let ours = [connection(1, 10, 20), connection(1, 30, 40)];
        let theirs = [connection(1, 20, 10), connection(1, 40, 30)];
        assert_eq!(agree(&ours, Some(&theirs)).differences, 0);
    }

    #[test]
    fn a_connection_that_only_one_end_knows_is_a_difference() {
        assert_eq!(agree(&[connection(1, 1, 1)], Some(&[])).differences, 1);
        assert_eq!(agree(&[], Some(&[connection(1, 1, 1)])).differences, 1);
    }
}
