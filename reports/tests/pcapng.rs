//! The capture file of a trace: read back block by block, and by Wireshark's own reader where it is installed.

#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

mod trace_common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use feedbench_record::trace::{StepKind, Trace, What};
use feedbench_record::{Transport, Way};
use feedbench_reports::trace::{self, PacketError};

fn traces() -> Vec<(String, Trace)> {
    let all = trace_common::all().into_iter();
    let mut traces: Vec<_> = all.map(|trace| (trace.transport.to_string(), trace)).collect();
    traces.push(("connections".to_owned(), trace_common::polling_with_connections()));
    traces.push(("crowded".to_owned(), trace_common::crowded()));
    traces.push(("long".to_owned(), trace_common::long_payload()));
    traces.push(("unsteady".to_owned(), trace_common::unsteady()));
    let mut ipv6 = trace_common::trace(Transport::Sse);
    (ipv6.server, ipv6.clients) = ("[::1]:18081".to_owned(), vec!["[::1]:40012".to_owned()]);
    traces.push(("ipv6".to_owned(), ipv6));
    traces
}

/// A block without its lengths.
struct Block {
    kind: u32,
    body: Vec<u8>,
}

struct Packet {
    at_us: u64,
    bytes: Vec<u8>,
    comment: String,
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap())
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn blocks(mut file: &[u8]) -> Vec<Block> {
    let mut blocks = Vec::new();
    while !file.is_empty() {
        let length = u32_at(file, 4) as usize;
        assert!(
            length.is_multiple_of(4) && u32_at(file, length - 4) as usize == length,
            "a block has its length twice"
        );
        blocks.push(Block { kind: u32_at(file, 0), body: file[8..length - 4].to_vec() });
        file = &file[length..];
    }
    blocks
}

fn options(mut bytes: &[u8]) -> BTreeMap<u16, Vec<u8>> {
    let mut options = BTreeMap::new();
    while u16_at(bytes, 0) != 0 {
        let length = usize::from(u16_at(bytes, 2));
        options.insert(u16_at(bytes, 0), bytes[4..4 + length].to_vec());
        bytes = &bytes[4 + length.next_multiple_of(4)..];
    }
    assert_eq!(bytes, [0; 4], "the options have an end");
    options
}

fn text(options: &BTreeMap<u16, Vec<u8>>, code: u16) -> String {
    String::from_utf8(options[&code].clone()).unwrap()
}

fn packets(file: &[u8]) -> Vec<Packet> {
    let packet = |block: &Block| {
        assert_eq!(block.kind, 6);
        let body = &block.body;
        let length = u32_at(body, 12) as usize;
        assert_eq!(length, u32_at(body, 16) as usize, "no packet is cut");
        Packet {
            at_us: u64::from(u32_at(body, 4)) << 32 | u64::from(u32_at(body, 8)),
            bytes: body[20..20 + length].to_vec(),
            comment: text(&options(&body[20 + length.next_multiple_of(4)..]), 1),
        }
    };
    blocks(file)[2..].iter().map(packet).collect()
}

fn sum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks(2).map(|pair| u64::from(pair[0]) << 8 | u64::from(*pair.get(1).unwrap_or(&0)));
    let mut sum: u64 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

/// What a packet's headers say.
struct Segment<'p> {
    ports: (u16, u16),
    sequence: u32,
    acknowledged: u32,
    flags: u8,
    payload: &'p [u8],
}

fn segment(packet: &[u8]) -> Segment<'_> {
    let (addresses, tcp) = match packet[0] >> 4 {
        4 => {
            assert_eq!(sum(&packet[..20]), 0xffff, "the checksum of IP");
            assert_eq!(usize::from(u16::from_be_bytes([packet[2], packet[3]])), packet.len());
            (&packet[12..20], &packet[20..])
        }
        _ => {
            assert_eq!(usize::from(u16::from_be_bytes([packet[4], packet[5]])), packet.len() - 40);
            (&packet[8..40], &packet[40..])
        }
    };
    let pseudo = [addresses, &[0, 6], &(tcp.len() as u32).to_be_bytes(), tcp].concat();
    assert_eq!(sum(&pseudo), 0xffff, "the checksum of TCP");
    let number = |at: usize| u32::from_be_bytes(tcp[at..at + 4].try_into().unwrap());
    Segment {
        ports: (u16::from_be_bytes([tcp[0], tcp[1]]), u16::from_be_bytes([tcp[2], tcp[3]])),
        sequence: number(4),
        acknowledged: number(8),
        flags: tcp[13],
        payload: &tcp[usize::from(tcp[12] >> 4) * 4..],
    }
}

fn port(address: &str) -> u16 {
    address.rsplit_once(':').unwrap().1.parse().unwrap()
}

#[test]
fn the_file_says_of_itself_what_is_reconstructed() {
    for (name, trace) in traces() {
        let file = trace::pcapng(&trace).unwrap();
        let blocks = blocks(&file);
        assert_eq!((blocks[0].kind, u32_at(&blocks[0].body, 0)), (0x0a0d_0d0a, 0x1a2b_3c4d), "{name}");
        let section = options(&blocks[0].body[16..]);
        let comment = text(&section, 1);
        for needed in ["reconstructed", "not captured", "1970", trace.transport.title()] {
            assert!(comment.contains(needed), "{name}: {comment}");
        }
        assert!(text(&section, 4).starts_with("feedbench 0.1.0"), "{name}");
        assert_eq!((blocks[1].kind, u16_at(&blocks[1].body, 0)), (1, 101), "{name}: packets of IP");
        assert_eq!(options(&blocks[1].body[8..])[&9], [6], "{name}: microseconds");
    }
}

#[test]
fn both_directions_of_every_connection_carry_the_bytes_of_the_trace() {
    for (name, trace) in traces() {
        let packets = packets(&trace::pcapng(&trace).unwrap());
        assert!(packets.windows(2).all(|pair| pair[0].at_us <= pair[1].at_us), "{name}: in the order of time");
        for (number, client) in (0..).zip(&trace.clients) {
            for way in Way::ALL {
                let ports = (port(client), port(&trace.server));
                let ports = if way == Way::Up { ports } else { (ports.1, ports.0) };
                let segments = packets.iter().map(|packet| segment(&packet.bytes)).filter(|one| one.ports == ports);
                let payload: Vec<u8> = segments.flat_map(|one| one.payload.to_vec()).collect();
                let steps = trace.steps.iter().filter(|step| step.connection == number && step.way == way);
                let written = steps.flat_map(|step| &step.runs).flat_map(|run| run.bytes.iter().copied());
                assert!(payload.into_iter().eq(written), "{name}: {} of {client}", way.id());
            }
        }
    }
}

#[test]
fn sequence_numbers_have_no_gap_and_nothing_is_acknowledged_before_it_was_sent() {
    for (name, trace) in traces() {
        let mut next: BTreeMap<(u16, u16), u32> = BTreeMap::new();
        for packet in packets(&trace::pcapng(&trace).unwrap()) {
            let segment = segment(&packet.bytes);
            let expected = next.entry(segment.ports).or_insert(segment.sequence);
            assert_eq!(segment.sequence, *expected, "{name}: {}", packet.comment);
            *expected += segment.payload.len() as u32 + u32::from(segment.flags & 0b11 != 0);
            if segment.flags & 0x10 != 0 {
                let back = next[&(segment.ports.1, segment.ports.0)];
                assert!(segment.acknowledged <= back, "{name}: {}", packet.comment);
            }
        }
    }
}

#[test]
fn a_packet_names_its_layers_and_their_bytes() {
    let file = trace::pcapng(&trace_common::trace(Transport::Polling)).unwrap();
    let comments: Vec<_> = packets(&file).into_iter().map(|packet| packet.comment).collect();
    let answer = "answer: response_headers 134 B, event_framing 3 B, payload 200 B".to_owned();
    assert!(comments.contains(&answer), "{comments:?}");
    let file = trace::pcapng(&trace_common::long_payload()).unwrap();
    let parts = packets(&file).into_iter().filter(|packet| packet.comment.contains("of 3): ")).count();
    assert_eq!(parts, 3, "150,010 bytes are cut into three segments");
}

#[test]
fn addresses_that_are_none_are_named() {
    let mut trace = trace_common::trace(Transport::Sse);
    trace.clients = vec!["[::1]:40012".to_owned()];
    assert!(matches!(trace::pcapng(&trace), Err(PacketError::Versions { .. })));
    trace.server = "example.org:80".to_owned();
    assert_eq!(trace::pcapng(&trace), Err(PacketError::Address("example.org:80".to_owned())));
    trace.steps[0].connection = 4;
    assert_eq!(trace::pcapng(&trace), Err(PacketError::Connection { number: 4, connections: 1 }));
}

fn written(name: &str, trace: &Trace) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packets");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{name}.pcapng"));
    fs::write(&path, trace::pcapng(trace).unwrap()).unwrap();
    path
}

/// What Wireshark says of each packet.
const FIELDS: [&str; 8] = [
    "frame.comment",
    "ip.checksum.status",
    "tcp.checksum.status",
    "tcp.analysis.flags",
    "http.request.method",
    "http.response.code",
    "websocket.opcode",
    "_ws.malformed",
];

fn tshark(path: &Path) -> Vec<BTreeMap<&'static str, String>> {
    let output = Command::new("tshark")
        .args(["-r", path.to_str().unwrap(), "-T", "fields", "-E", "separator=|"])
        .args(["-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE"])
        .args(FIELDS.iter().flat_map(|field| ["-e", field]))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| FIELDS.into_iter().zip(line.split('|').map(str::to_owned)).collect()).collect()
}

#[test]
fn wireshark_finds_nothing_wrong_and_dissects_what_was_said() {
    if Command::new("tshark").arg("--version").output().is_err() {
        eprintln!("skipped: tshark is not installed, so no independent reader of pcapng is here");
        return;
    }
    for (name, trace) in traces() {
        let path = written(&name, &trace);
        let expected = packets(&fs::read(&path).unwrap());
        let seen = tshark(&path);
        assert_eq!(seen.len(), expected.len(), "{name}");
        let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (packet, expected) in seen.iter().zip(&expected) {
            let what = format!("{name}: {}", expected.comment);
            assert_eq!(packet["frame.comment"], expected.comment, "{what}");
            assert_eq!(packet["tcp.checksum.status"], "1", "{what}: checksum of TCP");
            assert_eq!(packet["ip.checksum.status"], if name == "ipv6" { "" } else { "1" }, "{what}: checksum of IP");
            assert_eq!(packet["tcp.analysis.flags"], "", "{what}: retransmissions and the like");
            for (field, values) in packet.iter().filter(|(_, values)| !values.is_empty()) {
                found.entry(field).or_default().extend(values.split(','));
            }
        }
        let found = |field: &str| found.get(field).map_or(0, Vec::len);
        let steps = |kinds: &[StepKind]| trace.steps.iter().filter(|step| kinds.contains(&step.kind)).count();
        assert_eq!(found("http.request.method"), steps(&[StepKind::Request]), "{name}");
        assert_eq!(found("http.response.code"), steps(&[StepKind::Answer, StepKind::AnswerHead]), "{name}");
        // What no reader understood, Wireshark may call malformed, too.
        if name != "crowded" {
            assert_eq!(found("_ws.malformed"), 0, "{name}");
            let frames = trace.steps.iter().flat_map(|step| &step.runs).filter(|run| run.what == What::FrameHeader);
            assert_eq!(found("websocket.opcode"), frames.count(), "{name}");
        }
    }
}
