//! Sweeps, bandwidth, the crossover map and the silent client.

use crate::lang::{Lang, catalogue};
use crate::number::plain;
use crate::sweep::Axis;

catalogue! {
    clients { "clients" "客户端数" }
    rate { "event rate of each topic" "每个主题的事件速率" }
    payload { "payload" "载荷" }
    interval { "poll interval" "轮询间隔" }
    rtt { "emulated round-trip time" "模拟往返时延" }
    per_s { "events/s" "事件/s" }
    bytes { "bytes" "字节" }
    ms { "ms" "ms" }
    us { "µs" "µs" }
    kib { "KiB" "KiB" }
    mbit_per_s { "Mbit/s" "Mbit/s" }
    percent { "%" "%" }
    logarithmic { "logarithmic" "对数刻度" }
    linear { "linear" "线性刻度" }

    latency_p50 { "delivery latency, p50" "投递时延 p50" }
    latency_p99 { "delivery latency, p99" "投递时延 p99" }
    bytes_above_tcp { "traffic per event above TCP" "TCP 之上的每事件流量" }
    bytes_on_ip { "traffic per event on IP" "IP 层的每事件流量" }
    cpu_of_server { "server CPU time per delivered event" "服务器每事件 CPU 时间" }
    memory_of_server { "server memory that each client adds" "每个客户端增加的服务器内存" }
    bandwidth_above_tcp { "bandwidth of all clients above TCP" "TCP 之上全部客户端的带宽" }
    bandwidth_on_ip { "bandwidth of all clients on IP" "IP 层全部客户端的带宽" }
    empty_polls { "polls without an event" "无事件的轮询" }

    both_directions { "Both directions." "双向合计。" }
    both_directions_without_opening {
        "Both directions, without what opens a connection."
        "双向合计，不含建立连接的部分。"
    }
    nothing_to_add { "" "" }
    number_of_clients { "number of clients" "客户端数" }
    event_rate { "event rate" "事件速率" }

    title_p50 { "Delivery latency (p50)" "投递时延（p50）" }
    title_p99 { "Delivery latency (p99)" "投递时延（p99）" }
    title_bytes { "Bytes per event above TCP" "TCP 之上的每事件字节数" }
    title_ip_bytes { "Bytes per event on IP" "IP 层的每事件字节数" }
    title_cpu { "Server CPU time per event" "服务器每事件 CPU 时间" }
    title_memory { "Server memory per client" "服务器每客户端内存" }
    title_bandwidth { "Bandwidth above TCP" "TCP 之上的带宽" }
    title_ip_bandwidth { "Bandwidth on IP" "IP 层的带宽" }
    title_bandwidth_of_all { "Bandwidth of all clients" "全部客户端的带宽" }
    title_empty_polls { "Empty polls" "空轮询" }
    title_by(measure, axis) { "{measure} by {axis}" "{measure}随{axis}的变化" }

    /// What a chart of lines shows, for those who do not see it.
    lines(x, y) {
        "A line for each transport. Left to right: {x}. Bottom to top: {y}. Each marker is the median of the valid repetitions of a point."
        "每种传输方式一条线。自左向右：{x}。自下而上：{y}。每个标记是该点有效重复的中位数。"
    }
    interval_bands(least, number) {
        "Bands: interval of the median from order statistics, which covers at least {least} % (n = {number} repetitions). Small dots: repetitions."
        "色带：由次序统计量得到的中位数区间，覆盖率至少 {least} %（n = {number} 次重复）。小点：各次重复。"
    }
    range_bands(number) {
        "Bands: range of the repetitions (n = {number}; an interval needs six). Small dots: repetitions."
        "色带：各次重复的范围（n = {number}；区间至少需要 6 次重复）。小点：各次重复。"
    }
    invalid_points(points) { "Hollow, not joined and not counted, because invalid: {points}." "空心、不连线、不计入（无效）：{points}。" }
    without_figure(points) { "Not measured: {points}." "未测量：{points}。" }
    level_lines(names) {
        "Level lines without markers: the poll interval does not concern {names}; one point holds for every interval."
        "无标记的水平线：{names}。轮询间隔与其无关，一个测量点对所有间隔都成立。"
    }
    chosen(values) { "Drawn for: {values}. The table has every point." "图中仅绘出：{values}。表中列出全部测量点。" }
    so_many_clients(number) { "{number} clients" "{number} 个客户端" }
    at_value(label, x) { "{label} at {x}" "{label}（{x}）" }

    s { "s" "s" }
    cheapest_on_ip { "Cheapest in bytes on IP" "IP 层字节数最少的传输方式" }
    cheapest_above_tcp { "Cheapest in bytes above TCP" "TCP 之上字节数最少的传输方式" }
    cheapest_in_cpu { "Cheapest in server CPU time" "服务器 CPU 时间最少的传输方式" }
    fastest { "Fastest by median delivery latency" "投递时延中位数最低的传输方式" }
    /// The head of a map: what the figures in its squares are.
    in_each_square(measure) {
        "In each square: markers of the lowest, its {measure}; below it the next one, and how many times as much."
        "每格：数值最低者的标记及其{measure}；下方为次低者及其倍数。"
    }
    map(measure, x, y) {
        "A map. Left to right: {x}, a column for each rate. Bottom to top: {y}, a row for each interval. Each square has the colour and the marker of the transport with the lowest {measure}, of several where they tie. Thick lines part squares without a common winner, dashed lines those whose winners differ in part."
        "一张图：自左向右为{x}，每列一个速率；自下而上为{y}，每行一个间隔。每格用{measure}最低的传输方式的颜色和标记表示；并列时同时表示多种。粗线分开没有共同优胜者的格，虚线分开优胜者部分不同的格。"
    }
    tie_within(percent) {
        "Tie: within {percent} % of the lowest (one repetition each, so that there is no interval)."
        "并列：与最低值相差不超过 {percent} %（各只有一次重复，没有区间）。"
    }
    tie_by_spread { "Tie: the intervals (below six repetitions: the ranges) overlap." "并列：区间（少于 6 次重复时为范围）重叠。" }
    hatched { "not all transports valid" "并非全部有效" }
    /// A place of the map.
    at_rate(rate) { "{rate} events/s" "{rate} 事件/s" }
    hatched_squares(squares) { "Hatched, because what is invalid or not measured does not take part: {squares}." "斜线：无效或未测量者不参与比较：{squares}。" }
    other_transports { "The poll interval concerns polling alone: any other transport was measured once for each rate, which holds for the whole column." "轮询间隔只影响轮询：其他传输方式在每个速率下只测一次，对整列成立。" }
    break_even_key(events) { "by theory: rate × interval = {events} events" "理论：速率 × 间隔 = {events} 个事件" }
    break_even(poll, event, transport, pushed, events) {
        "Dotted: polling is cheaper by theory where rate × interval > H / (p − e) = {events} events, with H = {poll} bytes a poll and e = {event} bytes an event in its answer (fitted to the polling cells), and p = {pushed} bytes an event of {transport}."
        "点线：理论上当 速率 × 间隔 > H / (p − e) = {events} 个事件时轮询更省，其中 H = {poll} 字节/次轮询，e = {event} 字节/应答中的事件（由轮询单元拟合），p = {pushed} 字节/事件（{transport}）。"
    }
    break_even_beyond(poll, event, transport, pushed, events) {
        "By theory polling is cheaper where rate × interval > H / (p − e) = {events} events, which lies outside of the map; H = {poll} bytes a poll and e = {event} bytes an event in its answer (fitted to the polling cells), p = {pushed} bytes an event of {transport}."
        "理论上当 速率 × 间隔 > H / (p − e) = {events} 个事件时轮询更省，该边界在图外；H = {poll} 字节/次轮询，e = {event} 字节/应答中的事件（由轮询单元拟合），p = {pushed} 字节/事件（{transport}）。"
    }
    break_even_never(event, transport, pushed) {
        "By theory polling is cheaper nowhere: an event in its answer takes e = {event} bytes, one of {transport} p = {pushed} bytes."
        "理论上轮询在任何情况下都不更省：其应答中每个事件占 e = {event} 字节，而{transport}每事件占 p = {pushed} 字节。"
    }
    events_per_interval { "events in an interval, on average" "每个间隔的平均事件数" }
    winner { "lowest" "最低者" }
    tied(names) { "{names} (tie)" "{names}（并列）" }
    runner_up { "next" "次低者" }
    ratio { "next / lowest" "次低 / 最低" }
    left_out { "left out" "未参与" }
    nobody { "not enough to compare" "不足以比较" }
    square(rate, interval) { "{rate} events/s, interval {interval}" "{rate} 事件/s，间隔 {interval}" }
    next_is(name, ratio) { "next: {name} × {ratio}" "其次：{name} × {ratio}" }

    on_ip_is_computed {
        "On IP: computed where the kernel's counters were not read at the window's edges, from the bytes of the window above TCP and what IP adds over the whole cell."
        "IP 层：未在窗口两端读取内核计数时，由窗口内 TCP 之上的字节数乘以整个单元中 IP 所增加的倍数得出。"
    }
    published(transport) { "{transport}, as published" "{transport}（已发表）" }
    published_bandwidth {
        "Dotted: Lubbers and Greco (2010), as published: overhead alone, without the payload, 871 and 2 bytes a message."
        "点线：Lubbers 与 Greco（2010）发表的数值：仅含首部开销，不含载荷，每条消息 871 字节与 2 字节。"
    }
    empty_polls_theory {
        "Thin lines, by theory: exp(−rate × interval) for Poisson arrivals, max(0, 1 − rate × interval) for equal gaps."
        "细线为理论值：泊松到达时为 exp(−速率 × 间隔)，等间隔到达时为 max(0, 1 − 速率 × 间隔)。"
    }

    above_tcp { "above TCP" "TCP 之上" }
    on_ip { "on IP" "IP 层" }
    of_layer(quantity, layer) { "{quantity}, {layer}" "{quantity}，{layer}" }
    two_bars(axis) { "Horizontal bars, two for each point: {axis}." "水平条形，每个测量点两条：{axis}。" }
    bandwidth { "bandwidth of all clients" "全部客户端的带宽" }
    silent_bytes { "traffic of a silent client in a minute" "静默客户端每分钟的流量" }
    silent_cpu { "CPU time for a silent client in a minute" "每个静默客户端每分钟的 CPU 时间" }
    title_silent_bytes { "Bytes of a silent client in a minute" "静默客户端每分钟的字节数" }
    title_silent_cpu { "CPU time for a silent client in a minute" "每个静默客户端每分钟的 CPU 时间" }
    silent_bytes_note {
        "Measured in the window while nothing was published, both directions, without what opens a connection that is kept."
        "在没有发布任何事件的测量窗口内测得，双向合计，不含保持的连接的建立部分。"
    }
    silent_cpu_note {
        "Measured in the window while nothing was published: CPU time of all processes of a side, divided by the clients; with few clients most of it is what the processes need themselves."
        "在没有发布任何事件的测量窗口内测得：一侧全部进程的 CPU 时间除以客户端数；客户端少时，大部分是进程自身的开销。"
    }

    low { "lowest" "最低" }
    high { "highest" "最高" }
    repetitions { "repetitions that count" "计入的重复次数" }
    invalid_repetitions { "invalid repetitions" "无效的重复次数" }
    spread(low, high, number) { "({low} to {high}, n = {number})" "（{low} 至 {high}，n = {number}）" }
}

/// The name of an axis of a sweep.
pub(crate) const fn axis_name(lang: Lang, axis: Axis) -> &'static str {
    match axis {
        Axis::Clients => clients(lang),
        Axis::Rate => rate(lang),
        Axis::Payload => payload(lang),
        Axis::Interval => interval(lang),
        Axis::Rtt => rtt(lang),
    }
}

/// The name of an axis of a sweep, in a title.
pub(crate) const fn axis_in_title(lang: Lang, axis: Axis) -> &'static str {
    match axis {
        Axis::Clients => number_of_clients(lang),
        Axis::Rate => event_rate(lang),
        Axis::Payload | Axis::Interval | Axis::Rtt => axis_name(lang, axis),
    }
}

/// Its unit; empty for a number of clients.
pub(crate) const fn axis_unit(lang: Lang, axis: Axis) -> &'static str {
    match axis {
        Axis::Clients => "",
        Axis::Rate => per_s(lang),
        Axis::Payload => bytes(lang),
        Axis::Interval | Axis::Rtt => ms(lang),
    }
}

/// A value of an axis of a sweep, in a sentence.
pub(crate) fn value_of(lang: Lang, axis: Axis, value: f64) -> String {
    match axis {
        Axis::Clients => so_many_clients(lang, plain(value)),
        Axis::Rate | Axis::Payload | Axis::Interval | Axis::Rtt => with_unit(&plain(value), axis_unit(lang, axis)),
    }
}

/// The title of an axis: name, unit and, where it is not linear, its scale.
pub(crate) fn axis_title(lang: Lang, name: &str, unit: &str, is_logarithmic: bool) -> String {
    let scale = if is_logarithmic { logarithmic(lang) } else { "" };
    let within: Vec<_> = [unit, scale].into_iter().filter(|part| !part.is_empty()).collect();
    match (within.as_slice(), lang) {
        ([], _) => name.to_owned(),
        (parts, Lang::En) => format!("{name} ({})", parts.join(", ")),
        (parts, Lang::Zh) => format!("{name}（{}）", parts.join("，")),
    }
}

/// A value with its unit.
pub(crate) fn with_unit(value: &str, unit: &str) -> String {
    match unit {
        "" => value.to_owned(),
        "%" => format!("{value} %"),
        unit => format!("{value} {unit}"),
    }
}
