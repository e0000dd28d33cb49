//! What a connection was on IP: the headers of every segment and what they carried, from the client's segment counters.
//! The kernel counts most of it; what comes after the client's last look at the counters follows by rule.

use feedbench_record::ledger::{IpBytes, Ledger};

use crate::sys::tcp_info::{self, TcpInfo};

/// IPv4 and TCP without options (bytes; RFC 791 section 3.1, RFC 9293 section 3.1).
const HEADERS_V4: u64 = 20 + 20;
/// IPv6 and TCP without options (bytes; RFC 8200 section 3).
const HEADERS_V6: u64 = 40 + 20;
/// The timestamps option with its padding (bytes; RFC 7323 section 3.2).
const TIMESTAMPS: u64 = 12;
/// What a SYN has on top: maximum segment size, window scale, selective acknowledgements permitted (bytes).
const SYN_OPTIONS: u64 = 8;

/// How the client ended a connection after the server's FIN and its own last look at the counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// At once: one reset goes up.
    Reset,
    /// By its own FIN, which the server acknowledges.
    Fin,
}

/// The bytes of a whole connection on IP, as its client knows them: `info` was read after the server's FIN was, and before
/// the client closed. `kept` says whether more than one message was meant to use the connection: then what opens and closes
/// it is paid once.
pub fn of_connection(info: &TcpInfo, is_v6: bool, closing: Closing, ledger: &Ledger, kept: bool) -> IpBytes {
    let headers = headers_of(info, is_v6);
    let (late_up, late_down) = match closing {
        Closing::Reset => (1, 0),
        Closing::Fin => (1, 1),
    };
    let segments_up = u64::from(info.segs_out) + late_up;
    let segments_down = u64::from(info.segs_in) + late_down;
    // The peer's FIN counts as a byte in the kernel and is none on the wire.
    let received = info.bytes_received.saturating_sub(1);
    let (opening_up, opening_down) = (ledger.up.opening_handshake, ledger.down.opening_handshake);
    let (tls_up, tls_down) = (ledger.up.tls_handshake, ledger.down.tls_handshake);
    // Two flights of TLS up and at least one down (RFC 8446 section 2).
    let (flights_up, flights_down) = (if tls_up > 0 { 2 } else { 0 }, u64::from(tls_down > 0));
    // SYN and its last acknowledgement; the acknowledgement of the FIN and the reset; the request that opens.
    let once_up = headers * (2 + 2 + flights_up + u64::from(opening_up > 0)) + SYN_OPTIONS + tls_up + opening_up;
    // SYN-ACK; FIN; the answer that opens.
    let once_down =
        headers * (1 + 1 + flights_down + u64::from(opening_down > 0)) + SYN_OPTIONS + tls_down + opening_down;
    IpBytes {
        connections: 1,
        up: headers * segments_up + SYN_OPTIONS + info.bytes_sent,
        down: headers * segments_down + SYN_OPTIONS + received,
        segments_up,
        segments_down,
        once_up: if kept { once_up } else { 0 },
        once_down: if kept { once_down } else { 0 },
    }
}

fn headers_of(info: &TcpInfo, is_v6: bool) -> u64 {
    let plain = if is_v6 { HEADERS_V6 } else { HEADERS_V4 };
    plain + if info.timestamps { TIMESTAMPS } else { 0 }
}

/// What the open connections of this process were on IP so far, but for the options of their SYNs: how many they are, and
/// the bytes of both directions. Of connections that stay open, two looks tell what they were in between.
pub fn so_far(is_v6: bool) -> (u64, u64) {
    let bytes = |info: &TcpInfo| {
        let segments = u64::from(info.segs_out) + u64::from(info.segs_in);
        headers_of(info, is_v6) * segments + info.bytes_sent + info.bytes_received
    };
    let connections = tcp_info::of_process();
    (connections.len() as u64, connections.iter().map(bytes).sum())
}
