//! A capture file of a trace, in the form that Wireshark reads: pcapng (draft-ietf-opsawg-pcapng sections 4.1 to 4.3).

use std::net::SocketAddr;

use feedbench_record::trace::Trace;

use super::segments::{self, Ends, Packet};
use super::words;

const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const PACKET: u32 = 6;
/// A section's first number: a reader that sees it turned round knows the order of bytes.
const BYTE_ORDER: u32 = 0x1a2b_3c4d;
/// Packets begin with the header of IP.
const LINKTYPE_RAW: u16 = 101;

const OPTION_END: u16 = 0;
const OPTION_COMMENT: u16 = 1;
const OPTION_IF_NAME: u16 = 2;
const OPTION_USER_APPLICATION: u16 = 4;
/// Ten to the power of minus so many seconds: microseconds.
const OPTION_IF_RESOLUTION: (u16, u8) = (9, 6);

/// Why a trace gives no packets.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PacketError {
    /// Not an IP address with a port.
    #[error("{0:?} is no IP address with a port, as in 127.0.0.1:8080; trace again")]
    Address(String),
    /// Two versions of IP.
    #[error("{client} and {server} are addresses of different versions of IP; trace again")]
    Versions {
        /// One end.
        client: SocketAddr,
        /// The other.
        server: SocketAddr,
    },
    /// A step of a connection that has no address.
    #[error("a step belongs to connection {step}, but the trace has {connections}; trace again", step = .number + 1)]
    Connection {
        /// The step's connection, from 0.
        number: u32,
        /// How many the trace names.
        connections: usize,
    },
}

pub(super) fn file(trace: &Trace) -> Result<Vec<u8>, PacketError> {
    let mut file = Vec::new();
    block(&mut file, SECTION, &section(trace));
    block(&mut file, INTERFACE, &interface(trace));
    for packet in packets(trace)? {
        block(&mut file, PACKET, &enhanced(&packet));
    }
    Ok(file)
}

/// Of all connections, in the order of time.
fn packets(trace: &Trace) -> Result<Vec<Packet>, PacketError> {
    let connections = trace.clients.len();
    if let Some(step) = trace.steps.iter().find(|step| step.connection as usize >= connections) {
        return Err(PacketError::Connection { number: step.connection, connections });
    }
    let server = address(&trace.server)?;
    let mut packets = Vec::new();
    for (number, client) in trace.clients.iter().enumerate() {
        let client = address(client)?;
        if client.is_ipv4() != server.is_ipv4() {
            return Err(PacketError::Versions { client, server });
        }
        let steps = trace.steps.iter().filter(|step| step.connection as usize == number);
        packets.extend(segments::of_connection(Ends { client, server }, steps));
    }
    packets.sort_by_key(|packet| packet.at_us);
    Ok(packets)
}

fn address(text: &str) -> Result<SocketAddr, PacketError> {
    text.parse().map_err(|_| PacketError::Address(text.to_owned()))
}

fn section(trace: &Trace) -> Vec<u8> {
    let mut body = BYTE_ORDER.to_le_bytes().to_vec();
    body.extend([1_u16, 0].map(u16::to_le_bytes).concat());
    // The length of the section is not told.
    body.extend(u64::MAX.to_le_bytes());
    let comment = format!(
        "{}\nFrom a trace, not captured on a network interface. The payloads of TCP are the bytes that both ends wrote and \
         read, at the instants before the write and after the read. Everything below is reconstructed: the headers of IP and TCP, their \
         numbers, and all segments without payload. The trace begins at 1970-01-01 00:00:00 UTC, because it has no date.",
        words::caption(trace)
    );
    option(&mut body, OPTION_COMMENT, comment.as_bytes());
    option(&mut body, OPTION_USER_APPLICATION, words::tool(trace).as_bytes());
    option(&mut body, OPTION_END, &[]);
    body
}

fn interface(trace: &Trace) -> Vec<u8> {
    let mut body = [LINKTYPE_RAW, 0].map(u16::to_le_bytes).concat();
    // No packet is cut.
    body.extend(0_u32.to_le_bytes());
    option(&mut body, OPTION_IF_NAME, format!("{} (reconstructed)", words::place(trace)).as_bytes());
    option(&mut body, OPTION_IF_RESOLUTION.0, &[OPTION_IF_RESOLUTION.1]);
    option(&mut body, OPTION_END, &[]);
    body
}

fn enhanced(packet: &Packet) -> Vec<u8> {
    let length = packet.bytes.len() as u32;
    let (high, low) = ((packet.at_us >> 32) as u32, packet.at_us as u32);
    let mut body = [0, high, low, length, length].map(u32::to_le_bytes).concat();
    padded(&mut body, &packet.bytes);
    option(&mut body, OPTION_COMMENT, packet.comment.as_bytes());
    option(&mut body, OPTION_END, &[]);
    body
}

/// A block: its type and length, its body, its length again.
fn block(file: &mut Vec<u8>, kind: u32, body: &[u8]) {
    let length = (body.len() + 12) as u32;
    file.extend_from_slice(&kind.to_le_bytes());
    file.extend_from_slice(&length.to_le_bytes());
    file.extend_from_slice(body);
    file.extend_from_slice(&length.to_le_bytes());
}

fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    // An option's length has 16 bits; a longer text is cut.
    let value = &value[..value.len().min(usize::from(u16::MAX))];
    body.extend_from_slice(&code.to_le_bytes());
    body.extend_from_slice(&(value.len() as u16).to_le_bytes());
    padded(body, value);
}

/// The bytes, and zeros to the next word of 32 bits.
fn padded(body: &mut Vec<u8>, bytes: &[u8]) {
    body.extend_from_slice(bytes);
    body.extend(std::iter::repeat_n(0, bytes.len().wrapping_neg() % 4));
}
