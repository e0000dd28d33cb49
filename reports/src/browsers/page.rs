//! `browsers.html`: what the template shows.

use askama::Template;
use feedbench_record::Transport;
use feedbench_record::browsers::{Browsers, Family, Pair};

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
    reading: [String; 5],
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
    let family = measured.conditions.browser;
    let (reading_step, reading_clock, reading_heads) = match family {
        Family::Chromium => {
            (text::step_of_chromium(lang), text::clock_of_chromium(lang), text::reading_heads_of_chromium(lang))
        }
        Family::Firefox => {
            (text::step_of_firefox(lang), text::clock_of_firefox(lang), text::reading_heads_of_firefox(lang))
        }
    };
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
            text::reading_latency(lang, reading_step),
            text::reading_clock(lang, reading_clock),
            reading_heads.to_owned(),
            text::reading_origin(lang).to_owned(),
            text::reading_load(lang).to_owned(),
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
    let told = || match browser.bytes.frames {
        Some(frames) => text::frames(
            lang,
            grouped(frames.received),
            grouped(frames.received_payload),
            grouped(frames.received_headers),
        ),
        None => text::no_frames(lang).to_owned(),
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
