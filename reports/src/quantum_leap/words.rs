//! Why published, recomputed and measured figures differ, a sentence each.

use feedbench_record::scenario::PAYLOAD_MIN_BYTES;
use feedbench_record::{Record, Transport};

use super::measured::{self, Measured, Parts};
use super::published::{FRAME_PAYLOAD, OVERHEAD, POLL_PAYLOAD, REQUEST_HEAD, RESPONSE_HEAD, USE_CASES};
use super::recompute::{Message, SEGMENT_HEADERS, characters, frame_header, mbit, mbps_of_2_20, on_the_wire};
use super::{Line, TRANSPORTS};
use crate::conditions::distinct;
use crate::lang::Lang;
use crate::number::{grouped, significant};
use crate::text::{charts_bars, common, quantum_leap as text};
use crate::words::pairs;

/// The header profile that sends the article's heads.
const PROFILE: &str = "lubbers-2009";

/// All sentences: what is missing, reduced or invalid comes first.
pub(super) fn sentences(lines: &[Line], records: &[&Record], lang: Lang) -> Vec<String> {
    let measured =
        |transport| lines.iter().find_map(move |line| line.measured.as_ref().filter(|_| line.transport == transport));
    let mut sentences = gaps(lines, lang);
    sentences.extend(without_use_case(records, lang));
    sentences.extend(profile(lines, lang));
    sentences.push(line_ends(lang));
    sentences.push(megabits(lang));
    sentences.push(framing(measured(Transport::WebSocket), lang));
    sentences.push(layers(lang));
    sentences.extend(measured(Transport::Polling).and_then(|measured| heads(measured, lang)));
    sentences.push(payload(lines, lang));
    sentences.extend(method(lines, lang));
    sentences.push(text::delay(lang).to_owned());
    sentences
}

/// What is not there, or is less than what was asked for.
fn gaps(lines: &[Line], lang: Lang) -> Vec<String> {
    let names = |wanted: &dyn Fn(&Line) -> bool| -> Option<String> {
        let names: Vec<_> = lines.iter().filter(|line| wanted(line)).map(|line| line.name(lang)).collect();
        (!names.is_empty()).then(|| names.join(charts_bars::semicolon(lang)))
    };
    let reduced = lines.iter().filter_map(|line| {
        let measured = line.measured.as_ref()?;
        Some((line.case.name, measured.asked?, measured.clients, pairs(measured.processes, lang)))
    });
    let reduced = distinct(reduced).into_iter().map(|(name, asked, clients, pairs)| {
        text::reduced(lang, name, grouped(asked.into()), grouped(clients.into()), pairs)
    });
    let mut sentences: Vec<_> = reduced.collect();
    let has = |line: &Line, of: fn(&Measured) -> bool| line.measured.as_ref().is_some_and(of);
    sentences.extend(names(&|line| line.measured.is_none()).map(|names| text::missing(lang, names)));
    let invalid = names(&|line| has(line, |measured| measured.invalid() > 0));
    sentences.extend(invalid.map(|names| text::invalid(lang, names)));
    let rescheduled = names(&|line| has(line, |measured| !measured.as_published));
    sentences.extend(rescheduled.map(|names| text::rescheduled(lang, names)));
    sentences
}

/// Cells of the suite whose number of clients is none of the article's.
fn without_use_case(records: &[&Record], lang: Lang) -> Option<String> {
    let published = |clients: u32| USE_CASES.iter().any(|case| case.clients == clients);
    let clients = distinct(records.iter().map(|record| measured::clients_asked(record)));
    let others = clients.into_iter().filter(|&clients| !published(clients)).map(|clients| grouped(clients.into()));
    let others: Vec<_> = others.collect();
    (!others.is_empty()).then(|| text::without_use_case(lang, common::listed(lang, &others)))
}

fn profile(lines: &[Line], lang: Lang) -> Option<String> {
    let profiles = lines.iter().filter_map(|line| Some(line.measured.as_ref()?.headers.clone()));
    let others: Vec<_> = distinct(profiles).into_iter().filter(|profile| profile != PROFILE).collect();
    (!others.is_empty()).then(|| text::other_profile(lang, common::listed(lang, &others), PROFILE))
}

fn line_ends(lang: Lang) -> String {
    let (characters, wire) = (characters(&REQUEST_HEAD) + characters(&RESPONSE_HEAD), Message::by(Transport::Polling));
    text::line_ends(lang, characters, on_the_wire(&REQUEST_HEAD), on_the_wire(&RESPONSE_HEAD), wire.overhead)
}

fn megabits(lang: Lang) -> String {
    let last = USE_CASES[USE_CASES.len() - 1];
    let bytes = last.polling.bytes_per_s as f64;
    text::megabits(lang, last.polling.mbps, last.name, significant(mbit(bytes)), significant(mbps_of_2_20(bytes)))
}

fn framing(measured: Option<&Measured>, lang: Lang) -> String {
    let sent = measured.and_then(|measured| measured.median(|one| Some(one.above_tcp?.payload)));
    let length = sent.map_or(FRAME_PAYLOAD, |payload| payload.round() as u64);
    text::framing(lang, OVERHEAD[1].1, frame_header(length), length, frame_header(126), frame_header(65_536))
}

fn layers(lang: Lang) -> String {
    let (poll, frame) = TRANSPORTS.map(Message::by).into();
    let ratio = |of: fn(Message) -> u64| format!("{:.1}", of(poll) as f64 / of(frame) as f64);
    text::layers(lang, SEGMENT_HEADERS, ratio(|message| message.overhead), ratio(Message::overhead_on_ip))
}

fn heads(measured: &Measured, lang: Lang) -> Option<String> {
    let part = |of: fn(&Parts) -> f64| measured.median(|one| one.parts.as_ref().map(of));
    let (request, response) = (part(|parts| parts.request_headers)?, part(|parts| parts.response_headers)?);
    let difference = |measured: f64, published: u64| match measured - published as f64 {
        0.0 => text::as_many(lang, published),
        by if by > 0.0 => text::more(lang, significant(by), published),
        by => text::fewer(lang, significant(-by), published),
    };
    let own = measured.headers == PROFILE && request != on_the_wire(&REQUEST_HEAD) as f64;
    Some(text::heads(
        lang,
        significant(request),
        difference(request, on_the_wire(&REQUEST_HEAD)),
        if own { text::target_and_host(lang) } else { "" },
        significant(response),
        difference(response, on_the_wire(&RESPONSE_HEAD)),
        significant(part(|parts| parts.event_framing)?),
    ))
}

fn payload(lines: &[Line], lang: Lang) -> String {
    let sent = |line: &Line| line.measured.as_ref()?.median(|one| Some(one.above_tcp?.payload)).map(significant);
    let sent = distinct(lines.iter().filter_map(sent)).join(common::or(lang));
    let sent = if sent.is_empty() { sent } else { text::sent(lang, sent) };
    text::payload(lang, POLL_PAYLOAD, FRAME_PAYLOAD, PAYLOAD_MIN_BYTES, sent)
}

/// What exactly the measured figures are means of.
fn method(lines: &[Line], lang: Lang) -> Vec<String> {
    let cells = || lines.iter().filter_map(|line| line.measured.as_ref());
    if cells().next().is_none() {
        return Vec::new();
    }
    let mut sentences = vec![if cells().all(Measured::by_exchange) {
        text::by_exchange(lang, grouped(cells().map(Measured::empty_polls).sum()))
    } else {
        text::by_window(lang).to_owned()
    }];
    if cells().any(|measured| measured.repetitions() > 1) {
        sentences.push(text::repeated(lang).to_owned());
    }
    if cells().any(|measured| measured.median(|one| Some(one.on_ip?.overhead)).is_some()) {
        sentences.push(text::on_ip_method(lang).to_owned());
        let control = cells().filter_map(|measured| measured.median(|one| one.control).filter(|&bytes| bytes > 0.0));
        let control = distinct(control.map(significant));
        if !control.is_empty() {
            sentences.push(text::control(lang, control.join(common::or(lang))));
        }
    }
    sentences
}
