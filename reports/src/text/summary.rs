//! The summary at the start of a report.

use crate::lang::catalogue;

catalogue! {
    with(clients, rate) { "With {clients} and {rate}" "{clients}、{rate}时" }
    events(rate) { "{rate} events/s" "{rate} 个事件/s" }
    one_event { "1 event/s" "1 个事件/s" }
    colon(head, rest) { "{head}, {rest}" "{head}，{rest}" }
    /// A transport that polls, with its interval.
    polling_every(transport, interval) { "{transport} every {interval}" "每 {interval} 一次的{transport}" }
    faster(best, times, worst, low, high) {
        "{best} delivered {times} times faster than {worst}: half of the deliveries took at most {low} ms, against {high} ms."
        "{worst}的时延中位数是{best}的{times} 倍（{high} ms 对 {low} ms）。"
    }
    fewer_bytes(best, times, worst, low, high) {
        "{best} used {times} times fewer bytes on IP for each event than {worst} ({low} against {high})."
        "在 IP 层，{worst}每个事件的字节数是{best}的{times} 倍（{high} 对 {low}）。"
    }
    less_overhead(best, times, worst, low, high) {
        "{best} added {times} times less overhead above TCP to an event than {worst} ({low} bytes against {high})."
        "在 TCP 之上，{worst}每个事件的开销是{best}的{times} 倍（{high} 字节对 {low} 字节）。"
    }
    less_cpu(best, times, worst, low, high) {
        "{best} took {times} times less CPU time of the server for an event than {worst} ({low} µs against {high} µs)."
        "{worst}每个事件占用的服务器 CPU 时间是{best}的{times} 倍（{high} µs 对 {low} µs）。"
    }
    less_memory(best, times, worst, low, high) {
        "{best} took {times} times less memory of the server for a client than {worst} ({low} KiB against {high} KiB)."
        "{worst}每个客户端占用的服务器内存是{best}的{times} 倍（{high} KiB 对 {low} KiB）。"
    }
    /// Several that were not told apart, as the subject of a sentence with the worst of their figures.
    each_of(transports) { "each of {transports}" "{transports}各自" }
    at_least(times) { "at least {times}" "至少 {times}" }
    delay { "delay" "时延" }
    bytes_on_ip { "bytes on IP" "IP 层字节数" }
    overhead { "overhead above TCP" "TCP 之上的开销" }
    cpu { "CPU time of the server" "服务器 CPU 时间" }
    memory { "memory of the server" "服务器内存" }
    no_difference(quantity, transports) {
        "No difference in {quantity} is shown between {transports}."
        "未显示{transports}在{quantity}上有差别。"
    }
    alone(transport, p50, p99) {
        "{transport} delivered half of the events within {p50} ms and 99 % within {p99} ms."
        "{transport}的一半投递不超过 {p50} ms，99 % 不超过 {p99} ms。"
    }
    alone_bytes(bytes, overhead) {
        "An event took {bytes} bytes above TCP, of them {overhead} overhead."
        "每个事件在 TCP 之上占 {bytes} 字节，其中开销 {overhead} 字节。"
    }
    empty_polls(transport, percent) {
        "Of the requests of {transport}, {percent} % brought nothing."
        "{transport}的请求有 {percent} % 没有带回事件。"
    }
    not_compared(transports) {
        "Not compared, because every repetition is invalid: {transports}."
        "因所有重复均无效而不作比较：{transports}。"
    }
    from_one_repetition {
        "These figures are of one repetition: what differs by less than half, in bytes by less than 2 %, is not told apart."
        "这些数字来自一次测量：相差不到一半（字节数不到 2 %）的不作区分。"
    }
    from_few_repetitions(number) {
        "These figures are medians of {number} repetitions, too few for an interval: what overlaps in its range is not told apart."
        "这些数字是 {number} 次重复的中位数，次数不足以给出区间：范围重叠的不作区分。"
    }
    from_repetitions(number, coverage) {
        "These figures are medians of {number} repetitions: what overlaps in its {coverage} % interval is not told apart."
        "这些数字是 {number} 次重复的中位数：{coverage} % 区间重叠的不作区分。"
    }
}
