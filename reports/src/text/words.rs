//! What was measured: the sentences at the start of a report, and the caption of its charts.

use crate::lang::catalogue;

catalogue! {
    range(low, high) { "{low} to {high}" "{low} 至 {high}" }
    clients(number) { "{number} clients" "{number} 个客户端" }
    title_one(transport, clients) { "{transport} with {clients}" "{transport}，{clients}" }
    title_several(transports, clients) { "{transports} transports, {clients} each" "{transports}种传输方式，各 {clients}" }
    measured_one(transport, clients) { "{transport} was measured with {clients}." "用 {clients}测量了{transport}。" }
    measured_several(transports, clients) {
        "{transports} were measured with {clients} each, one transport at a time."
        "依次测量了{transports}，每种各有 {clients}。"
    }
    published_silence { "The feed published nothing." "没有发布任何事件。" }
    published_one(gaps, bytes) {
        "The feed published 1 event per second on each topic ({gaps}), each a text of {bytes} bytes."
        "每个主题每秒发布 1 个事件（{gaps}），每个事件是 {bytes} 字节的文本。"
    }
    published(rates, gaps, bytes) {
        "The feed published {rates} events per second on each topic ({gaps}), each a text of {bytes} bytes."
        "每个主题每秒发布 {rates} 个事件（{gaps}），每个事件是 {bytes} 字节的文本。"
    }
    poisson_arrivals { "Poisson arrivals" "泊松到达" }
    equal_gaps { "equal gaps" "等间隔" }
    replayed_at_rate(source, rates, gaps) {
        "The events were a {source}: {rates} per second on each topic ({gaps})."
        "事件来自{source}：每个主题每秒 {rates} 个（{gaps}）。"
    }
    replayed(source) { "The events were a {source}." "事件来自{source}。" }
    from_standard_input { "The events were the lines of standard input." "事件是标准输入的各行。" }
    one_topic { "All clients of a cell followed one topic." "一个单元的所有客户端订阅同一主题。" }
    several_topics(topics) { "The clients were spread over {topics}." "客户端分布在 {topics}上。" }
    own_topics { "Each client followed a topic of its own." "每个客户端订阅各自的主题。" }
    polled_every(interval) { "Polling asked every {interval}." "轮询每 {interval} 请求一次。" }
    polled_at_once {
        "Polling without an interval asked again as soon as it had its answer."
        "无间隔的轮询收到响应即再次请求。"
    }
    held(hold) { "The server held a long poll for up to {hold}." "服务器保持长轮询请求至多 {hold}。" }
    window(warm_up, window) {
        "After a warm-up of {warm_up} followed a measurement window of {window}."
        "预热 {warm_up} 之后是 {window} 的测量窗口。"
    }
    interleaved(repetitions) {
        "Each cell was measured {repetitions} times, in turn with the others, each time with arrivals of its own."
        "每个单元测量 {repetitions} 次，各单元交替进行，每次的到达过程各不相同。"
    }
    machine(cpu, cores, memory, kernel, arch) {
        "{cpu}, {cores}, {memory} memory, {kernel} ({arch})"
        "{cpu}，{cores}，内存 {memory}，{kernel}（{arch}）"
    }
    one_pair { "one pair of processes" "一对进程" }
    pairs(number) { "{number} pairs of processes" "{number} 对进程" }
    foreign_server { "a server not started by feedbench" "非 feedbench 启动的服务器" }
    and(one, other) { "{one} and {other}" "{one}、{other}" }
    rate(rate, arrivals, seeds) { "{rate} events/s a topic ({arrivals}, {seeds})" "每主题 {rate} 个事件/s（{arrivals}，{seeds}）" }
    silence { "nothing published" "不发布事件" }
    one_seed(seed) { "seed {seed}" "种子 {seed}" }
    seeds(number) { "{number} seeds" "{number} 个种子" }
    payload(bytes) { "payload {bytes} bytes" "载荷 {bytes} 字节" }
    over_tls(protocol) { "{protocol} over TLS" "{protocol}（TLS）" }
    window_short(window) { "window {window}" "窗口 {window}" }
    rtt(rtt) { "RTT {rtt}" "RTT {rtt}" }
    deliveries(number, repetitions) { "n = {number} deliveries a cell, {repetitions}" "每单元 n = {number} 次投递，{repetitions}" }
}
