//! The reasons against a cell: a short name for each code, and the sentence.
//!
//! A record keeps its reasons as English sentences with their figures. In Chinese the sentence is made again, from the code
//! and the record's own figures.

use std::borrow::Cow;

use feedbench_record::Workload;
use feedbench_record::gates::{Gate, gates};
use feedbench_record::judge::{BYTES_PER_READ, WINDOW_EVENTS, WINDOW_INTERVALS, WINDOW_REQUESTS, WINDOW_SILENCES};
use feedbench_record::run::{Record, ShardPart};
use feedbench_record::transport::Manner;
use feedbench_record::verdict::{Code, Reason};

use super::{common, gates as gate_names};
use crate::gates::shown;
use crate::lang::{Lang, catalogue};
use crate::number::{duration_ms, grouped};

catalogue! {
    lost { "events lost" "事件丢失" }
    duplicated { "events duplicated" "事件重复" }
    reordered { "events out of order" "事件乱序" }
    malformed { "malformed events" "事件格式错误" }
    bytes_disagree { "byte counts disagree" "字节计数不一致" }
    unclassified { "unclassified bytes" "有未归类的字节" }
    closed_early { "connections closed early" "连接提前关闭" }
    errors { "errors" "出错" }
    shard_lost { "a shard is missing" "缺少分片" }
    publish_lag { "publisher late" "发布滞后" }
    worker_lag { "reads late" "读取滞后" }
    worker_loop_lag { "load generator late" "负载生成器滞后" }
    late_polls { "polls late" "轮询迟到" }
    link_error { "distance not kept" "往返时延不准" }
    line_full { "line full" "线路已满" }
    stalled { "an event stalled" "事件停滞" }
    trickled { "bytes trickled" "字节零星到达" }
    saturated { "CPU saturated" "CPU 饱和" }
    starved { "CPU used by others" "CPU 被其他程序占用" }
    ports_exhausted { "no free port" "没有空闲端口" }
    listen_overflow { "listen queue overflowed" "监听队列溢出" }
    retransmitted { "segments sent again" "报文段重传" }
    steal { "CPU taken by the host" "CPU 被宿主机占用" }
    throttled { "throttled" "被限流" }
    clock_step { "clock disturbed" "时钟受扰" }
    memory_pressure { "memory short" "内存紧张" }
    out_of_bounds { "latency out of bounds" "时延超出范围" }
    window_too_short { "window too short" "窗口太短" }
    interrupted { "interrupted" "已中断" }

    /// Why a closed workload has no delivery latency.
    closed_has_no_latency {
        "the workload is closed: a slow answer keeps the next question back, and with it the wait that it would have shown"
        "因为负载是闭环的：缓慢的响应推迟了下一个请求，本应显现的等待也随之消失"
    }
    /// Why a server on another host gives no delivery latency.
    host_has_no_latency {
        "the server runs on another host, whose clock cannot be compared"
        "因为服务器在另一台主机上，其时钟无法比较"
    }
}

/// The short name of a code.
pub(crate) const fn short(lang: Lang, code: Code) -> &'static str {
    match code {
        Code::Lost => lost(lang),
        Code::Duplicated => duplicated(lang),
        Code::Reordered => reordered(lang),
        Code::Malformed => malformed(lang),
        Code::BytesDisagree => bytes_disagree(lang),
        Code::Unclassified => unclassified(lang),
        Code::ClosedEarly => closed_early(lang),
        Code::Errors => errors(lang),
        Code::ShardLost => shard_lost(lang),
        Code::PublishLag => publish_lag(lang),
        Code::WorkerLag => worker_lag(lang),
        Code::WorkerLoopLag => worker_loop_lag(lang),
        Code::LatePolls => late_polls(lang),
        Code::LinkError => link_error(lang),
        Code::LineFull => line_full(lang),
        Code::Stalled => stalled(lang),
        Code::Trickled => trickled(lang),
        Code::Saturated => saturated(lang),
        Code::Starved => starved(lang),
        Code::PortsExhausted => ports_exhausted(lang),
        Code::ListenOverflow => listen_overflow(lang),
        Code::Retransmitted => retransmitted(lang),
        Code::Steal => steal(lang),
        Code::Throttled => throttled(lang),
        Code::ClockStep => clock_step(lang),
        Code::MemoryPressure => memory_pressure(lang),
        Code::OutOfBounds => out_of_bounds(lang),
        Code::WindowTooShort => window_too_short(lang),
        Code::Interrupted => interrupted(lang),
    }
}

/// One reason of this record as a sentence.
pub(crate) fn sentence(lang: Lang, reason: &Reason, record: &Record) -> String {
    match lang {
        Lang::En => reason.text.clone(),
        Lang::Zh => of_gate(reason, record)
            .or_else(|| of_shard(reason, record))
            .or_else(|| of_counts(reason, record))
            .unwrap_or_else(|| with_numbers(reason)),
    }
}

/// Why the record has no delivery latency; `None` where it has one.
pub(crate) fn latency_absent(lang: Lang, record: &Record) -> Option<String> {
    let english = record.latency_absent.as_ref()?;
    Some(match (lang, record.workload()) {
        (Lang::En, _) => english.clone(),
        (Lang::Zh, Workload::Closed) => closed_has_no_latency(lang).to_owned(),
        (Lang::Zh, Workload::Open | Workload::Idle) => host_has_no_latency(lang).to_owned(),
    })
}

fn of_gate(reason: &Reason, record: &Record) -> Option<String> {
    let gate = gates(record).into_iter().find(|gate| gate.reason().as_ref() == Some(reason))?;
    Some(chinese_gate(&gate))
}

fn chinese_gate(gate: &Gate) -> String {
    let figure = gate.figure.map_or_else(String::new, |figure| shown(figure, gate.unit));
    format!("{}：{figure}，上限 {}", gate_names::name(Lang::Zh, gate), shown(gate.bound, gate.unit))
}

fn of_shard(reason: &Reason, record: &Record) -> Option<String> {
    let of = record.shards.len();
    let said_of = |part: &&ShardPart| reason.text.starts_with(&format!("shard {} of {of}: ", part.number));
    let part = record.shards.iter().find(said_of)?;
    let name = format!("第 {} 个分片（共 {of} 个）", part.number);
    Some(match &part.lost {
        Some(why) => format!("{name}缺失，其 {} 个客户端不在任何数据中；程序报告：「{why}」", part.clients),
        None => format!("{name}：{}", with_numbers(reason)),
    })
}

fn of_counts(reason: &Reason, record: &Record) -> Option<String> {
    let (window, cell) = (&record.counts, &record.cell_counts);
    let agreement = &record.bytes.agreement;
    Some(match reason.code {
        Code::Lost => {
            let lost = window.lost.unwrap_or(0).max(cell.lost.unwrap_or(0));
            let of = cell.expected.map_or_else(String::new, |expected| format!("（应投递 {}）", grouped(expected)));
            format!("{} 个事件丢失{of}", grouped(lost))
        }
        Code::Duplicated => format!("{} 个事件被投递多次", grouped(cell.duplicated)),
        Code::Reordered => format!("{} 个事件晚于其后的事件到达", grouped(cell.reordered)),
        Code::Malformed => format!("{} 段文本不是事件，或其分帧有误", grouped(cell.malformed)),
        Code::BytesDisagree => {
            let first = agreement.difference_names.first().map_or_else(String::new, |name| witness(Lang::Zh, name));
            format!("{} 处字节计数不一致，第一处：{first}", grouped(agreement.differences))
        }
        Code::Unclassified => format!("{} 字节不属于账本的任何一层", grouped(agreement.unclassified)),
        Code::ClosedEarly => {
            format!("{} 个连接在事件源结束之前关闭", grouped(record.errors.get("closed-early").copied()?))
        }
        Code::Errors => {
            let of_kind = |(kind, count): (&String, &u64)| reason.text == format!("{count} errors: {kind}");
            let (kind, count) = record.errors.iter().find(|&entry| of_kind(entry))?;
            format!("{} 个错误：{}", grouped(*count), error_kind(kind))
        }
        Code::OutOfBounds => {
            let outside = record.histograms.delivery_latency.as_ref()?.outside();
            format!("{} 次投递的时延小于 0 或超过 60 s", grouped(outside))
        }
        Code::Stalled => format!(
            "有事件的时延远超{}和场景所能解释的范围：{}",
            common::transport(Lang::Zh, record.transport),
            numbers(&reason.text)
        ),
        Code::Trickled => format!(
            "{} 字节分 {} 次读取到达：平均每次不足 {BYTES_PER_READ} 字节",
            grouped(record.bytes.loadgen.down),
            grouped(record.bytes.reads)
        ),
        Code::WindowTooShort => too_short(record),
        Code::Interrupted => "单元在结束之前被中止".to_owned(),
        _ => return None,
    })
}

fn too_short(record: &Record) -> String {
    let requests = record.polls.map_or(0, |polls| polls.total);
    match (record.workload(), record.events_in_window) {
        (Workload::Closed, _) => {
            format!("窗口内只有 {} 个请求，至少需要 {}", grouped(requests), grouped(WINDOW_REQUESTS))
        }
        (Workload::Idle, _) => {
            let what = match record.transport.manner() {
                Manner::Asks => "轮询间隔",
                Manner::Waits => "保持时间",
                Manner::Pushed => "心跳",
            };
            let every = duration_ms(record.scenario.silence_ms(record.transport));
            format!("窗口不足 {WINDOW_SILENCES} 个{what}（{every}）")
        }
        (Workload::Open, Some(events)) if events < WINDOW_EVENTS => {
            format!("窗口内只有 {} 个事件，至少需要 {WINDOW_EVENTS} 个", grouped(events))
        }
        _ => {
            let interval = duration_ms(record.scenario.interval_ms);
            format!("窗口不足 {WINDOW_INTERVALS} 个轮询间隔（{interval}）")
        }
    }
}

/// The name and the numbers of a reason of which the record has no more: one of a shard, or of another version's bounds.
fn with_numbers(reason: &Reason) -> String {
    let text = reason.text.rsplit(": ").next().unwrap_or_default();
    let (name, numbers) = (short(Lang::Zh, reason.code), numbers(text));
    if numbers.is_empty() { name.to_owned() } else { format!("{name}（{numbers}）") }
}

/// The numbers in a text, with their units.
fn numbers(text: &str) -> String {
    let words: Vec<_> = text.split([' ', ',']).map(|word| word.trim_matches([';', '(', ')'])).collect();
    let mut found: Vec<String> = Vec::new();
    for (index, word) in words.iter().enumerate() {
        if word.starts_with(|letter: char| letter.is_ascii_digit()) {
            let unit = words.get(index + 1).filter(|next| ["ms", "s", "%", "ppm"].contains(next));
            found.push(unit.map_or_else(|| (*word).to_owned(), |unit| format!("{word} {unit}")));
        }
    }
    found.join("、")
}

fn error_kind(kind: &str) -> Cow<'_, str> {
    if let Some(code) = kind.strip_prefix("goaway-") {
        return format!("服务器以 GOAWAY 结束连接（{code}）").into();
    }
    if let Some(code) = kind.strip_prefix("stream-") {
        return format!("服务器重置了流（{code}）").into();
    }
    let name = match kind {
        "reset" => "连接被重置",
        "protocol" => "协议错误",
        "http-status" => "意外的 HTTP 状态码",
        "connect-refused" => "连接被拒绝",
        "connect-timeout" => "连接超时",
        "connect-failed" => "连接失败",
        "tls-handshake" => "TLS 握手失败",
        "no-websocket-over-h2" => "服务器不支持 HTTP/2 上的 WebSocket",
        other => other,
    };
    name.into()
}

/// Two witnesses that name different numbers of bytes, as the record keeps them, in this language.
pub(crate) fn witness(lang: Lang, text: &str) -> String {
    const PHRASES: [(&str, &str); 12] = [
        ("the server has no such connection", "服务器没有该连接"),
        ("the load generator has no such connection", "负载生成器没有该连接"),
        ("at the load generator", "（负载生成器）"),
        ("at the server", "（服务器）"),
        ("its layers", "各层之和"),
        ("its kernel", "内核"),
        ("load generator", "负载生成器"),
        ("server", "服务器"),
        ("written", "写入"),
        ("received", "收到"),
        ("sent", "发出"),
        ("read", "读取"),
    ];
    if lang == Lang::En {
        return text.to_owned();
    }
    let layers = feedbench_record::Layer::ALL.map(|layer| (layer.title(), common::layer(Lang::Zh, layer)));
    let ways = [(" up", " 上行"), (" down", " 下行"), ("up ", "上行 "), ("down ", "下行 ")];
    let phrases = layers.into_iter().chain(PHRASES).chain(ways);
    phrases.fold(text.to_owned(), |text, (english, chinese)| text.replace(english, chinese))
}

#[cfg(test)]
mod tests {
    use feedbench_record::{Transport, judge};

    use super::*;
    use crate::fixture;

    #[test]
    fn a_reason_in_chinese_has_the_figures_of_the_record_and_no_english_word() {
        let troubled = fixture::troubled_suite();
        let mut told = 0;
        for record in &troubled {
            for reason in &record.verdict.reasons {
                let text = sentence(Lang::Zh, reason, record);
                let has_word = text.split(|letter: char| !letter.is_ascii_alphabetic()).any(|word| word.len() > 3);
                assert!(!has_word && !text.is_empty(), "{text}");
                assert_eq!(sentence(Lang::En, reason, record), reason.text);
                told += 1;
            }
        }
        assert!(told >= 3);
        let lossy = fixture::lossy(Transport::Sse);
        let texts: Vec<_> = lossy.verdict.reasons.iter().map(|reason| sentence(Lang::Zh, reason, &lossy)).collect();
        assert!(texts[0].contains("37 个事件丢失"), "{texts:?}");
        assert!(texts[1].contains("127.0.0.2:40001 下行: 900 发出, 800 收到"), "{texts:?}");
        assert_eq!(texts[2], "发布滞后 (p99)：9.01 ms，上限 5.00 ms");
    }

    #[test]
    fn a_reason_of_a_shard_keeps_its_numbers() {
        let mut record = fixture::record(Transport::WebSocket);
        let late = Reason {
            class: Code::PublishLag.class(),
            code: Code::PublishLag,
            text: "the publisher was late: p99 6.1 ms, bound 5.0 ms".to_owned(),
        };
        let part = |number, lost, reasons| ShardPart { number, clients: 10, lost, reasons };
        let ended = Some("the server process ended by itself".to_owned());
        record.shards = vec![part(1, None, vec![late]), part(2, ended, Vec::new())];
        let verdict = judge::judge(&record);
        let texts: Vec<_> = verdict.reasons.iter().map(|reason| sentence(Lang::Zh, reason, &record)).collect();
        assert!(texts[0].starts_with("第 2 个分片（共 2 个）缺失，其 10 个客户端"), "{texts:?}");
        assert_eq!(texts[1], "第 1 个分片（共 2 个）：发布滞后（6.1 ms、5.0 ms）");
    }
}
