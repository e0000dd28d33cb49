//! Texts of the comparison with Lubbers and Greco (2010): its tables, its sentences and its chart.

use crate::lang::catalogue;

// Tables.
catalogue! {
    message_title {
        "Overhead of one message: everything but its payload (bytes)" "一条消息的开销：除载荷以外的全部字节（字节）"
    }
    second_title { "Overhead of all clients, each second, above TCP" "所有客户端每秒的开销（TCP 之上）" }
    total_title {
        "One message with its payload: the article's, and the payload that was really sent (bytes)"
        "一条消息连同其载荷：文章的载荷与实际发送的载荷（字节）"
    }
    total_second_title { "All clients with their payload, each second (Mbit/s)" "所有客户端连同载荷的每秒流量（Mbit/s）" }
    ratio_title {
        "Ratios of one message, polling : WebSocket, by quantity and layer" "一条消息的比值，轮询 : WebSocket，按量和层"
    }
    use_case { "use case" "用例" }
    published { "published" "文章公布" }
    recomputed_above_tcp { "recomputed, above TCP" "重新计算，TCP 之上" }
    recomputed_on_ip { "recomputed, on IP" "重新计算，IP 层" }
    measured_above_tcp { "measured, above TCP" "实测，TCP 之上" }
    measured_on_ip { "measured, on IP" "实测，IP 层" }
    published_bytes { "published (bytes/s)" "文章公布（字节/s）" }
    printed_mbps { "printed (\"Mbps\")" "原文印刷值（“Mbps”）" }
    same_2_20 { "the same (2^20 bit/s)" "同值（2^20 bit/s）" }
    same_mbit { "the same (Mbit/s)" "同值（Mbit/s）" }
    recomputed_mbit { "recomputed (Mbit/s)" "重新计算（Mbit/s）" }
    measured_bytes { "measured (bytes/s)" "实测（字节/s）" }
    measured_2_20 { "measured (2^20 bit/s)" "实测（2^20 bit/s）" }
    measured_mbit { "measured (Mbit/s)" "实测（Mbit/s）" }
    published_payload { "payload, published" "载荷，文章公布" }
    sent_payload { "payload, sent here" "载荷，此处发送" }
    resent_above_tcp { "recomputed with it, above TCP" "以此重新计算，TCP 之上" }
    resent_on_ip { "recomputed with it, on IP" "以此重新计算，IP 层" }
    remark { "remark" "备注" }
    no_record { "not measured: no record" "未测量：没有记录" }
    invalid_repetitions(mark, invalid, all) { "{mark}: {invalid} of {all} repetitions" "{mark}：{all} 次重复中 {invalid} 次" }
    only_clients(clients) { "only {clients} clients" "仅 {clients} 个客户端" }
    another_schedule { "another schedule" "发布节奏不同" }
    median_and_range(n) { "median and range of {n} repetitions" "{n} 次重复的中位数和范围" }
    median_and_interval(n, coverage) {
        "median and {coverage} % interval of {n} repetitions" "{n} 次重复的中位数和 {coverage} % 区间"
    }
    spread(median, low, high) { "{median} ({low} to {high})" "{median}（{low} 至 {high}）" }
    figures { "figures" "数据来源" }
    quantity { "quantity" "量" }
    layer { "layer" "层" }
    bytes { "bytes" "字节" }
    ratio { "ratio" "比值" }
    overhead { "overhead" "开销" }
    total { "total" "总量" }
    above_tcp { "above TCP" "TCP 之上" }
    on_ip { "on IP" "IP 层" }
    characters_to_frame { "characters : bytes of a frame" "字符数 : 一帧的字节数" }
    recomputed { "recomputed" "重新计算" }
    recomputed_as_here { "recomputed, payload as here" "重新计算，载荷与此处相同" }
    measured_case(case) { "measured, use case {case}" "实测，用例 {case}" }
}

// The chart.
catalogue! {
    chart_title { "Overhead bandwidth: published, recomputed, measured" "开销带宽：文章公布、重新计算与实测" }
    x_axis { "clients, each with one message a second (logarithmic)" "客户端数，每个客户端每秒一条消息（对数）" }
    y_axis { "overhead of all clients (Mbit/s, logarithmic)" "所有客户端的开销（Mbit/s，对数）" }
    chart_description(x, y) {
        "Left to right: {x}, with the use cases A, B and C of Lubbers and Greco (2010). Bottom to top: {y}, everything but \
         the payload. Dotted: as published. Thin: recomputed from the article's heads and frames, dashed on IP. Thick, with \
         markers: measured above TCP, the median of the repetitions."
        "从左到右：{x}，标有 Lubbers 和 Greco（2010）的用例 A、B、C。从下到上：{y}，即除载荷以外的全部字节。点线：文章公布。\
         细线：由文章的首部和帧重新计算，虚线为 IP 层。带标记的粗线：实测（TCP 之上），为各次重复的中位数。"
    }
    line_published { "published" "文章公布" }
    line_recomputed(bytes) { "recomputed ({bytes} bytes)" "重新计算（{bytes} 字节）" }
    line_recomputed_on_ip(bytes) { "recomputed on IP ({bytes} bytes)" "IP 层重新计算（{bytes} 字节）" }
    line_measured { "measured above TCP" "实测（TCP 之上）" }
    short_recomputed { "recomputed" "重新计算" }
    short_on_ip { "on IP" "IP 层" }
    short_measured { "measured" "实测" }
    line { "line" "线" }
    clients { "clients" "客户端数" }
    overhead_of_all { "overhead of all clients (Mbit/s)" "所有客户端的开销（Mbit/s）" }
    whiskers_note {
        "Measured: medians of the repetitions, which stand beside them as dots; whiskers are intervals of the median (with \
         caps) or, of fewer than six repetitions, their range."
        "实测值为各次重复的中位数，旁边的圆点为各次重复；须线为中位数的区间（带端帽），重复少于六次时为其范围。"
    }
    reading(line, clients, value) { "{line}, {clients} clients: {value}" "{line}，{clients} 个客户端：{value}" }
}

// Sentences: what is missing, reduced or invalid.
catalogue! {
    reduced(case, asked, clients, pairs) {
        "Use case {case} asked for {asked} clients; this machine and version hold {clients} in {pairs}, and its figures per \
         second are those of {clients}."
        "用例 {case} 要求 {asked} 个客户端；这台机器和这个版本在{pairs}中能容纳 {clients} 个，其每秒数值即为 {clients} 个客户端的数值。"
    }
    missing(lines) {
        "Not measured, because there is no record: {lines}." "没有记录，因此未测量：{lines}。"
    }
    invalid(lines) {
        "Invalid, and marked beside their figures: {lines}; the reasons stand under Verdicts."
        "无效，已在数值旁标出：{lines}；原因见“判定”一节。"
    }
    rescheduled(lines) {
        "Not with the article's one message and one poll a second to all clients, so that figures per second do not compare: \
         {lines}."
        "没有按文章的设定向所有客户端每秒发送一条消息、每秒轮询一次，因此每秒数值不可比较：{lines}。"
    }
    without_use_case(clients) {
        "The cells with {clients} clients belong to no use case of the article."
        "{clients} 个客户端的单元不属于文章的任何用例。"
    }
    other_profile(profiles, profile) {
        "These cells were measured with the header profile {profiles} and not with {profile}, the article's heads: what was \
         measured of polling does not reproduce the article."
        "这些单元使用首部配置 {profiles}，而不是文章的首部 {profile}：轮询的实测值不能重现文章。"
    }
}

// Sentences: why the figures differ.
catalogue! {
    line_ends(characters, request, response, wire) {
        "{characters} is a count of characters without line ends; on the wire, with CRLF and the empty lines, the same two \
         heads have {request} + {response} = {wire} bytes."
        "{characters} 是不含行尾的字符数；在线路上，加上 CRLF 和空行，同样的两个首部有 {request} + {response} = {wire} 字节。"
    }
    megabits(printed, case, si, binary) {
        "The article's \"Mbps\" are 2^20 bits: its {printed} of use case {case} are {si} Mbit/s by the SI ({binary} in units of \
         2^20)."
        "文章的“Mbps”以 2^20 bit 为单位：用例 {case} 的 {printed} 按 SI 为 {si} Mbit/s（以 2^20 为单位是 {binary}）。"
    }
    framing(draft, header, length, from_126, from_65536) {
        "The article's {draft} bytes a frame are 0x00 and 0xFF of the drafts before RFC 6455, whose own header has {header} \
         bytes from server to client for a payload of {length} bytes, {from_126} from 126 bytes on and {from_65536} from \
         65,536 bytes on."
        "文章中每帧 {draft} 字节是 RFC 6455 之前草案的 0x00 和 0xFF；后者自己的帧首部（服务器到客户端）在载荷为 {length} 字节时有 \
         {header} 字节，从 126 字节起有 {from_126} 字节，从 65,536 字节起有 {from_65536} 字节。"
    }
    layers(headers, above_tcp, on_ip) {
        "The article counts the application layer alone; on IP every segment has {headers} bytes of headers (IPv4, TCP with \
         timestamps), acknowledgements too, and {above_tcp} : 1 above TCP becomes {on_ip} : 1."
        "文章只计算应用层；在 IP 层，每个报文段（包括确认）都有 {headers} 字节首部（IPv4，带时间戳的 TCP），TCP 之上的 \
         {above_tcp} : 1 变为 {on_ip} : 1。"
    }
    as_many(published) { "as many as the article's {published}" "与文章的 {published} 相同" }
    more(difference, published) {
        "{difference} more than the article's {published}" "比文章的 {published} 多 {difference}"
    }
    fewer(difference, published) {
        "{difference} fewer than the article's {published}" "比文章的 {published} 少 {difference}"
    }
    target_and_host {
        ", because target and Host are feedbench's own" "，因为请求目标和 Host 是 feedbench 自己的"
    }
    heads(request, request_by, why, response, response_by, framing) {
        "A measured poll has {request} bytes of request head, {request_by}{why}; {response} bytes of response head, \
         {response_by}; and {framing} bytes of event framing, because its answer is a JSON array."
        "实测的一次轮询有 {request} 字节请求首部，{request_by}{why}；{response} 字节响应首部，{response_by}；以及 {framing} 字节事件分帧，\
         因为响应是一个 JSON 数组。"
    }
    sent(bytes) { " ({bytes} were sent)" "（实际发送 {bytes}）" }
    payload(poll, frame, shortest, sent) {
        "The article sent {poll} and {frame} bytes of payload, and the shortest event text of feedbench has {shortest}{sent}: \
         totals differ by that, overhead compares."
        "文章发送 {poll} 和 {frame} 字节载荷，而 feedbench 最短的事件文本有 {shortest} 字节{sent}：总量因此不同，可比较的是开销。"
    }
    by_exchange(empty) {
        "Measured above TCP per message: the mean of the polls that brought a message (the {empty} that brought none are left \
         out), and of the frames that carried one."
        "TCP 之上每条消息的实测值：带来消息的轮询的平均值（不含 {empty} 次空轮询），以及承载消息的帧的平均值。"
    }
    by_window {
        "Measured above TCP per message: all bytes of the window over its messages, because not every record tells the layers \
         apart."
        "TCP 之上每条消息的实测值：测量窗口的全部字节除以消息数，因为并非每个记录都区分各层。"
    }
    repeated {
        "Every measured figure is the median of its valid repetitions, each computed for itself; behind it stands how far they \
         lie apart."
        "每个实测值都是各次有效重复（分别计算）的中位数，其后为各次重复的分布范围。"
    }
    on_ip_method {
        "Measured on IP: the mean of all polls, or messages, of the cell, from the client's segment counters, with whatever the \
         kernel acknowledged together, and without what opens and closes a connection."
        "IP 层的实测值：单元内全部轮询或消息的平均值，取自客户端的报文段计数，包含内核合并的确认，不含建立和关闭连接的部分。"
    }
    control(bytes) {
        "On IP a WebSocket message also bears its share of what else its connection said (position, heartbeats, close: {bytes} \
         bytes of control above TCP for each message, and their segments), which is the less the more messages a connection \
         has."
        "在 IP 层，一条 WebSocket 消息还分摊其连接的其他内容（位置、心跳、关闭：TCP 之上每条消息 {bytes} 字节控制，以及它们的报文段），\
         连接上的消息越多，分摊越少。"
    }
    delay {
        "The article's 150 ms against 50 ms is an assumed example (one transit of 50 ms, and the longest that a long poll can \
         take by RFC 6202), not a measurement: there is nothing to reproduce."
        "文章的 150 ms 对 50 ms 是假设的例子（一次单程 50 ms，以及 RFC 6202 中长轮询的最长时间），不是测量结果：没有可重现的内容。"
    }
}
