//! Why published, recomputed and measured figures differ, a sentence each.

use feedbench_record::scenario::PAYLOAD_MIN_BYTES;
use feedbench_record::{Record, Transport};

use super::measured::{self, Measured};
use super::published::{FRAME_PAYLOAD, OVERHEAD, POLL_PAYLOAD, REQUEST_HEAD, RESPONSE_HEAD, USE_CASES};
use super::recompute::{Message, SEGMENT_HEADERS, characters, frame_header, mbit, mbps_of_2_20, on_the_wire};
use super::{Line, TRANSPORTS};
use crate::conditions::distinct;
use crate::lang::Lang;
use crate::number::{grouped, significant};
use crate::words::{listed, pairs};

/// The header profile that sends the article's heads.
const PROFILE: &str = "lubbers-2009";

/// All sentences: what is missing, reduced or invalid comes first.
pub(super) fn sentences(lines: &[Line], records: &[&Record]) -> Vec<String> {
    let measured =
        |transport| lines.iter().find_map(move |line| line.measured.as_ref().filter(|_| line.transport == transport));
    let mut sentences = gaps(lines);
    sentences.extend(without_use_case(records));
    sentences.extend(profile(lines));
    sentences.push(line_ends());
    sentences.push(megabits());
    sentences.push(framing(measured(Transport::WebSocket)));
    sentences.push(layers());
    sentences.extend(heads(measured(Transport::Polling)));
    sentences.push(payload(lines));
    sentences.extend(method(lines));
    sentences.push(delay());
    sentences
}

/// What is not there, or is less than what was asked for.
fn gaps(lines: &[Line]) -> Vec<String> {
    let names = |wanted: &dyn Fn(&Line) -> bool| -> Vec<String> {
        lines.iter().filter(|line| wanted(line)).map(Line::name).collect()
    };
    let mut sentences = Vec::new();
    let reduced = lines.iter().filter_map(|line| {
        let measured = line.measured.as_ref()?;
        Some((line.case.name, measured.asked?, measured.clients, pairs(measured.processes, Lang::En)))
    });
    for (name, asked, clients, pairs) in distinct(reduced) {
        sentences.push(format!(
            "Use case {name} asked for {} clients; this machine and version hold {} in {pairs}, and its \
             figures per second are those of {}.",
            grouped(asked.into()),
            grouped(clients.into()),
            grouped(clients.into())
        ));
    }
    let missing = names(&|line| line.measured.is_none());
    if !missing.is_empty() {
        sentences.push(format!("Not measured, because there is no record: {}.", missing.join("; ")));
    }
    let invalid = names(&|line| line.measured.as_ref().is_some_and(|measured| measured.invalid > 0));
    if !invalid.is_empty() {
        sentences.push(format!(
            "Invalid, and marked beside their figures: {}; the reasons stand under Verdicts.",
            invalid.join("; ")
        ));
    }
    let rescheduled = names(&|line| line.measured.as_ref().is_some_and(|measured| !measured.as_published));
    if !rescheduled.is_empty() {
        sentences.push(format!(
            "Not with the article's one message and one poll a second to all clients, so that figures per second do not \
             compare: {}.",
            rescheduled.join("; ")
        ));
    }
    sentences
}

/// Cells of the suite whose number of clients is none of the article's.
fn without_use_case(records: &[&Record]) -> Option<String> {
    let published = |clients: u32| USE_CASES.iter().any(|case| case.clients == clients);
    let clients = distinct(records.iter().map(|record| measured::clients_asked(record)));
    let others: Vec<_> = clients.into_iter().filter(|&clients| !published(clients)).collect();
    (!others.is_empty()).then(|| {
        let others: Vec<_> = others.iter().map(|&clients| grouped(clients.into())).collect();
        format!("The cells with {} clients belong to no use case of the article.", listed(&others))
    })
}

fn profile(lines: &[Line]) -> Option<String> {
    let profiles = lines.iter().filter_map(|line| Some(line.measured.as_ref()?.headers.clone()));
    let others: Vec<_> = distinct(profiles).into_iter().filter(|profile| profile != PROFILE).collect();
    (!others.is_empty()).then(|| {
        format!(
            "These cells were measured with the header profile {} and not with {PROFILE}, the article's heads: what was \
             measured of polling does not reproduce the article.",
            listed(&others)
        )
    })
}

fn line_ends() -> String {
    let (characters, wire) = (characters(&REQUEST_HEAD) + characters(&RESPONSE_HEAD), Message::by(Transport::Polling));
    format!(
        "{characters} is a count of characters without line ends; on the wire, with CRLF and the empty lines, the same two \
         heads have {} + {} = {} bytes.",
        on_the_wire(&REQUEST_HEAD),
        on_the_wire(&RESPONSE_HEAD),
        wire.overhead
    )
}

fn megabits() -> String {
    let last = USE_CASES[USE_CASES.len() - 1];
    let bytes = last.polling.bytes_per_s as f64;
    format!(
        "The article's \"Mbps\" are 2^20 bits: its {} of use case {} are {} Mbit/s by the SI ({} in units of 2^20).",
        last.polling.mbps,
        last.name,
        significant(mbit(bytes)),
        significant(mbps_of_2_20(bytes))
    )
}

fn framing(measured: Option<&Measured>) -> String {
    let sent = measured.and_then(|measured| measured.above_tcp).map(|message| message.payload);
    let length = sent.map_or(FRAME_PAYLOAD, |payload| payload.round() as u64);
    format!(
        "The article's {} bytes a frame are 0x00 and 0xFF of the drafts before RFC 6455, whose own header has {} bytes from \
         server to client for a payload of {length} bytes, {} from 126 bytes on and {} from 65,536 bytes on.",
        OVERHEAD[1].1,
        frame_header(length),
        frame_header(126),
        frame_header(65_536)
    )
}

fn layers() -> String {
    let (poll, frame) = TRANSPORTS.map(Message::by).into();
    let ratio = |of: fn(Message) -> u64| format!("{:.1}", of(poll) as f64 / of(frame) as f64);
    format!(
        "The article counts the application layer alone; on IP every segment has {SEGMENT_HEADERS} bytes of headers (IPv4, \
         TCP with timestamps), acknowledgements too, and {} : 1 above TCP becomes {} : 1.",
        ratio(|message| message.overhead),
        ratio(Message::overhead_on_ip)
    )
}

fn heads(measured: Option<&Measured>) -> Option<String> {
    let parts = measured?.parts?;
    let difference = |measured: f64, published: u64| {
        let by = measured - published as f64;
        match by {
            0.0 => format!("as many as the article's {published}"),
            by if by > 0.0 => format!("{} more than the article's {published}", significant(by)),
            by => format!("{} fewer than the article's {published}", significant(-by)),
        }
    };
    let why = if measured?.headers == PROFILE && parts.request_headers != on_the_wire(&REQUEST_HEAD) as f64 {
        ", because target and Host are feedbench's own"
    } else {
        ""
    };
    Some(format!(
        "A measured poll has {} bytes of request head, {}{why}; {} bytes of response head, {}; and {} bytes of event framing, \
         because its answer is a JSON array.",
        significant(parts.request_headers),
        difference(parts.request_headers, on_the_wire(&REQUEST_HEAD)),
        significant(parts.response_headers),
        difference(parts.response_headers, on_the_wire(&RESPONSE_HEAD)),
        significant(parts.event_framing)
    ))
}

fn payload(lines: &[Line]) -> String {
    let sent = lines.iter().filter_map(|line| Some(significant(line.measured.as_ref()?.above_tcp?.payload)));
    let sent = distinct(sent).join(" or ");
    format!(
        "The article sent {POLL_PAYLOAD} and {FRAME_PAYLOAD} bytes of payload, and the shortest event text of feedbench has \
         {PAYLOAD_MIN_BYTES}{}: totals differ by that, overhead compares.",
        if sent.is_empty() { String::new() } else { format!(" ({sent} were sent)") }
    )
}

/// What exactly the measured figures are means of.
fn method(lines: &[Line]) -> Vec<String> {
    let cells = || lines.iter().filter_map(|line| line.measured.as_ref());
    if cells().next().is_none() {
        return Vec::new();
    }
    let mut sentences = vec![if cells().all(|measured| measured.by_exchange) {
        let empty: u64 = cells().filter_map(|measured| measured.empty_polls).sum();
        format!(
            "Measured above TCP per message: the mean of the polls that brought a message (the {} that \
             brought none are left out), and of the frames that carried one.",
            grouped(empty)
        )
    } else {
        "Measured above TCP per message: all bytes of the window over its messages, because not every record tells the \
         layers apart."
            .to_owned()
    }];
    if cells().any(|measured| measured.on_ip.is_some()) {
        sentences.push(
            "Measured on IP: the mean of all polls, or messages, of the cell, from the client's segment counters, with \
             whatever the kernel acknowledged together, and without what opens and closes a connection."
                .to_owned(),
        );
        let control = cells().filter_map(|measured| Some(significant(measured.control.filter(|&bytes| bytes > 0.0)?)));
        let control = distinct(control);
        if !control.is_empty() {
            sentences.push(format!(
                "On IP a WebSocket message also bears its share of what else its connection said (position, heartbeats, \
                 close: {} bytes of control above TCP for each message, and their segments), which is the less the more \
                 messages a connection has.",
                control.join(" or ")
            ));
        }
    }
    sentences
}

fn delay() -> String {
    "The article's 150 ms against 50 ms is an assumed example (one transit of 50 ms, and the longest that a long poll can take \
     by RFC 6202), not a measurement: there is nothing to reproduce."
        .to_owned()
}
