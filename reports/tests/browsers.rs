//! What `feedbench browsers` measured, as a page.
#![allow(clippy::unwrap_used)]

use feedbench_record::browsers::{
    Browsers, Conditions, Family, Frames, Head, Imitation, Order, PageClock, Pair, Real, RealBytes, SCHEMA_VERSION,
    Witness, fields,
};
use feedbench_record::histogram::{Histogram, Precision};
use feedbench_record::run::{Machine, Tool, Window};
use feedbench_record::scenario::Arrivals;
use feedbench_record::{Class, Reason, Transport, verdict::Code};
use feedbench_reports::browsers::{table, write};
use feedbench_reports::lang::Lang;

fn latency(us: &[i64]) -> Histogram {
    let mut histogram = Histogram::new(Precision::Fine);
    us.iter().for_each(|&us| histogram.record(us));
    histogram
}

fn head(transport: Transport, agent: &str) -> String {
    format!("GET /{transport}?n=1 HTTP/1.1\r\nHost: 127.0.0.1:81\r\nUser-Agent: {agent}\r\nAccept: */*\r\n\r\n")
}

fn pair(transport: Transport) -> Pair {
    let request = head(transport, "Mozilla/5.0 HeadlessChrome/156.0.0.0");
    let imitated = head(transport, "Mozilla/5.0 Chrome/156.0.0.0");
    let fields = fields(&request, &imitated);
    Pair {
        transport,
        browser: Real {
            product: "Chrome/156.0.8078.79".to_owned(),
            headless: true,
            window: Window { start_us: 1, end_us: 2 },
            delivered: 3,
            lost: 0,
            duplicated: 0,
            latency: latency(&[900, 1_100, 4_000]),
            clock: Some(PageClock { error_ms: 0.3, witness_ms: Some(0.2) }),
            request: Some(Head { text: request, order: Order::Wire }),
            answer: Some(Head { text: "HTTP/1.1 200 OK\r\n\r\n".to_owned(), order: Order::Wire }),
            bytes: RealBytes {
                requests: 2,
                events: 3,
                per_event: Some(126.9),
                frames: Some(Frames::default()),
                ..RealBytes::default()
            },
            witness: Some(Witness { compared: 4, equal: 4 }),
            hidden: 0,
        },
        imitation: Some(Imitation {
            request: Some(imitated),
            delivered: Some(3),
            latency: Some(latency(&[200, 300, 900])),
            per_event: Some(126.5),
            opening: None,
            reasons: Vec::new(),
        }),
        fields,
    }
}

fn measured(transports: Vec<Pair>) -> Browsers {
    Browsers {
        schema: SCHEMA_VERSION,
        tool: Tool::default(),
        machine: Machine { cpu: "a <processor>".to_owned(), ..Machine::default() },
        started_at: "2026-11-22T00:00:00Z".to_owned(),
        interrupted: false,
        conditions: Conditions {
            browser: Family::Chromium,
            clients: 5,
            rate_per_s: 5.0,
            arrivals: Arrivals::Poisson,
            payload_bytes: 100,
            interval_ms: 1_000,
            hold_ms: 25_000,
            window_ms: 10_000,
            headers: "chromium".to_owned(),
        },
        transports,
    }
}

fn page(measured: &Browsers, lang: Lang) -> String {
    let folder = tempfile::tempdir().unwrap();
    let written = write(measured, folder.path(), lang).unwrap();
    let kept: Browsers = serde_json::from_slice(&std::fs::read(&written.data).unwrap()).unwrap();
    assert_eq!(&kept, measured);
    assert!(std::fs::read_to_string(&written.chart).unwrap().starts_with("<svg"));
    std::fs::read_to_string(&written.page).unwrap()
}

#[test]
fn every_transport_stands_beside_its_imitation_in_each_language() {
    let measured = measured(Transport::ALL.map(pair).to_vec());
    for lang in Lang::ALL {
        let page = page(&measured, lang);
        for transport in Transport::ALL {
            assert!(page.contains(&format!("<h2 id=\"{transport}\">")), "{transport}");
        }
        assert!(page.contains("HeadlessChrome/156.0.0.0") && page.contains("126.9"));
        assert!(page.contains("a &#60;processor&#62;") && !page.contains("a <processor>"), "{lang}: text is escaped");
        assert!(!page.contains("class=\"notice\""), "{lang}: nothing has to be known of a flawless run");
        assert_eq!(table(&measured, lang).rows.len(), Transport::ALL.len());
    }
}

#[test]
fn what_must_be_known_of_the_figures_is_told() {
    let mut pair = pair(Transport::Sse);
    let browser = &mut pair.browser;
    (browser.lost, browser.duplicated, browser.hidden, browser.bytes.unfinished) = (1, 2, 3, 4);
    browser.latency.record(-1);
    browser.witness = Some(Witness { compared: 4, equal: 3 });
    browser.clock = Some(PageClock { error_ms: 0.3, witness_ms: Some(2.0) });
    let reason = Reason { class: Class::Timing, code: Code::Steal, text: "stolen".to_owned() };
    pair.imitation.as_mut().unwrap().reasons.push(reason);
    for lang in Lang::ALL {
        assert_eq!(page(&measured(vec![pair.clone()]), lang).matches("class=\"notice\"").count(), 8, "{lang}");
    }
}

#[test]
fn what_was_not_measured_is_absent_and_never_zero() {
    let mut pair = pair(Transport::Polling);
    let browser = &mut pair.browser;
    (browser.request, browser.answer, browser.witness, browser.clock) = (None, None, None, None);
    (browser.latency, browser.delivered, browser.bytes) = (latency(&[]), 0, RealBytes::default());
    (pair.imitation, pair.fields) = (None, Vec::new());
    let measured = measured(vec![pair]);
    let row = &table(&measured, Lang::En).rows[0];
    assert!(row[1..].iter().all(|text| text == "–"), "{row:?}");
    for lang in Lang::ALL {
        page(&measured, lang);
    }
}

#[test]
fn a_page_about_firefox_does_not_speak_of_chromium() {
    let mut measured = measured(Transport::ALL.map(pair).to_vec());
    (measured.conditions.browser, measured.conditions.headers) = (Family::Firefox, "firefox".to_owned());
    for pair in &mut measured.transports {
        let browser = &mut pair.browser;
        browser.product = "Firefox/153.0".to_owned();
        browser.request = Some(Head { text: head(pair.transport, "Mozilla/5.0 Firefox/153.0"), order: Order::Wire });
        let imitation = pair.imitation.as_mut().unwrap();
        imitation.request = Some(head(pair.transport, "Mozilla/5.0 Firefox/153.0"));
        pair.fields = fields(&browser.request.as_ref().unwrap().text, imitation.request.as_ref().unwrap());
        if pair.transport == Transport::WebSocket {
            (browser.bytes.frames, browser.bytes.per_event) = (None, None);
        }
    }
    for (lang, frames) in [(Lang::En, "does not tell of WebSocket messages"), (Lang::Zh, "不给出 WebSocket 消息")]
    {
        let page = page(&measured, lang);
        for name in ["Chrom", "DevTools", "0.1 ms"] {
            assert!(!page.contains(name), "{lang}: {name}");
        }
        for name in ["Firefox/153.0", "WebDriver BiDi", "1 ms", frames] {
            assert!(page.contains(name), "{lang}: {name}");
        }
    }
}
