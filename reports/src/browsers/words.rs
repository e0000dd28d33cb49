//! What was done, what was found, and what has to be known of it.

use feedbench_record::Transport;
use feedbench_record::browsers::{Browsers, Family, Pair};

use super::figures::{different, ms};
use crate::conditions::{arrivals_name, distinct};
use crate::lang::Lang;
use crate::number::{duration_ms, grouped, plain, significant};
use crate::text::browsers as text;
use crate::text::common::{listed, sentence, transport};
use crate::text::reasons;

/// What the browser calls itself, each name once.
pub(super) fn products(measured: &Browsers) -> String {
    distinct(measured.transports.iter().map(|pair| pair.browser.product.clone())).join(", ")
}

/// What measured.
pub(super) fn tool(measured: &Browsers, lang: Lang) -> String {
    let tool = &measured.tool;
    let commit = tool.commit.as_ref().map_or(String::new(), |commit| format!(" ({commit})"));
    let build = if tool.profile == "release" { String::new() } else { text::build(lang, &tool.profile) };
    format!("feedbench {}{commit}{build}", tool.version)
}

fn pages(measured: &Browsers, lang: Lang) -> String {
    match measured.conditions.clients {
        1 => text::one_page(lang).to_owned(),
        number => text::pages(lang, grouped(u64::from(number))),
    }
}

/// What was done.
pub(super) fn lead(measured: &Browsers, lang: Lang) -> Vec<String> {
    let conditions = &measured.conditions;
    let clients = match conditions.clients {
        1 => text::one_client(lang).to_owned(),
        number => text::clients(lang, grouped(u64::from(number))),
    };
    vec![
        text::setting(lang, products(measured), pages(measured, lang), clients),
        text::feed(
            lang,
            plain(conditions.rate_per_s),
            arrivals_name(conditions.arrivals, lang),
            text::bytes(lang, grouped(u64::from(conditions.payload_bytes))),
            duration_ms(conditions.interval_ms),
            duration_ms(conditions.hold_ms),
            duration_ms(conditions.window_ms),
        ),
    ]
}

/// What was found.
pub(super) fn findings(measured: &Browsers, lang: Lang) -> Vec<String> {
    let name = |pair: &Pair| transport(lang, pair.transport).to_owned();
    let compared = || measured.transports.iter().filter(|pair| different(pair).is_some());
    let names = |pairs: Vec<&Pair>| listed(lang, &pairs.into_iter().map(name).collect::<Vec<_>>());
    let fields = |pair: &Pair, unknown_only: bool| -> Vec<String> {
        let fields = different(pair).into_iter().flatten();
        fields.filter(|field| !unknown_only || field.cause.is_none()).map(|field| field.name.clone()).collect()
    };
    let mut found = Vec::new();
    let alike: Vec<_> = compared().filter(|pair| fields(pair, false).is_empty()).collect();
    if !alike.is_empty() {
        found.push(text::heads_alike(lang, names(alike)));
    }
    let explained: Vec<_> =
        compared().filter(|pair| !fields(pair, false).is_empty() && fields(pair, true).is_empty()).collect();
    if !explained.is_empty() {
        let all = distinct(explained.iter().flat_map(|pair| fields(pair, false)));
        found.push(text::heads_explained(lang, listed(lang, &all), names(explained)));
    }
    for pair in compared().filter(|pair| !fields(pair, true).is_empty()) {
        found.push(text::heads_unexplained(lang, listed(lang, &fields(pair, true)), name(pair)));
    }
    let medians: Vec<_> = measured.transports.iter().filter_map(|pair| median(pair, lang)).collect();
    if !medians.is_empty() {
        found.push(text::medians(lang, listed(lang, &medians)));
    }
    let witnesses = || measured.transports.iter().filter_map(|pair| pair.browser.witness);
    let number: u64 = witnesses().map(|witness| witness.compared).sum();
    if number > 0 {
        let equal: u64 = witnesses().map(|witness| witness.equal).sum();
        found.push(text::heads_witnessed(lang, grouped(equal), grouped(number)));
    }
    found.iter().map(|finding| sentence(lang, finding)).collect()
}

fn median(pair: &Pair, lang: Lang) -> Option<String> {
    let theirs = pair.imitation.as_ref()?.latency.as_ref()?;
    pair.browser.latency.quantile_us(0.5).zip(theirs.quantile_us(0.5))?;
    let (browser, imitation) = (ms(Some(&pair.browser.latency), 0.5), ms(Some(theirs), 0.5));
    Some(text::latency_of(lang, transport(lang, pair.transport), browser, imitation))
}

/// What has to be known of the figures.
pub(super) fn notices(measured: &Browsers, lang: Lang) -> Vec<String> {
    let interrupted = measured.interrupted.then(|| text::interrupted(lang).to_owned());
    let of_pairs = measured.transports.iter().flat_map(|pair| of_pair(pair, measured.conditions.browser, lang));
    interrupted.into_iter().chain(of_pairs.map(|notice| sentence(lang, &notice))).collect()
}

fn of_pair(pair: &Pair, family: Family, lang: Lang) -> Vec<String> {
    let (browser, bytes) = (&pair.browser, pair.browser.bytes);
    let name = name_of(pair.transport, lang);
    let counted = [
        (browser.lost, text::lost(lang, name, grouped(browser.lost))),
        (browser.duplicated, text::duplicated(lang, name, grouped(browser.duplicated))),
        (u64::from(browser.hidden), text::hidden(lang, name, browser.hidden)),
        (bytes.unfinished, text::unfinished(lang, name, grouped(bytes.unfinished), grouped(bytes.requests))),
        (browser.latency.outside(), text::outside(lang, name, grouped(browser.latency.outside()))),
    ];
    let mut notices: Vec<_> = counted.into_iter().filter(|(number, _)| *number > 0).map(|(_, notice)| notice).collect();
    if let Some(witness) = browser.witness.filter(|witness| witness.equal < witness.compared) {
        notices.push(text::unlike(lang, name, grouped(witness.compared - witness.equal)));
    }
    if let Some(clock) = browser.clock
        && let Some(witness_ms) = clock.witness_ms
        && witness_ms > clock.error_ms + clocks_ms(family)
    {
        notices.push(text::clock_off(lang, name, significant(witness_ms), significant(clock.error_ms)));
    }
    match &pair.imitation {
        None => notices.push(text::no_imitation(lang, name)),
        Some(imitation) if !imitation.reasons.is_empty() => {
            let reasons = imitation.reasons.iter().map(|reason| reasons::short(lang, reason.code).to_owned());
            notices.push(text::imitation_invalid(lang, name, listed(lang, &distinct(reasons))));
        }
        Some(_) => {}
    }
    notices
}

/// How well a page's wall clock is known to be the machine's (ms).
const fn clocks_ms(family: Family) -> f64 {
    match family {
        Family::Chromium => 0.3,
        // Its own step, and the error of what is compared with it.
        Family::Firefox => 1.5,
    }
}

fn name_of(of: Transport, lang: Lang) -> &'static str {
    transport(lang, of)
}

/// What stands below the chart.
pub(super) fn caption(measured: &Browsers, lang: Lang) -> String {
    let conditions = &measured.conditions;
    let machine = &measured.machine;
    text::caption(
        lang,
        products(measured),
        pages(measured, lang),
        plain(conditions.rate_per_s),
        duration_ms(conditions.window_ms),
        text::machine(lang, &machine.cpu, &machine.kernel),
        tool(measured, lang),
    )
}
