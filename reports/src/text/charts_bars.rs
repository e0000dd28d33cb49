//! Texts of the bar charts, of searches for a capacity, and of shards.

use crate::lang::{Lang, catalogue};

/// A Chinese text with a space between its characters and Latin letters or digits; an English one as it is.
pub(crate) fn apart(lang: Lang, text: &str) -> String {
    let chinese = |letter: char| ('\u{4e00}'..='\u{9fff}').contains(&letter);
    let mut spaced = String::with_capacity(text.len());
    for letter in text.chars() {
        let meet = spaced.chars().next_back().is_some_and(|before| {
            (chinese(before) && letter.is_ascii_alphanumeric()) || (before.is_ascii_alphanumeric() && chinese(letter))
        });
        if meet && lang == Lang::Zh {
            spaced.push(' ');
        }
        spaced.push(letter);
    }
    spaced
}

// What every bar chart has.
catalogue! {
    /// Between a name and its figure.
    colon { ": " "：" }
    semicolon { "; " "；" }
    interval_key(coverage) { "interval of the median ({coverage} %)" "中位数的区间（{coverage} %）" }
    interval_at_least_key { "interval of the median (at least 95 %)" "中位数的区间（至少 95 %）" }
    range_key { "range (too few repetitions for an interval)" "范围（重复次数太少，不足以给出区间）" }
    dot_key { "one repetition" "一次重复" }
    ring_key { "invalid repetition, not counted" "无效的重复（不计入）" }
    theory_key { "expected by theory" "理论值" }
    figure { "figure" "指标" }
    median { "median" "中位数" }
    low { "low" "下限" }
    high { "high" "上限" }
    kind { "low to high is" "上下限的含义" }
    number { "n" "n" }
    repetitions { "repetitions" "各次重复" }
    interval(coverage) { "interval of {coverage} %" "{coverage} % 区间" }
    range { "range" "范围" }
    reading(value, kind, low, high, n) {
        "{value} ({kind}: {low} to {high}, n = {n})" "{value}（{kind}：{low} 至 {high}，n = {n}）"
    }
    sides_description(axis) {
        "Horizontal bars, two for each transport: {axis}. The full bar is the server, the light bar the load generator. \
         A bar is the median of its repetitions; whiskers show their spread."
        "水平条形图，每种传输方式两条：{axis}。深色条为服务器，浅色条为负载生成器。条长为各次重复的中位数，须线表示其分布。"
    }
}

// Bytes.
catalogue! {
    bytes_title { "Bytes per delivered event" "每个已投递事件的字节数" }
    bytes_axis {
        "bytes per delivered event, both directions, without what opens a connection"
        "每个已投递事件的字节数（双向，不含建立连接的开销）"
    }
    bytes_description(axis) {
        "Horizontal bars, two for each transport: {axis} (bytes). The upper bar is what TCP carries, by layer, the event's \
         own text first, then the rest from server to client in full colours, then what the client sends, outlined. The \
         lower bar is the same on IP, with the headers of TCP and IP behind it. A thin line is what theory expects above TCP. \
         A bar is the median of its repetitions; whiskers show their spread."
        "水平条形图，每种传输方式两条：{axis}。上条为 TCP 承载的字节，按层划分：首先是事件文本，其次是服务器到客户端的其余部分（实色），\
         最后是客户端发送的部分（带边框）。下条为 IP 层的字节，末尾是 TCP 和 IP 首部。细线为 TCP 之上的理论值。条长为各次重复的中位数，须线表示其分布。"
    }
    bytes_unit { " bytes" " 字节" }
    above_tcp { "above TCP" "TCP 之上" }
    on_ip { "on IP" "IP 层" }
    expected_above_tcp { "expected by theory, above TCP" "理论值，TCP 之上" }
    overhead { "overhead" "开销" }
    above_tcp_bytes(bytes) { "{bytes} above TCP" "TCP 之上 {bytes}" }
    above_tcp_with_overhead(bytes, overhead) {
        "{bytes} above TCP, of it {overhead} overhead" "TCP 之上 {bytes}，其中开销 {overhead}"
    }
    on_ip_bytes(bytes) { "{bytes} on IP" "IP 层 {bytes}" }
    bytes_reading(name, bytes) { "{name}: {bytes} bytes" "{name}：{bytes} 字节" }
    per_event(name) { "{name} (bytes per event)" "{name}（字节/事件）" }
    opening_figure { "opening (bytes per connection)" "建立连接（字节/连接）" }
    untold { "overhead, its layers not measured" "开销（各层未测量）" }
    tcp_and_ip { "TCP and IP headers" "TCP 和 IP 首部" }
    downwards { "server to client" "服务器到客户端" }
    upwards { "client to server" "客户端到服务器" }
    layers_note {
        "The layers of a bar are those of the repetition whose bytes are the median, or the mean of the two around it: they \
         add up to the bar."
        "条中各层取字节数为中位数的那次重复；重复次数为偶数时，取中间两次的平均值，因此各层之和等于条长。"
    }
    lower_bound(label, counted, all) {
        "{label}: segments were counted on {counted} of {all} connections, bytes on IP are a lower bound."
        "{label}：{all} 个连接中有 {counted} 个统计了报文段，IP 层字节数为下界。"
    }
}

// CPU and memory.
catalogue! {
    cpu_title { "CPU per delivered event" "每个已投递事件的 CPU 时间" }
    cpu_axis {
        "CPU time in the window per event delivered in it (µs), user and system"
        "测量窗口内每个已投递事件的 CPU 时间（µs，用户态与内核态）"
    }
    cpu_figure { "CPU time (µs per event)" "CPU 时间（µs/事件）" }
    memory_title { "Memory per client" "每个客户端的内存" }
    memory_axis { "resident memory that each client adds (KiB)" "每个客户端增加的常驻内存（KiB）" }
    memory_figure { "memory (KiB per client)" "内存（KiB/客户端）" }
    memory_description(axis) {
        "Horizontal bars, two for each transport: {axis}, from before the first connection to the window's end, without the \
         kernel's buffers. The full bar is the server, the light bar the load generator. A bar is the median of its \
         repetitions; whiskers show their spread."
        "水平条形图，每种传输方式两条：{axis}，从第一个连接之前到测量窗口结束，不含内核缓冲区。深色条为服务器，浅色条为负载生成器。\
         条长为各次重复的中位数，须线表示其分布。"
    }
}

// Polls.
catalogue! {
    polls { "polls" "次轮询" }
    without_event { "without an event" "无事件" }
    with_events { "with events" "有事件" }
    empty_polls_title { "Polls that brought nothing" "空轮询" }
    empty_polls_axis {
        "answers without an event, share of the polls of the window (%)" "无事件的响应占测量窗口内轮询的比例（%）"
    }
    empty_polls_description(axis) {
        "Horizontal bars, one for each transport that polls: {axis}. A thin line is what theory expects."
        "水平条形图，每种使用轮询的传输方式一条：{axis}。细线为理论值。"
    }
    empty_polls_percent { "empty polls (%)" "空轮询（%）" }
    expected_empty_polls { "expected by theory: empty polls (%)" "理论值：空轮询（%）" }
    empty_polls { "empty polls" "空轮询次数" }
    polls_of_window { "polls in the window" "测量窗口内的轮询次数" }
    repeated_title { "Header bytes that say the same again" "重复的首部字节" }
    repeated_axis {
        "header bytes that the head before had too, share of the heads of polls (%)" "与前一次首部相同的字节占轮询首部的比例（%）"
    }
    repeated_description(axis) {
        "Horizontal bars, one for each transport that polls: {axis}. Requests and answers of the whole cell, each line \
         compared with the lines of the head of its kind before it on the same connection."
        "水平条形图，每种使用轮询的传输方式一条：{axis}。统计整个单元的请求和响应，每一行与同一连接上前一个同类首部的各行比较。"
    }
    repeated_percent { "repeated (%)" "重复（%）" }
    repeated_bytes { "repeated (bytes)" "重复（字节）" }
    heads_with_one_before { "heads that had one before (bytes)" "有前一次可比的首部（字节）" }
    bytes_of_heads { "bytes of heads" "字节首部" }
    same_as_before { "the same as before" "与前一次相同" }
    new_bytes { "new" "新内容" }
    percent_of(percent, number, unit) { "{percent} % of n = {number} {unit}" "{percent} %，n = {number} {unit}" }
    does_not_poll(label) { "{label} does not poll." "{label}不使用轮询。" }
    do_not_poll(labels) { "{labels} do not poll." "{labels}不使用轮询。" }
}

// The idle minute.
catalogue! {
    idle_title { "Bytes of an idle client" "空闲客户端的字节数" }
    idle_axis {
        "bytes of one idle client a minute, both directions, above TCP (computed)"
        "一个空闲客户端每分钟的字节数（双向，TCP 之上，计算值）"
    }
    idle_description(axis) {
        "Horizontal bars, one for each transport: {axis} (bytes a minute)." "水平条形图，每种传输方式一条：{axis}。"
    }
    idle_factors(bytes, period) { "{bytes} bytes every {period}" "每 {period} {bytes} 字节" }
    idle_note(sources) {
        "Computed for a client to which nothing is published, from the bytes of one exchange and how often the scenario has \
         it. The bytes of one exchange: {sources}."
        "针对没有任何事件发布的客户端，由一次交换的字节数及其在场景中的频率计算得出。一次交换的字节数：{sources}。"
    }
    idle_source_of(source, labels) { "{source} for {labels}" "{labels}{source}" }
    idle_empty_poll { "measured on one empty poll" "在 1 次空轮询上测得" }
    idle_empty_polls(number) { "measured on {number} empty polls" "在 {number} 次空轮询上测得" }
    idle_head { "heads measured on one poll, and an empty array" "首部在 1 次轮询上测得，另加一个空数组" }
    idle_heads(number) { "heads measured on {number} polls, and an empty array" "首部在 {number} 次轮询上测得，另加一个空数组" }
    idle_heartbeat { "measured on one heartbeat" "在 1 次心跳上测得" }
    idle_heartbeats(number) { "measured on {number} heartbeats" "在 {number} 次心跳上测得" }
    idle_rule { "by rule: a heartbeat of this framing, none was seen" "按规则计算：该分帧的一次心跳，测量中没有出现" }
    idle_figure { "computed: bytes a minute" "计算值：字节/分钟" }
    idle_exchange { "one exchange (bytes)" "一次交换（字节）" }
    idle_every { "every (ms)" "周期（ms）" }
}

// Closed workloads.
catalogue! {
    speed_title { "Requests at full speed (closed workload)" "全速请求（闭环负载）" }
    speed_axis { "requests answered a second of the window (1/s)" "测量窗口内每秒应答的请求数（1/s）" }
    speed_description(axis) {
        "Horizontal bars, one for each cell whose answers bring the next request: {axis}."
        "水平条形图，每个由响应触发下一次请求的单元一条：{axis}。"
    }
    speed_figure { "requests (1/s)" "请求数（1/s）" }
    of_requests(speed, number) { "{speed}, n = {number} requests" "{speed}，n = {number} 次请求" }
    request_cpu_title { "CPU per request (closed workload)" "每次请求的 CPU 时间（闭环负载）" }
    request_cpu_axis {
        "CPU time in the window per request answered in it (µs), user and system"
        "测量窗口内每次已应答请求的 CPU 时间（µs，用户态与内核态）"
    }
    request_cpu_figure { "CPU time (µs per request)" "CPU 时间（µs/请求）" }
}

// Searches for a capacity.
catalogue! {
    capacity_latency_title { "Capacity: delivery latency of every step" "容量：每一步的投递时延" }
    capacity_cpu_title { "Capacity: CPU time of every step" "容量：每一步的 CPU 时间" }
    capacity_latency_axis { "delivery latency (ms, logarithmic)" "投递时延（ms，对数）" }
    capacity_cpu_axis { "CPU time of the window (cores)" "测量窗口内的 CPU 时间（核）" }
    capacity_clients_axis { "clients (logarithmic)" "客户端数（对数）" }
    capacity_rate_axis { "events per second and topic (1/s, logarithmic)" "每个主题每秒的事件数（1/s，对数）" }
    held { "held" "达标" }
    missed { "missed" "未达标" }
    disturbed { "disturbed" "受干扰" }
    disturbed_key { "the load generator or the machine was the limit" "受限于负载生成器或机器" }
    capacity_description(named, thin, x, y) {
        "Two lines for each search, {named} and, thin and light, {thin}; each point is a step. Left to right: {x}. Bottom to \
         top: {y}. A cross marks a step that missed, a ring one that says nothing of the server."
        "每次搜索两条线：{named}，以及细而浅的 {thin}；每个点是一步。从左到右：{x}。从下到上：{y}。叉号表示未达标的一步，\
         圆环表示不能说明服务器的一步。"
    }
    slo_description { " A level line is the objective (SLO) for p99." "水平线是 p99 的目标（SLO）。" }
    search { "search" "搜索" }
    searched_value { "clients or events/s" "客户端数或事件数/s" }
    server_cores { "server CPU (cores)" "服务器 CPU（核）" }
    loadgen_cores { "load generator CPU (cores)" "负载生成器 CPU（核）" }
    outcome { "outcome" "结果" }
    why { "why" "原因" }
    events_per_s(number) { "{number} events/s" "{number} 个事件/s" }
    p99_was(ms) { "p99 was {ms} ms" "p99 为 {ms} ms" }
    p99_unknown { "p99 of deliveries is not known" "投递的 p99 未知" }
    held_to_slo(transport, held, slo, failed, why) {
        "{transport}: {held} with p99 within {slo} ms; {failed} were too many: {why}."
        "{transport}：在 p99 不超过 {slo} ms 时为 {held}；增至 {failed}，则过多：{why}。"
    }
    held_to_load_generator(transport, held, slo, failed, why) {
        "{transport}: at least {held} with p99 within {slo} ms; with {failed} the load generator or the machine, not the \
         server, was the limit: {why}."
        "{transport}：在 p99 不超过 {slo} ms 时至少为 {held}；增至 {failed}，受限的是负载生成器或机器，而不是服务器：{why}。"
    }
    held_to_machine(transport, held, slo) {
        "{transport}: at least {held} with p99 within {slo} ms; this machine holds no more."
        "{transport}：在 p99 不超过 {slo} ms 时至少为 {held}；这台机器无法容纳更多。"
    }
    held_unfinished(transport, held, slo) {
        "{transport}: at least {held} with p99 within {slo} ms; the search was stopped before its end."
        "{transport}：在 p99 不超过 {slo} ms 时至少为 {held}；搜索在结束之前被中止。"
    }
    nothing_unfinished(transport) {
        "{transport}: the search was stopped before anything held."
        "{transport}：在任何一步达标之前，搜索被中止。"
    }
    nothing_known(transport, failed, why) {
        "{transport}: nothing is known; with {failed} already the load generator or the machine, not the server, was the \
         limit: {why}."
        "{transport}：无法得知；只有 {failed}，受限的已是负载生成器或机器，而不是服务器：{why}。"
    }
    nothing_held(transport, failed, slo, why) {
        "{transport}: not even {failed} with p99 within {slo} ms: {why}."
        "{transport}：即使只有 {failed}，p99 也超过 {slo} ms：{why}。"
    }
}

// Shards.
catalogue! {
    one_shard_missing(transport, clients, of, missing) {
        "Of {transport} with {clients} clients, 1 shard of {of} is missing ({missing}): what is there is shown by itself."
        "{transport}（{clients} 个客户端）的 {of} 个分片中缺少 1 个（{missing}）：已有的分片单独列出。"
    }
    shards_missing(transport, clients, number, of, missing) {
        "Of {transport} with {clients} clients, {number} shards of {of} are missing ({missing}): what is there is shown by \
         itself."
        "{transport}（{clients} 个客户端）的 {of} 个分片中缺少 {number} 个（{missing}）：已有的分片单独列出。"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_and_latin_letters_stand_apart() {
        let text = "fetch 流和WebSocket不使用轮询。";
        assert_eq!(apart(Lang::Zh, text), "fetch 流和 WebSocket 不使用轮询。");
        assert_eq!(apart(Lang::Zh, &apart(Lang::Zh, text)), apart(Lang::Zh, text));
        assert_eq!(apart(Lang::En, text), text);
    }
}
