//! Renderings of a trace: every byte once, every step an arrow, nothing hostile.

#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

mod trace_common;
mod xml;

use std::fs;
use std::path::Path;

use feedbench_record::trace::{Run, Step, StepKind, Trace, What};
use feedbench_record::{Layer, Transport};
use feedbench_reports::trace::{self, PageError};

fn traces() -> Vec<(String, Trace)> {
    let all = trace_common::all().into_iter();
    let mut traces: Vec<_> = all.map(|trace| (trace.transport.to_string(), trace)).collect();
    traces.push(("connections".to_owned(), trace_common::polling_with_connections()));
    traces.push(("crowded".to_owned(), trace_common::crowded()));
    traces.push(("long".to_owned(), trace_common::long_payload()));
    traces.push(("unsteady".to_owned(), trace_common::unsteady()));
    traces
}

fn bytes(trace: &Trace) -> Vec<u8> {
    runs(trace).flat_map(|run| run.bytes.iter().copied()).collect()
}

fn runs(trace: &Trace) -> impl Iterator<Item = &Run> {
    trace.steps.iter().flat_map(|step: &Step| &step.runs)
}

/// The bytes that a line shows in its first columns, if it shows nothing else there.
fn digits(line: &str) -> Option<Vec<u8>> {
    let columns: String = line.chars().take(47).collect();
    let pair = |pair: &str| u8::from_str_radix(pair, 16).ok().filter(|_| pair.len() == 2);
    columns.split_whitespace().map(pair).collect()
}

/// The renderings stay in the target folder, to be looked at.
#[test]
fn every_rendering_is_written_to_be_looked_at() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("traces");
    fs::create_dir_all(&folder).unwrap();
    for (name, trace) in traces() {
        fs::write(folder.join(format!("{name}.svg")), trace::ladder(&trace)).unwrap();
        fs::write(folder.join(format!("{name}.txt")), trace::dump(&trace, false)).unwrap();
        fs::write(folder.join(format!("{name}.ansi")), trace::dump(&trace, true)).unwrap();
    }
    fs::write(folder.join("trace.html"), trace::page(&trace_common::all()).unwrap()).unwrap();
}

#[test]
fn every_byte_is_in_the_dump_once_and_in_order() {
    for (name, trace) in traces() {
        let dump = trace::dump(&trace, false);
        let steps = dump.split_once("\nBytes by layer").unwrap().0;
        let lines = steps.lines().filter_map(|line| line.strip_prefix("  ")).filter_map(digits);
        assert!(lines.flatten().eq(bytes(&trace)), "{name}");
    }
}

#[test]
fn beside_every_run_stand_its_name_its_length_its_layer_and_its_rule() {
    for (name, trace) in traces() {
        let dump = trace::dump(&trace, false);
        let steps = dump.split_once("\nBytes by layer").unwrap().0;
        let notes = steps.lines().filter(|line| line.strip_prefix("  ").is_some_and(|line| digits(line).is_some()));
        let notes: String = notes.flat_map(|line| line.chars().skip(69)).filter(|c| *c != ' ').collect();
        let expected = runs(&trace).flat_map(|run| {
            let number = match run.bytes.len() {
                thousands @ 1_000.. => format!("{},{:03}", thousands / 1_000, thousands % 1_000),
                few => few.to_string(),
            };
            [format!("{}, {number} B", run.what.title()), run.layer.title().to_owned(), run.what.rule().to_owned()]
        });
        let expected: String = expected.collect::<String>().chars().filter(|c| *c != ' ').collect();
        assert_eq!(notes, expected, "{name}");
    }
}

#[test]
fn a_line_has_at_most_a_hundred_columns_and_colour_changes_no_letter() {
    for (name, trace) in traces() {
        let plain = trace::dump(&trace, false);
        for line in plain.lines() {
            assert!(line.chars().count() <= 100, "{name}: {line}");
        }
        let mut coloured = String::new();
        for (index, part) in trace::dump(&trace, true).split('\x1b').enumerate() {
            coloured.push_str(if index == 0 { part } else { part.split_once('m').unwrap().1 });
        }
        let trimmed = |text: &str| text.lines().map(|line| format!("{}\n", line.trim_end())).collect::<String>();
        assert_eq!(trimmed(&coloured.replace('▌', " ")), plain, "{name}");
    }
}

#[test]
fn the_dump_ends_with_a_ledger_that_adds_up() {
    for (name, trace) in traces() {
        let dump = trace::dump(&trace, false);
        let ledger = dump.split_once("\nBytes by layer").unwrap().1;
        let numbers = |title: &str| -> Vec<usize> {
            let line = ledger.lines().find(|line| line.trim_start().starts_with(title)).unwrap();
            let numbers = line.trim_start().strip_prefix(title).unwrap().split_whitespace();
            numbers.map(|number| number.replace(',', "").parse().unwrap()).collect()
        };
        assert_eq!(numbers("total")[2], bytes(&trace).len(), "{name}");
        let unclassified = runs(&trace).filter(|run| run.layer == Layer::Unclassified).map(|run| run.bytes.len());
        assert_eq!(numbers("unclassified")[2], unclassified.sum::<usize>(), "{name}");
    }
}

#[test]
fn the_dump_explains_the_handshake_and_a_frame_of_each_side() {
    let mut trace = trace_common::trace(Transport::WebSocket);
    let dump = trace::dump(&trace, false);
    for text in [
        "258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
        "f1cb2c69ec343eee6c4b5078d4edab1d65663b55",
        "Equal:",
        "A frame of the client, masked: close",
        "A frame of the server, not masked: event",
        "|1|0|0|0|1 0 0 0|1|0 0 1 0 1 0 0|0 1 1 0 0 0 1 0 1 1 1 1 0 1 0 0|",
        "i = 1   00011101 XOR 11110100 = 11101001   1d XOR f4 = e9 '.'",
        "It says: code 1001, \"the feed has ended\"",
    ] {
        assert!(dump.contains(text), "{text}");
    }
    trace.handshake.as_mut().unwrap().sent = "something else".to_owned();
    assert!(trace::dump(&trace, false).contains("Not equal:"));
}

#[test]
fn a_ladder_is_an_xml_document_with_an_arrow_for_every_step() {
    for (name, trace) in traces() {
        let svg = trace::ladder(&trace);
        let elements = xml::elements(&svg).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((elements[0].name.as_str(), elements[0].attribute("role")), ("svg", Some("img")), "{name}");
        let text_of = |name: &str| elements.iter().find(|e| e.name == name).map(|e| e.text.clone()).unwrap();
        assert!(text_of("title").contains("each step") && text_of("desc").contains("Time runs downwards"), "{name}");
        let steps = elements.iter().filter(|e| e.attribute("class").is_some_and(|class| class.starts_with("step ")));
        assert_eq!(steps.count(), trace.steps.len(), "{name}");
        let texts: Vec<_> = elements.iter().filter(|e| e.name == "text").map(|e| e.text.as_str()).collect();
        for step in &trace.steps {
            for us in [Some(step.sent_us), step.received_us].into_iter().flatten() {
                let ms = us / 1_000;
                let ms = if ms < 1_000 { ms.to_string() } else { format!("{},{:03}", ms / 1_000, ms % 1_000) };
                assert!(texts.contains(&format!("{ms}.{:03} ms", us % 1_000).as_str()), "{name}: {us}");
            }
        }
        let texts = texts.join(" ");
        for needed in ["loopback", "feedbench 0.1.0", "client", "server", "TCP handshake"] {
            assert!(texts.contains(needed), "{name}: {needed}");
        }
    }
}

#[test]
fn waiting_is_visible() {
    assert!(trace::ladder(&trace_common::trace(Transport::LongPolling)).contains("held for 1.50 s"));
    assert!(trace::ladder(&trace_common::trace(Transport::Polling)).contains("… 1.00 s …"));
    assert!(trace::ladder(&trace_common::polling_with_connections()).contains("#4 TCP handshake"));
}

#[test]
fn what_no_reader_understood_is_shown_by_every_rendering() {
    let trace = trace_common::crowded();
    assert!(trace::dump(&trace, false).contains("not understood, 12 B"));
    assert!(trace::ladder(&trace).contains("unclassified\u{a0}12"));
    let page = trace::page(&[trace]).unwrap();
    assert!(page.contains("no reader understood 12 bytes") && page.contains("<b>not understood</b>, 12 bytes"));
}

#[test]
fn every_byte_is_on_the_page_once_and_in_order() {
    let traces: Vec<_> = traces().into_iter().map(|(_, trace)| trace).collect();
    let page = trace::page(&traces).unwrap();
    let elements = xml::elements(&body(&page)).unwrap();
    let shown = elements.iter().filter(|element| element.name == "pre").flat_map(|element| element.text.lines());
    assert!(shown.filter_map(digits).flatten().eq(traces.iter().flat_map(bytes)));
}

fn body(page: &str) -> String {
    page.split_once("</head>").unwrap().1.replace("</html>", "")
}

#[test]
fn the_page_says_what_a_poll_and_a_pushed_event_took_in_these_traces() {
    let polling = trace_common::trace(Transport::Polling);
    let page = trace::page(&[polling, trace_common::trace(Transport::WebSocket)]).unwrap();
    let lead = page.split_once("class=\"lead\">").unwrap().1.split_once("</p>").unwrap().0;
    assert!(lead.contains("With polling, a request and its answer took 196 to 203 bytes when no event came"), "{lead}");
    assert!(lead.contains("took 102 bytes with WebSocket; 100 bytes of each were payload"), "{lead}");
    let page = trace::page(&[trace_common::trace(Transport::WebSocket)]).unwrap();
    assert!(!page.contains("With polling"), "nothing is said of what was not traced");
}

#[test]
fn the_page_needs_nothing_from_elsewhere_and_its_identifiers_are_unique() {
    let mut traces = trace_common::all();
    traces.push(trace_common::polling_with_connections());
    let page = trace::page(&traces).unwrap();
    for outside in ["http://", "https://", "src=", "@import", "url(", "<link", "<script"] {
        assert!(!page.replace("http://www.w3.org/2000/svg", "").contains(outside), "{outside}");
    }
    let elements = xml::elements(&body(&page)).unwrap();
    let mut ids: Vec<_> = elements.iter().filter_map(|element| element.attribute("id")).collect();
    ids.sort_unstable();
    assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "{ids:?}");
    for link in elements.iter().filter_map(|element| element.attribute("href")) {
        assert!(ids.contains(&link.trim_start_matches('#')), "{link}");
    }
    let levels = elements.iter().filter_map(|element| element.name.strip_prefix('h')?.parse::<u8>().ok());
    let levels: Vec<_> = levels.collect();
    assert!(levels[0] == 1 && levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
}

#[test]
fn hostile_texts_stay_texts() {
    const HOSTILE: &str = "<script>alert(1)</script>\"'&]]>\u{1b}[2J\u{0}";
    let mut trace = trace_common::trace(Transport::WebSocket);
    trace.server = HOSTILE.to_owned();
    trace.clients = vec![HOSTILE.to_owned()];
    trace.tool.version = HOSTILE.to_owned();
    trace.scenario.headers = HOSTILE.to_owned();
    let handshake = trace.handshake.as_mut().unwrap();
    (handshake.key, handshake.sent) = (HOSTILE.to_owned(), HOSTILE.to_owned());
    let run = |layer, what| Run { layer, what, bytes: HOSTILE.as_bytes().to_vec() };
    let event = trace.steps.iter_mut().find(|step| step.kind == StepKind::Event).unwrap();
    event.runs[1] = run(Layer::Payload, What::EventText);
    event.connection = 7;
    let svg = trace::ladder(&trace);
    xml::elements(&svg).unwrap();
    let page = trace::page(&[trace.clone()]).unwrap();
    xml::elements(&body(&page)).unwrap();
    let dump = trace::dump(&trace, false);
    assert!(!svg.contains("<script") && !page.contains("<script"));
    for text in [&svg, &page, &dump] {
        assert!(!text.contains(['\u{1b}', '\u{0}']));
    }
}

#[test]
fn a_page_of_nothing_is_an_error() {
    assert!(matches!(trace::page(&[]), Err(PageError::NoTraces)));
}

#[test]
fn a_trace_without_steps_is_drawn_as_what_it_is() {
    let mut trace = trace_common::trace(Transport::Polling);
    trace.steps.clear();
    xml::elements(&trace::ladder(&trace)).unwrap();
    assert!(trace::dump(&trace, false).contains("total"));
    trace::page(&[trace]).unwrap();
}
