//! Segments of TCP on IP, reconstructed around the bytes of a trace (RFC 9293 section 3.1, RFC 791 section 3.1, RFC 8200
//! section 3). Addresses, ports, payload and instants are the trace's; numbers, windows and acknowledgements are made up
//! so that they fit together: each segment with payload is acknowledged when its receiver read it.

use std::net::{IpAddr, SocketAddr};

use feedbench_record::Way;
use feedbench_record::trace::{Run, Step, StepKind};

use super::sums;
use crate::number::grouped;

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const PSH: u8 = 0x08;
const ACK: u8 = 0x10;
const TCP: u8 = 6;
/// The first sequence number of each direction.
const FIRST: u32 = 1_000;
/// What a receiver is ready to take (bytes).
const WINDOW_BYTES: u16 = u16::MAX;
/// The longest payload of a segment (bytes): IPv4's longest packet without its headers and TCP's.
const SEGMENT_MAX_BYTES: usize = 65_535 - 20 - 20;

/// A packet of IP.
#[derive(Debug)]
pub(crate) struct Packet {
    /// Since the trace began (us).
    pub(crate) at_us: u64,
    pub(crate) bytes: Vec<u8>,
    /// What it carries, for people.
    pub(crate) comment: String,
}

/// A connection's two ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    pub(crate) client: SocketAddr,
    pub(crate) server: SocketAddr,
}

/// What is sent at an instant.
struct Segment {
    at_us: u64,
    way: Way,
    flags: u8,
    payload: Vec<u8>,
    /// What its receiver has read of the other direction, once this segment is sent (sequence numbers used up).
    reads: u32,
    comment: String,
}

/// The packets of one connection, in the order of time.
pub(crate) fn of_connection<'t>(ends: Ends, steps: impl Iterator<Item = &'t Step>) -> Vec<Packet> {
    let mut segments = Vec::new();
    let mut used = [0_u32; 2];
    let mut last_us = [0_u64; 2];
    for step in steps {
        let way = step.way.index();
        // TCP keeps the order of one direction.
        let at_us = step.sent_us.max(last_us[way]);
        last_us[way] = at_us;
        match step.kind {
            StepKind::Connect => connect(&mut segments, step, &mut used),
            StepKind::Fin => {
                used[way] = used[way].wrapping_add(1);
                segments.push(bare(at_us, step.way, FIN | ACK, "FIN"));
                acknowledge(&mut segments, step, at_us, used[way]);
            }
            _ => {
                for (payload, comment) in pieces(step) {
                    used[way] = used[way].wrapping_add(payload.len() as u32);
                    segments.push(Segment { at_us, way: step.way, flags: PSH | ACK, payload, reads: 0, comment });
                    acknowledge(&mut segments, step, at_us, used[way]);
                }
            }
        }
    }
    // Stable: what happened in one microsecond keeps its order.
    segments.sort_by_key(|segment| segment.at_us);
    number(ends, segments)
}

fn bare(at_us: u64, way: Way, flags: u8, name: &str) -> Segment {
    let comment = format!("{name}: no bytes above TCP; the segment is reconstructed");
    Segment { at_us, way, flags, payload: Vec::new(), reads: 0, comment }
}

fn other(way: Way) -> Way {
    match way {
        Way::Up => Way::Down,
        Way::Down => Way::Up,
    }
}

/// What the receiver sends back when it has read so much; nothing if it never did.
fn acknowledge(segments: &mut Vec<Segment>, step: &Step, at_us: u64, used: u32) {
    let Some(received_us) = step.received_us else { return };
    segments.push(Segment { reads: used, ..bare(received_us.max(at_us), other(step.way), ACK, "ACK") });
}

/// The three segments: only the client's instants are known.
fn connect(segments: &mut Vec<Segment>, step: &Step, used: &mut [u32; 2]) {
    let done_us = step.received_us.unwrap_or(step.sent_us).max(step.sent_us);
    let half_us = step.sent_us + (done_us - step.sent_us) / 2;
    *used = [1, 1];
    segments.push(bare(step.sent_us, step.way, SYN, "SYN"));
    if step.received_us.is_some() {
        segments.push(Segment { reads: 1, ..bare(half_us, other(step.way), SYN | ACK, "SYN, ACK (instant half-way)") });
        segments.push(Segment { reads: 1, ..bare(done_us, step.way, ACK, "ACK") });
    }
}

/// The payloads of a step's segments, each with its layers. Usually one.
fn pieces(step: &Step) -> Vec<(Vec<u8>, String)> {
    let mut pieces = Vec::new();
    let mut runs: Vec<Run> = Vec::new();
    let mut bytes = 0;
    for run in &step.runs {
        let mut rest = run.bytes.as_slice();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(SEGMENT_MAX_BYTES - bytes));
            rest = later;
            bytes += now.len();
            runs.push(Run { bytes: now.to_vec(), ..run.clone() });
            if bytes == SEGMENT_MAX_BYTES {
                pieces.push(std::mem::take(&mut runs));
                bytes = 0;
            }
        }
    }
    if bytes > 0 {
        pieces.push(runs);
    }
    let number = pieces.len();
    let piece = |(index, runs): (usize, Vec<Run>)| {
        let part = if number > 1 { format!(" (segment {} of {number})", index + 1) } else { String::new() };
        let layers = sums::present(&sums::of_runs(&runs)).into_iter();
        let layers: Vec<_> = layers.map(|(layer, bytes)| format!("{} {} B", layer.id(), grouped(bytes))).collect();
        let comment = format!("{}{part}: {}", step.kind.title(), layers.join(", "));
        (runs.into_iter().flat_map(|run| run.bytes).collect(), comment)
    };
    pieces.into_iter().enumerate().map(piece).collect()
}

/// Gives each segment its numbers.
fn number(ends: Ends, segments: Vec<Segment>) -> Vec<Packet> {
    let mut next = [FIRST; 2];
    let mut read = [0_u32; 2];
    let mut packets = Vec::with_capacity(segments.len());
    for (index, segment) in segments.into_iter().enumerate() {
        let (way, back) = (segment.way.index(), other(segment.way).index());
        if segment.flags == ACK && segment.payload.is_empty() && segment.reads <= read[back] {
            // Acknowledged already.
            continue;
        }
        read[back] = read[back].max(segment.reads);
        let acknowledged = if segment.flags & ACK == 0 { 0 } else { FIRST.wrapping_add(read[back]) };
        let (from, to) = match segment.way {
            Way::Up => (ends.client, ends.server),
            Way::Down => (ends.server, ends.client),
        };
        let tcp = tcp(from, to, (next[way], acknowledged), segment.flags, &segment.payload);
        let bytes = ip(from.ip(), to.ip(), index as u16, &tcp);
        let one = u32::from(segment.flags & (SYN | FIN) != 0);
        next[way] = next[way].wrapping_add(segment.payload.len() as u32 + one);
        packets.push(Packet { at_us: segment.at_us, bytes, comment: segment.comment });
    }
    packets
}

fn tcp(from: SocketAddr, to: SocketAddr, (sequence, acknowledged): (u32, u32), flags: u8, payload: &[u8]) -> Vec<u8> {
    // The one option, in a SYN: the longest segment (RFC 9293 section 3.7.1).
    let largest = (SEGMENT_MAX_BYTES as u16).to_be_bytes();
    let options: &[u8] = if flags & SYN == 0 { &[] } else { &[2, 4, largest[0], largest[1]] };
    let mut segment = Vec::with_capacity(24 + payload.len());
    segment.extend_from_slice(&from.port().to_be_bytes());
    segment.extend_from_slice(&to.port().to_be_bytes());
    segment.extend_from_slice(&sequence.to_be_bytes());
    segment.extend_from_slice(&acknowledged.to_be_bytes());
    segment.push(((5 + options.len() / 4) as u8) << 4);
    segment.push(flags);
    segment.extend_from_slice(&WINDOW_BYTES.to_be_bytes());
    segment.extend_from_slice(&[0; 4]);
    segment.extend_from_slice(options);
    segment.extend_from_slice(payload);
    let mut covered = Vec::with_capacity(40 + segment.len());
    match (from.ip(), to.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => covered.extend([from.octets(), to.octets()].concat()),
        (from, to) => covered.extend([v6(from), v6(to)].concat()),
    }
    // The pseudo-header's protocol and length add up the same in both versions of IP.
    covered.extend([0, TCP]);
    covered.extend((segment.len() as u32).to_be_bytes());
    covered.extend_from_slice(&segment);
    let sum = checksum(&covered);
    segment[16..18].copy_from_slice(&sum.to_be_bytes());
    segment
}

fn v6(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
        IpAddr::V6(ip) => ip.octets(),
    }
}

fn ip(from: IpAddr, to: IpAddr, index: u16, tcp: &[u8]) -> Vec<u8> {
    const HOPS: u8 = 64;
    let mut packet = Vec::with_capacity(40 + tcp.len());
    match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            let length = u16::try_from(20 + tcp.len()).expect("a segment is cut so that its packet fits");
            packet.extend_from_slice(&[0x45, 0]);
            packet.extend_from_slice(&length.to_be_bytes());
            packet.extend_from_slice(&index.to_be_bytes());
            packet.extend_from_slice(&[0x40, 0, HOPS, TCP, 0, 0]);
            packet.extend_from_slice(&from.octets());
            packet.extend_from_slice(&to.octets());
            let sum = checksum(&packet);
            packet[10..12].copy_from_slice(&sum.to_be_bytes());
        }
        (from, to) => {
            let length = u16::try_from(tcp.len()).expect("a segment is cut so that its packet fits");
            packet.extend_from_slice(&[0x60, 0, 0, 0]);
            packet.extend_from_slice(&length.to_be_bytes());
            packet.extend_from_slice(&[TCP, HOPS]);
            packet.extend_from_slice(&v6(from));
            packet.extend_from_slice(&v6(to));
        }
    }
    packet.extend_from_slice(tcp);
    packet
}

/// The checksum of IP and TCP (RFC 1071): with it in its place, the sum of all 16-bit words is all ones.
fn checksum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], *pair.get(1).unwrap_or(&0)])));
    let mut sum: u64 = words.map(u64::from).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 1071 section 3.
    #[test]
    fn the_checksum_is_that_of_the_standard() {
        assert_eq!(checksum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]), !0xddf2);
        assert_eq!(checksum(&[0xff]), 0x00ff);
    }
}
