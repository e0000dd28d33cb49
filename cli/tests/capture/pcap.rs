//! Reads a capture of loopback: for each server port, the TCP payload and the IP bytes of both directions.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use feedbench_record::Transport;
use feedbench_record::ledger::Way;

/// A packet's place in the file (libpcap's savefile format): the file's header, and one before each packet.
const FILE_HEADER_BYTES: usize = 24;
const PACKET_HEADER_BYTES: usize = 16;
const ETHERNET_BYTES: usize = 14;

const SYN: u8 = 0x02;
const ACK: u8 = 0x10;

/// One direction of all connections of a port.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sums {
    pub(crate) segments: u64,
    /// Headers and payloads of every packet.
    pub(crate) ip_bytes: u64,
    /// Bytes of the streams, each once.
    pub(crate) payload_bytes: u64,
}

/// A server's port.
#[derive(Debug, Default)]
pub(crate) struct Port {
    pub(crate) ways: [Sums; Way::ALL.len()],
    pub(crate) connections: u64,
    /// The transports that it was asked for.
    transports: BTreeSet<Transport>,
}

/// What was captured.
#[derive(Debug, Default)]
pub(crate) struct Capture {
    ports: BTreeMap<u16, Port>,
}

type Address = (Ipv4Addr, u16);

/// One direction of one connection.
#[derive(Debug)]
struct Flow {
    /// The server's.
    port: u16,
    way: Way,
    /// The next byte that was not sent yet.
    next: u32,
}

impl Capture {
    /// Reads a file of Ethernet packets, little-endian, as tcpdump writes it on this machine.
    pub(crate) fn read(mut file: &[u8]) -> Capture {
        assert_eq!(&file[..4], [0xd4, 0xc3, 0xb2, 0xa1], "a little-endian capture with microseconds");
        assert_eq!(&file[20..24], [1, 0, 0, 0], "of Ethernet");
        file = &file[FILE_HEADER_BYTES..];
        let mut capture = Capture::default();
        let mut flows = BTreeMap::new();
        while file.len() >= PACKET_HEADER_BYTES {
            let captured = u32::from_le_bytes(file[8..12].try_into().unwrap()) as usize;
            let (packet, rest) = file[PACKET_HEADER_BYTES..].split_at(captured);
            if packet[12..ETHERNET_BYTES] == [0x08, 0x00] {
                capture.add(&packet[ETHERNET_BYTES..], &mut flows);
            }
            file = rest;
        }
        capture
    }

    /// The ports that served a transport.
    pub(crate) fn of(&self, transport: Transport) -> impl Iterator<Item = &Port> {
        self.ports.values().filter(move |port| port.transports.contains(&transport))
    }

    /// Adds an IPv4 packet with TCP. A port may serve one connection and be the client's of another: the SYN tells.
    fn add(&mut self, ip: &[u8], flows: &mut BTreeMap<(Address, Address), Flow>) {
        let number = |bytes: &[u8]| bytes.iter().fold(0_u32, |number, &b| number << 8 | u32::from(b));
        let total = number(&ip[2..4]);
        let tcp = &ip[usize::from(ip[0] & 0x0f) * 4..];
        let headers = usize::from(ip[0] & 0x0f) * 4 + usize::from(tcp[12] >> 4) * 4;
        let address =
            |ip: &[u8], port: &[u8]| (Ipv4Addr::new(ip[0], ip[1], ip[2], ip[3]), u16::try_from(number(port)).unwrap());
        let (from, to) = (address(&ip[12..16], &tcp[..2]), address(&ip[16..20], &tcp[2..4]));
        let (flags, sequence) = (tcp[13], number(&tcp[4..8]));
        if flags & SYN != 0 {
            let (port, way) = if flags & ACK == 0 { (to.1, Way::Up) } else { (from.1, Way::Down) };
            self.ports.entry(port).or_default().connections += u64::from(way == Way::Up);
            flows.insert((from, to), Flow { port, way, next: sequence.wrapping_add(1) });
        }
        // A connection whose beginning was not captured is not ours.
        let Some(flow) = flows.get_mut(&(from, to)) else { return };
        let port = self.ports.entry(flow.port).or_default();
        let payload = total - headers as u32;
        let sums = &mut port.ways[flow.way.index()];
        sums.segments += 1;
        sums.ip_bytes += u64::from(total);
        let end = sequence.wrapping_add(payload);
        let new = end.wrapping_sub(flow.next);
        // What was sent again ends at or before what was sent.
        if payload > 0 && new <= payload {
            sums.payload_bytes += u64::from(new);
            flow.next = end;
        }
        let said = ip.get(headers..).unwrap_or_default();
        for transport in Transport::ALL {
            let request = format!("GET /{transport}");
            let follows = said.strip_prefix(request.as_bytes()).and_then(|rest| rest.first());
            if matches!(follows, Some(b' ' | b'?')) {
                port.transports.insert(transport);
            }
        }
    }
}
