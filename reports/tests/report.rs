//! A report from records: complete, the same each time, honest about what is missing, and safe to open.

#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

mod common;
mod xml;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use feedbench_record::gates::gates;
use feedbench_record::summary::Cell;
use feedbench_record::transport::Manner;
use feedbench_record::{Record, Scenario, Transport};
use feedbench_reports::Options;
use feedbench_reports::lang::Lang;
use feedbench_reports::table::{self, Selection};
use feedbench_reports::{WriteError, write_report};

fn written(records: &[Record]) -> (tempfile::TempDir, BTreeMap<PathBuf, String>) {
    let folder = tempfile::tempdir().unwrap();
    let written = write_report(records, folder.path(), &Options::default()).unwrap();
    let paths = [vec![written.report], written.charts, written.tables].concat();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        (path.strip_prefix(folder.path()).unwrap().to_path_buf(), text)
    };
    let files = paths.into_iter().map(read).collect();
    (folder, files)
}

fn page(records: &[Record]) -> String {
    written(records).1[Path::new("report.html")].clone()
}

fn charts(records: &[Record]) -> BTreeMap<PathBuf, String> {
    written(records).1.into_iter().filter(|(path, _)| path.starts_with("charts")).collect()
}

fn cases() -> Vec<(&'static str, Vec<Record>)> {
    let mut sweep = Vec::new();
    for (clients, repetition) in [(50, 1), (50, 2), (100, 1), (100, 2)] {
        let scenario = Scenario { clients, ..Scenario::default() };
        sweep.extend(Transport::ALL.map(|transport| common::record_of(transport, scenario.clone(), repetition)));
    }
    let alone = |record: fn(Transport) -> Record| Transport::ALL.map(record).to_vec();
    vec![
        ("suite", common::suite()),
        ("troubled", common::troubled_suite()),
        ("sweep", sweep),
        ("one", vec![common::record(Transport::WebSocket)]),
        ("silent", alone(common::silent)),
        ("remote", alone(common::remote)),
        ("interrupted", alone(common::interrupted)),
        ("quantum-leap", common::quantum_leap::suite()),
        ("closed", closed_beside_open()),
        ("searches", common::searches()),
        ("crossover", common::sweeps::small_crossover()),
        ("scale", common::sweeps::scale(&[5, 10, 20], 2)),
        ("idle", common::sweeps::silence()),
    ]
}

/// Polling closed and by schedule, and WebSocket.
fn closed_beside_open() -> Vec<Record> {
    vec![common::closed(), common::record(Transport::Polling), common::record(Transport::WebSocket)]
}

#[test]
fn the_same_records_give_the_same_bytes() {
    for (name, records) in cases() {
        assert!(written(&records).1 == written(&records).1, "{name}");
    }
}

/// The reports stay in the target folder, to be looked at.
#[test]
fn every_case_is_written_and_says_where() {
    for (name, records) in cases() {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reports").join(name);
        let written = write_report(&records, &folder, &Options::default()).unwrap();
        assert_eq!(written.report, folder.join("report.html"));
        for path in [vec![written.report], written.charts, written.tables].concat() {
            assert!(path.is_file(), "{}", path.display());
        }
    }
}

#[test]
fn every_chart_is_an_xml_document_with_a_title_a_description_and_units() {
    for (name, records) in cases() {
        let charts = charts(&records);
        let polls = records.iter().any(|record| record.transport.manner() != Manner::Pushed);
        // Along what varies: bandwidth twice and six measures by the number of clients, or bandwidth as bars.
        let swept = match name {
            "sweep" => 2,
            "quantum-leap" => 1 + 2 + 6,
            "scale" => 2 + 6,
            "crossover" => 3 + 1,
            "interrupted" => 0,
            _ => 1,
        };
        let expected = match name {
            "searches" => 2,
            "closed" => 14 + swept,
            "idle" => 4,
            _ => swept + if polls { 12 } else { 10 },
        };
        assert_eq!(charts.len(), expected, "{name}");
        for (path, svg) in charts {
            let what = format!("{name}: {}", path.display());
            let elements = xml::elements(&svg).unwrap_or_else(|error| panic!("{what}: {error}"));
            let root = &elements[0];
            assert_eq!((root.name.as_str(), root.attribute("role")), ("svg", Some("img")), "{what}");
            assert!(root.attribute("viewBox").is_some(), "{what}");
            let text_of = |name: &str| elements.iter().find(|e| e.name == name).map(|e| e.text.clone()).unwrap();
            assert!(!text_of("title").is_empty(), "{what}");
            let description = text_of("desc");
            assert!(
                ["(Mbit/s", "(ms", "(bytes", "(µs", "(KiB", "(1/s)", "(%)", "(bit/s", "(cores"]
                    .iter()
                    .any(|unit| description.contains(unit)),
                "{what}"
            );
            let texts: Vec<_> = elements.iter().filter(|e| e.name == "text").map(|e| e.text.as_str()).collect();
            let texts = texts.join(" ");
            for needed in ["repetition", "server", "AMD EPYC 7B13", "payload"] {
                assert!(texts.contains(needed), "{what}: {needed}");
            }
        }
    }
}

#[test]
fn every_chart_names_every_cell() {
    for (_, svg) in charts(&common::suite()) {
        for transport in Transport::ALL {
            assert!(svg.contains(transport.title()), "{transport}");
        }
    }
}

#[test]
fn invalid_cells_are_marked_in_every_chart_that_shows_them_and_their_reasons_are_on_the_page() {
    let mut records = common::suite();
    records[2] = common::lossy(records[2].transport);
    for (path, svg) in charts(&records) {
        assert!(svg.contains("✗ invalid"), "{}", path.display());
    }
    let page = page(&records);
    assert!(records[2].verdict.reasons.len() >= 3);
    for reason in &records[2].verdict.reasons {
        assert!(page.contains(&reason.text), "{}", reason.text);
    }
    assert!(page.contains("Integrity") && page.contains("Timing"));
    assert!(page.contains("1 of 6 cells"), "the mark at the top");
}

#[test]
fn every_gate_is_shown_with_its_bound_and_the_cell_nearest_to_it() {
    let mut records = common::suite();
    records[2] = common::lossy(records[2].transport);
    let shown = page(&records);
    for gate in gates(&records[0]) {
        assert!(shown.contains(&gate.name.replace('\'', "&#39;")), "{}", gate.name);
    }
    let row = shown.split("<tr>").find(|row| row.contains(">publish lag (p99)<")).unwrap();
    for text in ["9.01 ms ✗", "5.00 ms", records[2].transport.title()] {
        assert!(row.contains(text), "{text}: {row}");
    }
    assert!(shown.contains("not measured"), "the fixture has no clocks");
}

#[test]
fn an_interrupted_cell_is_named_before_the_first_figure() {
    let page = page(&[common::interrupted(Transport::Sse)]);
    let (notice, figures) = (page.find("Interrupted:").unwrap(), page.find("<h2").unwrap());
    assert!(notice < figures);
}

#[test]
fn two_machines_and_a_build_that_is_not_optimised_are_told_before_the_first_figure() {
    let mut records = common::suite();
    assert!(!page(&records).contains("class=\"notice\""));
    records[0].machine.cores = 64;
    records[1].tool.profile = "debug".to_owned();
    let page = page(&records);
    let head = page.split_once("<h2").unwrap().0;
    assert!(head.contains("2 machines") && head.contains("not optimised"), "{head}");
}

#[test]
fn what_was_not_measured_is_absent_and_never_zero() {
    let cells = [Cell::of(&common::remote(Transport::Sse))];
    let table = table::rows(&cells, Selection::Full, Lang::En);
    for (heading, text) in table.header.iter().zip(&table.rows[0]) {
        if heading.text.contains("ms)") || heading.text.starts_with("server") || heading.text == "lost" {
            assert_eq!(text, table::ABSENT, "{}", heading.text);
        }
    }
    let csv = table::csv(&cells);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    let row = reader.records().next().unwrap().unwrap();
    for (name, text) in header.iter().zip(&row) {
        if name.starts_with("latency") || name == "lost" || name.starts_with("polls") {
            assert_eq!(text, "", "{name}");
        }
    }
    let page = page(&[common::remote(Transport::Sse)]);
    assert!(page.contains("the target is another host"));
    assert!(!page.contains("Loopback"), "the server was not on this machine");
}

#[test]
fn nothing_delivered_has_no_figures_per_event() {
    let record = common::silent(Transport::WebSocket);
    let csv = table::csv(&[Cell::of(&record)]);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let row: BTreeMap<String, String> = reader.deserialize().next().unwrap().unwrap();
    assert_eq!((row["delivered"].as_str(), row["bytes_per_event_total"].as_str()), ("0", ""));
    assert_eq!((row["server_cpu_us_per_event"].as_str(), row["latency_p50_us"].as_str()), ("", ""));
    assert!(charts(&[record])[Path::new("charts/bytes-per-event.svg")].contains("no event was delivered"));
}

#[test]
fn a_latency_beyond_the_bounds_is_not_taken_for_absent() {
    let mut record = common::record(Transport::Polling);
    let latency = record.histograms.delivery_latency.as_mut().unwrap();
    (0..latency.count()).for_each(|_| latency.record(70_000_000));
    let cells = [Cell::of(&record)];
    let markdown = table::markdown(&cells, Lang::En);
    assert!(markdown.contains("> 60 s"), "{markdown}");
    assert!(table::csv(&cells).contains(">60000000"));
    let chart = &charts(&[record])[Path::new("charts/latency-by-percentile.svg")];
    assert!(chart.contains("deliveries outside 0 to 60 s"));
}

#[test]
fn csv_reads_back_with_the_figures_of_the_summary() {
    let records = common::troubled_suite();
    let cells: Vec<_> = records.iter().map(Cell::of).collect();
    let csv = table::csv(&cells);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.len(), cells.len());
    for (row, cell) in rows.iter().zip(&cells) {
        assert_eq!(row["transport"], cell.transport.id());
        assert_eq!(row["delivered"].parse::<u64>().unwrap(), cell.delivered);
        let p50 = cell.latency_us.and_then(|latency| latency.p50);
        assert_eq!(row["latency_p50_us"].parse::<u64>().ok(), p50);
        assert_eq!(row["bytes_per_event_total"].parse::<f64>().ok(), cell.bytes_per_event.total);
        assert_eq!(row["verdict"] == "valid", cell.verdict.valid);
    }
}

#[test]
fn markdown_has_one_row_for_each_cell_and_one_number_of_columns() {
    let cells: Vec<_> = common::troubled_suite().iter().map(Cell::of).collect();
    let markdown = table::markdown(&cells, Lang::En);
    let columns: Vec<_> = markdown.lines().map(|line| line.matches('|').count()).collect();
    assert_eq!(columns.len(), cells.len() + 2);
    assert!(columns.iter().all(|&count| count == columns[0]));
}

#[test]
fn a_scenario_value_is_a_column_where_it_tells_rows_apart() {
    let mut cells: Vec<_> = common::suite().iter().map(Cell::of).collect();
    let has =
        |cells: &[Cell]| table::rows(cells, Selection::Short, Lang::En).header.iter().any(|h| h.text == "events/s");
    assert!(!has(&cells));
    cells[0].scenario.rate_per_s = 5.0;
    assert!(has(&cells));
}

#[test]
fn hostile_texts_stay_texts() {
    const HOSTILE: &str = "<script>alert(1)</script>\"'&]]>";
    let mut record = common::lossy(Transport::Sse);
    record.machine.cpu = HOSTILE.to_owned();
    record.suite = HOSTILE.to_owned();
    record.id = HOSTILE.to_owned();
    record.scenario.headers = HOSTILE.to_owned();
    record.verdict.reasons[0].text = HOSTILE.to_owned();
    record.bytes.agreement.difference_names = vec![HOSTILE.to_owned()];
    let mut other = common::record(Transport::Sse);
    other.scenario.headers = "minimal".to_owned();
    let (_folder, files) = written(&[record, other]);
    for (path, text) in &files {
        let of_kind = |kind: &str| path.extension().is_some_and(|extension| extension == kind);
        // CSV, LaTeX and BibTeX know no tags.
        if ["html", "svg", "md"].into_iter().any(of_kind) {
            assert!(!text.contains("<script>alert"), "{}", path.display());
        }
        if of_kind("svg") {
            xml::elements(text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        }
    }
}

#[test]
fn the_page_needs_nothing_from_elsewhere() {
    for (name, records) in cases() {
        let page = page(&records).replace("http://www.w3.org/2000/svg", "");
        for outside in ["http://", "https://", " src=", "@import", "url(", "<link", "import(", "fetch("] {
            assert!(!page.contains(outside), "{name}: {outside}");
        }
        assert_eq!(page.matches("<script").count(), 1, "{name}: its own, named by its hash");
        assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
    }
}

#[test]
fn the_page_is_well_formed_and_its_identifiers_are_unique() {
    for (name, records) in cases() {
        let page = page(&records);
        let body = page.split_once("</head>").unwrap().1.replace("</html>", "");
        let elements = xml::elements(&body).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut ids: Vec<_> = elements.iter().filter_map(|element| element.attribute("id")).collect();
        ids.sort_unstable();
        assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "{name}: {ids:?}");
        for link in elements.iter().filter_map(|element| element.attribute("href")) {
            assert!(ids.contains(&link.trim_start_matches('#')), "{name}: {link}");
        }
        let levels = elements.iter().filter_map(|element| element.name.strip_prefix('h')?.parse::<u8>().ok());
        let levels: Vec<_> = levels.collect();
        assert!(levels[0] == 1 && levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{name}: {levels:?}");
    }
}

#[test]
fn no_records_and_a_folder_that_cannot_be_written_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(write_report(&[], folder.path(), &Options::default()), Err(WriteError::NoRecords)));
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let message = write_report(&common::suite(), &file, &Options::default()).unwrap_err().to_string();
    assert!(message.contains(&*file.to_string_lossy()) && message.contains("name a folder"), "{message}");
}

/// Before there was a ledger, a record had neither layers nor bytes on IP.
fn without_ledger(mut records: Vec<Record>) -> Vec<Record> {
    for record in &mut records {
        let bytes = &mut record.bytes;
        for end in [Some(&mut bytes.loadgen), bytes.server.as_mut()].into_iter().flatten() {
            end.ledger = None;
        }
        (bytes.ip, bytes.heartbeat) = (None, None);
    }
    records
}

#[test]
fn what_a_record_without_a_ledger_cannot_tell_is_not_measured() {
    let charts = charts(&without_ledger(common::suite()));
    let of = |name: &str| &charts[Path::new(name)];
    let bytes = of("charts/bytes-per-event.svg");
    assert!(bytes.contains("on IP: not measured") && bytes.contains("overhead, its layers not measured"));
    assert!(!bytes.contains("request headers") && bytes.contains("of it 118 overhead"));
    for name in ["charts/repeated-headers.svg", "charts/idle-bytes.svg"] {
        assert!(of(name).contains("not measured") && !of(name).contains("measured:"), "{name}");
    }
    assert!(of("charts/empty-polls.svg").contains("15.0 % of n = 14,000 polls"));
}

#[test]
fn the_layers_of_a_cell_are_columns_and_add_up_to_its_bytes() {
    let cells: Vec<_> = common::suite().iter().map(Cell::of).collect();
    let csv = table::csv(&cells);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().collect::<Result<_, _>>().unwrap();
    for (row, cell) in rows.iter().zip(&cells) {
        let layers = row
            .iter()
            .filter(|(name, _)| name.starts_with("bytes_per_event_up_") || name.starts_with("bytes_per_event_down_"));
        let sum: f64 = layers.map(|(_, text)| text.parse::<f64>().unwrap()).sum();
        assert!((sum - cell.bytes_per_event.total.unwrap()).abs() < 1e-6, "{}: {sum}", cell.id);
        assert_eq!(row["bytes_per_event_ip"].parse::<f64>().ok(), cell.bytes_per_event.ip);
        assert_eq!(row["opening_bytes_per_connection"].parse::<f64>().ok(), cell.bytes_per_event.opening);
    }
    let old = table::csv(&without_ledger(common::suite()).iter().map(Cell::of).collect::<Vec<_>>());
    let mut reader = csv::Reader::from_reader(old.as_bytes());
    let row: BTreeMap<String, String> = reader.deserialize().next().unwrap().unwrap();
    assert_eq!((row["bytes_per_event_down_payload"].as_str(), row["bytes_per_event_ip"].as_str()), ("", ""));
}

#[test]
fn a_computed_minute_of_an_idle_client_says_what_was_measured_of_it() {
    let charts = charts(&common::suite());
    let chart = &charts[Path::new("charts/idle-bytes.svg")];
    // Notes are broken into lines.
    let elements = xml::elements(chart).unwrap();
    let texts: Vec<_> = elements.iter().filter(|e| e.name == "text").map(|e| e.text.as_str()).collect();
    let text = texts.join(" ");
    for needed in ["(computed)", "measured on 3,600 empty polls for polling;", "by rule: a heartbeat of this framing"] {
        assert!(text.contains(needed), "{needed}: {text}");
    }
}

#[test]
fn a_reduced_cell_is_told_before_the_first_figure_and_in_its_label() {
    let (_folder, files) = written(&common::quantum_leap::suite());
    let page = &files[Path::new("report.html")];
    let head = page.split_once("<h2").unwrap().0;
    assert!(head.contains("100,000 clients were asked for; this machine and version hold 19,900"), "{head}");
    assert!(page.contains("polling, 19,900 of 100,000 clients"));
    assert!(page.contains("Lubbers and Greco, 2010") && page.contains("716 + 193 = 909 bytes"));
    let chart = &files[Path::new("charts/quantum-leap.svg")];
    for label in ["polling, published", "polling, measured", "WebSocket, recomputed on IP (106 bytes)"] {
        assert!(chart.contains(label), "{label}");
    }
    assert!(files.contains_key(Path::new("tables/quantum-leap-ratio.csv")));
}

#[test]
fn the_ratio_table_is_on_the_page_and_in_files() {
    let (_folder, files) = written(&common::suite());
    assert!(files[Path::new("report.html")].contains("<h2 id=\"ratios\">"));
    let csv = &files[Path::new("tables/ratios.csv")];
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(
        reader.headers().unwrap(),
        vec!["cells", "quantity", "layer", "bytes", "ratio", "[interval] or (range)", "n"]
    );
    assert_eq!(reader.records().count(), 22);
    assert!(files[Path::new("tables/ratios.md")].contains("| above TCP |"));
    assert!(!page(&[common::record(Transport::Sse)]).contains("<h2 id=\"ratios\">"), "one cell has nothing to compare");
}

#[test]
fn lines_that_cross_are_named_with_their_instants() {
    let charts = charts(&common::suite());
    let chart = &charts[Path::new("charts/session-bytes.svg")];
    assert!(chart.contains("from here on WebSocket costs less than polling."));
    assert!(chart.contains("Assumed"));
}

#[test]
fn a_closed_workload_has_figures_of_its_own_and_stands_beside_no_open_one() {
    let (_folder, files) = written(&closed_beside_open());
    for (path, text) in files.iter().filter(|(path, _)| path.starts_with("charts")) {
        let own = path.ends_with("requests-per-second.svg") || path.ends_with("cpu-per-request.svg");
        assert_eq!(text.contains("polling, closed"), own, "{}", path.display());
        assert_eq!(text.contains("WebSocket"), !own, "{}", path.display());
    }
    assert!(files[Path::new("charts/requests-per-second.svg")].contains("80,000/s, n = 800,000 requests"));
    let page = &files[Path::new("report.html")];
    let head = page.split_once("<h2").unwrap().0;
    assert!(head.contains("Closed: throughput only (polling, closed, no interval)"), "{head}");
    assert!(
        page.contains(">closed: throughput only</td>") && page.contains("no delivery latency, the workload is closed")
    );
    assert!(!files[Path::new("tables/ratios.md")].contains("closed"));
    let csv = &files[Path::new("tables/cells.csv")];
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().collect::<Result<_, _>>().unwrap();
    let of = |name: &str| rows.iter().map(|row| row[name].clone()).collect::<Vec<_>>();
    assert_eq!(of("workload"), ["closed: throughput only", "open", "open"]);
    assert_eq!(of("requests_per_s"), ["80000", "", ""]);
    let alone = written(&[common::closed()]).1;
    assert_eq!(alone.keys().filter(|path| path.starts_with("charts")).count(), 2);
}

#[test]
fn the_terminal_has_columns_of_throughput_only_where_a_workload_is_closed() {
    let heads = |records: &[Record]| {
        let cells: Vec<_> = records.iter().map(Cell::of).collect();
        let table = table::rows(&cells, Selection::Narrow, Lang::En);
        (table.header.iter().any(|heading| heading.text == "requests/s"), table.rows[0].last().unwrap().clone())
    };
    assert_eq!(heads(&closed_beside_open()), (true, "closed: throughput only".to_owned()));
    assert_eq!(heads(&common::suite()), (false, "valid".to_owned()));
}

/// Thousands apart, below a million.
fn thousands(number: u64) -> String {
    if number < 1_000 { number.to_string() } else { format!("{},{:03}", number / 1_000, number % 1_000) }
}

#[test]
fn a_search_shows_every_step_and_what_it_found_and_stands_beside_no_other_cell() {
    let records = common::searches();
    let with_suite = [common::suite(), records.clone()].concat();
    let (_folder, files) = written(&with_suite);
    let page = &files[Path::new("report.html")];
    let found = feedbench_record::capacity::capacities(&records);
    assert_eq!(found.len(), 3);
    for capacity in &found {
        let (held, failed) = (capacity.capacity.unwrap(), capacity.failed.unwrap());
        let [said_held, said_failed] = [held, failed].map(|number| number as u64).map(thousands);
        assert!(page.contains(&format!("{said_held} clients with p99 within 12 ms")), "{}", capacity.text);
        assert!(page.contains(&format!(" {said_failed} clients ")), "{}", capacity.text);
        assert!(held < failed);
    }
    assert!(found[2].text.contains("at least") && found[2].text.contains("not the server"), "{}", found[2].text);
    assert!(found[1].text.contains("were too many: p99 was"), "{}", found[1].text);
    let mut reader = csv::Reader::from_reader(files[Path::new("tables/capacity.csv")].as_bytes());
    assert_eq!(reader.records().count(), records.len());
    let mut reader = csv::Reader::from_reader(files[Path::new("tables/cells.csv")].as_bytes());
    assert_eq!(reader.records().count(), with_suite.len(), "every record is a row of all cells");
    let chart = &files[Path::new("charts/capacity-clients-latency.svg")];
    for needed in ["SLO 12 ms", "p99", "long polling", "server-sent events", "WebSocket", "missed"] {
        assert!(chart.contains(needed), "{needed}");
    }
    let latency = &files[Path::new("charts/latency-by-percentile.svg")];
    assert!(latency.contains("iframe streaming") && !latency.contains("WebSocket, 100 clients"));
}
