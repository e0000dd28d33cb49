//! `browsers.html`: what the template shows.

use askama::Template;
use feedbench_record::Transport;
use feedbench_record::browsers::{Browsers, Pair};

use super::{fields, figures, words};
use crate::charts::Chart;
use crate::lang::Lang;
use crate::number::grouped;
use crate::table::Table;
use crate::text::browsers as text;
use crate::text::common::{self, sentence};

#[derive(Template)]
#[template(path = "browsers.html")]
struct Page<'a> {
    lang: Lang,
    title: &'static str,
    kicker: String,
    lead: Vec<String>,
    notices: Vec<String>,
    findings: Vec<String>,
    chart: &'a Chart,
    caption: String,
    latency: Table,
    bytes: Table,
    parts: Vec<Part>,
    reading: [&'static str; 5],
}

/// One transport's heads.
struct Part {
    id: &'static str,
    title: String,
    table: Table,
    same: Option<String>,
    frames: Option<String>,
    /// Whole heads, each with its title.
    heads: Vec<(String, String)>,
}

/// The page.
pub(super) fn html(measured: &Browsers, chart: &Chart, caption: String, lang: Lang) -> Result<String, askama::Error> {
    let page = Page {
        lang,
        title: text::title(lang),
        kicker: text::kicker(lang, words::products(measured)),
        lead: words::lead(measured, lang),
        notices: words::notices(measured, lang),
        findings: words::findings(measured, lang),
        chart,
        caption,
        latency: figures::latency(measured, lang),
        bytes: figures::bytes(measured, lang),
        parts: measured.transports.iter().map(|pair| part(pair, lang)).collect(),
        reading: [
            text::reading_latency(lang),
            text::reading_clock(lang),
            text::reading_heads(lang),
            text::reading_origin(lang),
            text::reading_load(lang),
        ],
    };
    page.render()
}

fn part(pair: &Pair, lang: Lang) -> Part {
    let (browser, imitation) = (&pair.browser, pair.imitation.as_ref());
    let request = browser.request.as_ref();
    let heads = [
        request.map(|head| (text::whole_request(lang, text::order(lang, head.order)), head.text.clone())),
        imitation
            .and_then(|imitation| imitation.request.clone())
            .map(|head| (text::whole_imitation(lang).to_owned(), head)),
        browser.answer.as_ref().map(|head| (text::whole_answer(lang).to_owned(), head.text.clone())),
    ];
    let frames = browser.bytes.frames;
    let told = || {
        text::frames(lang, grouped(frames.received), grouped(frames.received_payload), grouped(frames.received_headers))
    };
    Part {
        id: pair.transport.id(),
        title: sentence(lang, &text::field_title(lang, common::transport(lang, pair.transport))),
        table: fields::table(pair, lang),
        same: match request {
            None => Some(text::no_head(lang).to_owned()),
            Some(_) => fields::same(pair, lang),
        },
        frames: (pair.transport == Transport::WebSocket).then(told),
        heads: heads
            .into_iter()
            .flatten()
            .map(|(title, head)| (title, head.trim_end().replace("\r\n", "\n")))
            .collect(),
    }
}
