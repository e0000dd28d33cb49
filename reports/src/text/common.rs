//! Words that every area uses.

use feedbench_record::{Layer, Transport};

use crate::lang::{Lang, catalogue};
use crate::number::{grouped, sentence_case};

catalogue! {
    server { "server" "服务器" }
    load_generator { "load generator" "负载生成器" }
    invalid { "✗ invalid" "✗ 无效" }
    some_invalid(number, of) { "✗ {number} of {of} invalid" "✗ {of} 次中 {number} 次无效" }
    not_measured { "not measured" "未测量" }
    no_event { "no event was delivered" "没有事件被投递" }
    cell { "cell" "单元" }
    /// A workload in which each answer brings the next request.
    closed { "closed" "闭环" }
    yes { "yes" "是" }
    no { "no" "否" }
    and_between_two { " and " "和" }
    comma { ", " "、" }
    or { " or " " 或 " }
    /// Between the parts of a label.
    label_comma { ", " "，" }
    repetition(number) { "r{number}" "第 {number} 次" }
}

/// The transport's name.
pub(crate) const fn transport(lang: Lang, transport: Transport) -> &'static str {
    match lang {
        Lang::En => transport.title(),
        Lang::Zh => transport.title_zh(),
    }
}

/// The name of a layer of the byte ledger.
pub(crate) const fn layer(lang: Lang, layer: Layer) -> &'static str {
    match (lang, layer) {
        (Lang::En, layer) => layer.title(),
        (Lang::Zh, Layer::OpeningHandshake) => "建立握手",
        (Lang::Zh, Layer::RequestHeaders) => "请求首部",
        (Lang::Zh, Layer::ResponseHeaders) => "响应首部",
        (Lang::Zh, Layer::BodyFraming) => "正文分帧",
        (Lang::Zh, Layer::EventFraming) => "事件分帧",
        (Lang::Zh, Layer::Control) => "控制",
        (Lang::Zh, Layer::Payload) => "载荷",
        (Lang::Zh, Layer::TlsHandshake) => "TLS 握手",
        (Lang::Zh, Layer::Tls) => "TLS 记录",
        (Lang::Zh, Layer::Unclassified) => "未归类",
    }
}

/// `a`, `a and b`, `a, b and c`; `a`, `a和b`, `a、b和c`.
pub(crate) fn listed(lang: Lang, parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [firsts @ .., last] => format!("{}{}{last}", firsts.join(comma(lang)), and_between_two(lang)),
    }
}

/// So many of a thing: in English its singular or plural, in Chinese with its measure word in front.
pub(crate) fn counted(lang: Lang, number: u64, one: &str, many: &str, zh: &str) -> String {
    match lang {
        Lang::En => format!("{} {}", grouped(number), if number == 1 { one } else { many }),
        Lang::Zh => format!("{} {zh}", grouped(number)),
    }
}

/// A sentence as it is set: in English with a capital, in Chinese with a space wherever Latin letters or digits meet
/// Chinese ones (names that are put into a sentence may begin with either).
pub(crate) fn sentence(lang: Lang, text: &str) -> String {
    match lang {
        Lang::En => sentence_case(text),
        Lang::Zh => spaced(text),
    }
}

fn spaced(text: &str) -> String {
    let is_han = |letter: char| ('\u{4e00}'..='\u{9fff}').contains(&letter);
    let mut set = String::with_capacity(text.len());
    let mut before = ' ';
    for letter in text.chars() {
        let meet = |one: char, other: char| is_han(one) && other.is_ascii_alphanumeric();
        if meet(before, letter) || meet(letter, before) {
            set.push(' ');
        }
        set.push(letter);
        before = letter;
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_joined_as_its_language_does() {
        let parts = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(Lang::ALL.map(|lang| listed(lang, &parts)), ["a, b and c", "a、b和c"]);
        assert_eq!(listed(Lang::En, &parts[..1]), "a");
    }

    #[test]
    fn latin_letters_stand_apart_from_chinese_ones() {
        let set = sentence(Lang::Zh, "轮询是WebSocket的 10 倍，用SSE。3次");
        assert_eq!(set, "轮询是 WebSocket 的 10 倍，用 SSE。3 次");
        assert_eq!(sentence(Lang::En, "polling"), "Polling");
    }

    #[test]
    fn a_count_takes_its_noun() {
        let cells = |number| Lang::ALL.map(|lang| counted(lang, number, "cell", "cells", "个单元"));
        assert_eq!([cells(1), cells(2_000)], [["1 cell", "1 个单元"], ["2,000 cells", "2,000 个单元"]]);
    }
}
