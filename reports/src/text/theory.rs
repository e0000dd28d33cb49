//! What theory expects, and what stands beside it.

use super::common;
use crate::lang::{Lang, catalogue};
use crate::theory::{Absent, Quantity};

catalogue! {
    title { "Theory beside measurement" "理论与实测" }
    quantity_heading { "quantity" "指标" }
    expected { "expected" "预期值" }
    measured { "measured" "实测值" }
    deviation { "deviation (%)" "偏差 (%)" }
    bound { "bound" "允许范围" }
    outcome { "outcome" "结论" }
    agrees { "agrees" "一致" }
    deviates { "deviates" "偏离" }
    no_expectation(reason) { "no expectation: {reason}" "无预期值：{reason}" }
    /// The thin line in a chart.
    between(low, high) { "{low} to {high}" "{low} 至 {high}" }

    mean_latency { "mean latency (ms)" "平均时延 (ms)" }
    latency_p50 { "latency p50 (ms)" "时延 p50 (ms)" }
    latency_p99 { "latency p99 (ms)" "时延 p99 (ms)" }
    bytes { "bytes per event" "每事件字节数" }
    layer_bytes(layer) { "bytes per event: {layer}" "每事件字节数：{layer}" }
    empty_polls { "empty polls (%)" "空轮询 (%)" }
    polls_per_s { "answered requests per second" "每秒应答的请求数" }

    is_invalid { "no repetition is valid" "没有有效的重复" }
    is_closed { "the workload is closed, and the machine sets its pace" "闭环负载，节奏由机器决定" }
    is_replay { "the events are those of a recording" "事件来自录制文件" }
    is_stdin { "the events are those of standard input" "事件来自标准输入" }
    other_server { "the server is not one of feedbench's own" "服务器不是 feedbench 自带的" }
    no_events { "the number of published events is not known" "发布的事件数未知" }
    no_cpu { "the CPU time was not measured" "未测量 CPU 时间" }
    in_step {
        "all clients poll in step with events at equal gaps, and their accidental offset decides"
        "所有客户端同步轮询，事件间隔又固定，结果取决于偶然的相位差"
    }
    network {
        "jitter or a bandwidth makes some transits longer than others, by what is ahead of them"
        "抖动或带宽使各次单程长短不一，取决于前面的内容"
    }
    overlap { "a release is often not over when the next one begins" "上一次推送往往尚未结束，下一次就已开始" }
    protocol { "framing is derived for HTTP/1.1 without TLS only" "分帧只对不带 TLS 的 HTTP/1.1 推导" }
    recycled { "recycled streams repeat their heads" "流被回收后首部会重复发送" }
    no_ledger { "the bytes were not told apart by layer" "未按层统计字节" }

    /// How the figures came about; the values are percentages.
    method(fan_out, confidence) {
        "Expected figures follow from the scenario (RFC 6202 sections 2 and 3, RFC 6455, RFC 9112). Measured inputs are the CPU time per delivery, which sets how long a release to all clients takes, the publisher's lag, the number of events, and the mean length of heads. A figure agrees within a bound that leaves the release ±{fan_out} %, and holds the sampling error at {confidence} %: all clients share one realisation of the arrivals. For what is pushed or held, latency is therefore compared in shape and scale. No bound is fitted to a result."
        "预期值由场景推导（RFC 6202 第 2、3 节，RFC 6455，RFC 9112）。实测的输入有：每次投递的 CPU 时间（决定向全部客户端推送一轮所需的时间）、发布延迟、事件数，以及首部的平均长度。允许范围包括推送时间的 ±{fan_out} %，以及 {confidence} % 置信水平的抽样误差：所有客户端共用同一次到达过程。因此，对推送或被保持的请求，时延比较的是分布形状和量级。允许范围不按结果调整。"
    }
}

/// A figure with its unit.
pub(crate) fn quantity(lang: Lang, quantity: Quantity) -> String {
    match quantity {
        Quantity::MeanLatency => mean_latency(lang).to_owned(),
        Quantity::LatencyP50 => latency_p50(lang).to_owned(),
        Quantity::LatencyP99 => latency_p99(lang).to_owned(),
        Quantity::Bytes => bytes(lang).to_owned(),
        Quantity::LayerBytes(layer) => layer_bytes(lang, common::layer(lang, layer)),
        Quantity::EmptyPolls => empty_polls(lang).to_owned(),
        Quantity::PollsPerS => polls_per_s(lang).to_owned(),
    }
}

/// Why there is no expectation.
pub(crate) const fn absent(lang: Lang, absent: Absent) -> &'static str {
    match absent {
        Absent::Invalid => is_invalid(lang),
        Absent::Closed => is_closed(lang),
        Absent::Replay => is_replay(lang),
        Absent::Stdin => is_stdin(lang),
        Absent::OtherServer => other_server(lang),
        Absent::NoEvents => no_events(lang),
        Absent::NoCpu => no_cpu(lang),
        Absent::InStep => in_step(lang),
        Absent::Network => network(lang),
        Absent::Overlap => overlap(lang),
        Absent::Protocol => protocol(lang),
        Absent::Recycled => recycled(lang),
        Absent::NoLedger => no_ledger(lang),
    }
}
