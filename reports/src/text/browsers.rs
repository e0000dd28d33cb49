//! Real browsers beside the load generator.

use feedbench_record::browsers::{Cause, Order, Outcome};

use crate::lang::{Lang, catalogue};

catalogue! {
    title { "Real browsers beside the load generator" "真实浏览器与负载生成器的对照" }
    kicker(products) { "feedbench browsers · {products}" "feedbench browsers · {products}" }
    build(profile) { ", {profile} build" "，{profile} 构建" }
    /// One of the two that are compared.
    browser { "browser" "浏览器" }
    load_generator { "load generator" "负载生成器" }

    // What was done.
    setting(product, pages, clients) {
        "{product} ran without a window, with {pages} for each transport, each in a browser context with connections of its own. Beside it the load generator ran with {clients} and the same settings against another fresh server on this machine."
        "{product} 以无窗口方式运行，每种传输方式 {pages}，各自处于独立的浏览器上下文，连接互不共享。随后负载生成器以 {clients}和相同设置，在本机对另一个全新的服务器运行。"
    }
    feed(rate, arrivals, bytes, interval, hold, window) {
        "{rate} events per second ({arrivals}), each a text of {bytes}; poll interval {interval}, hold time {hold}, window {window}."
        "每秒 {rate} 个事件（{arrivals}），每个事件的文本为 {bytes}；轮询间隔 {interval}，保持时间 {hold}，测量窗口 {window}。"
    }
    pages(number) { "{number} pages" "{number} 个页面" }
    one_page { "1 page" "1 个页面" }
    clients(number) { "{number} clients" "{number} 个客户端" }
    one_client { "1 client" "1 个客户端" }
    bytes(number) { "{number} bytes" "{number} 字节" }

    // What was found.
    heads_alike(transports) {
        "The profile's request head has every field of the browser's with the same value: {transports}."
        "首部档案与浏览器的请求首部逐字段相同：{transports}。"
    }
    heads_explained(fields, transports) {
        "Where request heads differ, the reason is known for every field ({fields}): {transports}."
        "请求首部不同之处，各字段（{fields}）的原因均已知：{transports}。"
    }
    heads_unexplained(fields, transport) {
        "{transport}: the profile does not imitate {fields}."
        "{transport}：首部档案未能模仿 {fields}。"
    }
    latency_of(transport, browser, imitation) {
        "{transport} {browser} against {imitation} ms"
        "{transport} {browser} 对 {imitation} ms"
    }
    medians(list) {
        "Median latency to the page's callback against that to the load generator's read: {list}."
        "中位时延（到页面回调，对比到负载生成器读取）：{list}。"
    }
    heads_witnessed(equal, compared) {
        "The server wrote down {compared} of the same heads, and {equal} have the same bytes."
        "服务器也记录了其中 {compared} 个首部，{equal} 个字节完全一致。"
    }

    // What has to be known.
    interrupted { "Interrupted: not every transport was measured." "测量被中断：并非所有传输方式都已测量。" }
    lost(transport, number) { "{transport}: pages missed {number} events." "{transport}：页面丢失了 {number} 个事件。" }
    duplicated(transport, number) {
        "{transport}: pages were offered {number} events a second time."
        "{transport}：有 {number} 个事件被重复提供给页面。"
    }
    hidden(transport, number) {
        "{transport}: the browser took {number} pages for hidden, and slows the timers of hidden pages."
        "{transport}：浏览器将 {number} 个页面视为隐藏，并减慢其定时器。"
    }
    unfinished(transport, number, requests) {
        "{transport}: the browser has not told the length of {number} of {requests} answers, so that there are no bytes per event."
        "{transport}：{requests} 个响应中有 {number} 个浏览器未给出长度，因此没有每事件字节数。"
    }
    outside(transport, number) {
        "{transport}: {number} latencies lie below zero or above a minute, and are in no percentile."
        "{transport}：{number} 个时延小于零或大于一分钟，未计入百分位。"
    }
    unlike(transport, number) {
        "{transport}: {number} heads are not the same at browser and server."
        "{transport}：有 {number} 个首部在浏览器与服务器两端不一致。"
    }
    clock_off(transport, witness, error) {
        "{transport}: what a page found out about the server's clock is off by {witness} ms, more than its own bound of {error} ms. Latencies rest on the machine's clocks."
        "{transport}：页面估计的服务器时钟偏差 {witness} ms，超出其自身误差界 {error} ms。时延以本机时钟为准。"
    }
    imitation_invalid(transport, reasons) {
        "{transport}: the load generator's cell is invalid: {reasons}."
        "{transport}：负载生成器的单元无效：{reasons}。"
    }
    no_imitation(transport) { "{transport}: the load generator was not run." "{transport}：未运行负载生成器。" }

    // Latency.
    latency_title { "How late is an event?" "事件迟到多久？" }
    latency_chart { "Delivery latency of browser and load generator" "浏览器与负载生成器的投递时延" }
    latency_description {
        "For each transport two lines on a logarithmic axis of milliseconds, above the browser, below the load generator: from the median, which has the marker, to the 99th percentile, with a bar at the 90th."
        "每种传输方式在毫秒对数轴上有两条线，上为浏览器，下为负载生成器：从中位数（标记处）到第 99 百分位，第 90 百分位处有短线。"
    }
    latency_axis { "delivery latency (ms, logarithmic)" "投递时延（ms，对数）" }
    latency_key {
        "marker: p50 (filled: browser, hollow: load generator) · bars: p90 and p99"
        "标记：p50（实心：浏览器；空心：负载生成器）· 短线：p90 与 p99"
    }
    p_head(side, percentile) { "{side}, {percentile} (ms)" "{side} {percentile}（ms）" }
    later_head { "browser later, p50 (ms)" "浏览器晚到，p50（ms）" }
    events_head(side) { "{side}, events" "{side} 事件数" }
    clock_head { "page's clock off by (ms)" "页面时钟偏差（ms）" }
    transport_head { "transport" "传输方式" }

    // Bytes.
    bytes_title { "How many bytes?" "多少字节？" }
    request_head(side) { "request head, {side}" "请求首部，{side}" }
    difference_head { "difference" "差" }
    answer_head { "answer head" "响应首部" }
    per_event_head(side) { "per event, {side}" "每事件，{side}" }
    opening_head(side) { "opening, {side}" "建立连接，{side}" }
    heads_head { "heads equal at the server" "与服务器一致的首部" }
    fields_head { "fields that differ" "不同的字段" }
    of(number, all) { "{number} of {all}" "{number}/{all}" }
    bytes_note {
        "Bytes above TCP. The request head is one of the browser's, and the profile's for the same target, host and cookie. Bytes per event are both directions over the whole measurement, without the heads that open a stream or a WebSocket; the page's targets are longer than the load generator's, for they name page and request, and its answers name the origin that may read them."
        "TCP 之上的字节。请求首部取浏览器的一个请求，以及首部档案对相同目标、主机和 cookie 给出的首部。每事件字节数为整个测量期间双向之和，不含建立流或 WebSocket 的首部；页面的请求目标比负载生成器的长，因为它带有页面和请求的编号，其响应还要写明可读取它的来源。"
    }

    // Fields.
    field_title(transport) { "{transport}: request head, field by field" "{transport}：请求首部逐字段对照" }
    field_head { "field" "字段" }
    outcome_head { "imitation" "模仿" }
    length_head { "bytes" "字节" }
    cause_head { "why" "原因" }
    same_fields(number, names) { "The same at both ({number}): {names}." "两者相同（{number}）：{names}。" }
    whole_request(order) { "Request head of the browser ({order})" "浏览器的请求首部（{order}）" }
    whole_imitation { "Request head of the profile" "首部档案的请求首部" }
    whole_answer { "Answer head that the browser got" "浏览器收到的响应首部" }
    no_head { "No request of this transport was seen." "未见到此传输方式的请求。" }
    frames(received, payload, headers) {
        "The pages got {received} messages: {payload} bytes of payload as the browser tells them, and {headers} bytes of frame headers, computed from their lengths (RFC 6455 section 5.2). Ping, pong and close are not told."
        "页面收到 {received} 条消息：浏览器给出的载荷 {payload} 字节，以及按长度计算的帧首部 {headers} 字节（RFC 6455 第 5.2 节）。浏览器不给出 ping、pong 和关闭帧。"
    }

    no_frames {
        "This browser does not tell of WebSocket messages: how many bytes its frames have is not known."
        "此浏览器不给出 WebSocket 消息：其帧的字节数未知。"
    }

    // Reading.
    reading_title { "How to read it, and its limits" "如何阅读及其局限" }
    reading_latency(step) {
        "A latency ends in the browser when the page's callback runs, and in the load generator right after the read call: what lies between is the browser's own work, from its network process to the page's thread. Both begin at the intended publish instant. Instants of the page have steps of {step}."
        "浏览器的时延止于页面回调运行之时，负载生成器的时延止于读取调用之后：两者之差是浏览器自身的工作，从其网络进程到页面线程。两者均始于计划的发布时刻。页面的时刻以 {step}为步长。"
    }
    step_of_chromium { "0.1 ms" "0.1 ms " }
    step_of_firefox { "1 ms, and so have its latencies: differences below that say nothing" "1 ms（时延也是如此，更小的差异没有意义）" }
    clock_of_chromium { "0.2 ms" "0.2 ms" }
    clock_of_firefox { "1 ms" "1 ms" }
    reading_clock(error) {
        "The page's callback notes performance.timeOrigin + performance.now(), which on one machine is the server's wall clock to about {error}. What the page finds out over HTTP, as it must on another machine, is its own estimate; the table says by how much it is off."
        "页面回调记录 performance.timeOrigin + performance.now()，在同一台机器上它与服务器的墙上时钟相差约 {error}。页面经 HTTP 得到的时钟只是估计（在另一台机器上只能如此）；表中给出其偏差。"
    }
    reading_heads_of_chromium {
        "Names, values and length of a request head are the browser's own word (DevTools protocol); it tells the fields sorted by name. Where the server wrote down the same bytes, the head is shown in the order that the server saw."
        "请求首部的字段名、值和长度由浏览器自己给出（DevTools 协议）；它按名称排序。凡服务器记录到相同字节之处，首部按服务器看到的顺序显示。"
    }
    reading_heads_of_firefox {
        "Names, values and length of each head are the browser's own word (WebDriver BiDi), as is the length of an answer with its framing. It does not tell of WebSocket messages: their number, and so their bytes per event, are absent."
        "每个首部的字段名、值和长度，以及响应连同分帧的长度，均由浏览器自己给出（WebDriver BiDi）。浏览器不给出 WebSocket 消息：因此没有其消息数和每事件字节数。"
    }
    reading_origin {
        "Page and transport have ports of their own, except for iframe streaming: the request is cross-origin, and carries Origin, another Sec-Fetch-Site and another Referer. The profile asks as a page of the same origin would."
        "除 iframe 流外，页面与传输方式各用一个端口：请求是跨源的，带有 Origin、不同的 Sec-Fetch-Site 和不同的 Referer。首部档案按同源页面请求。"
    }
    reading_load {
        "Browser and load generator were measured one after the other, and the browser takes far more of the machine for each client: for the page, and to tell of every message meanwhile. Few pages on an idle machine say most about the imitation."
        "浏览器与负载生成器先后测量，而浏览器的每个客户端占用的机器资源多得多：既用于页面，也用于在测量时报告每条消息。空闲机器上的少量页面最能说明模仿的程度。"
    }
    caption(product, pages, rate, window, machine, tool) {
        "{product} without a window, {pages} for each transport, {rate} events/s, window {window}, one run, loopback. {machine}. {tool}."
        "{product}（无窗口），每种传输方式 {pages}，每秒 {rate} 个事件，窗口 {window}，运行一次，本机回环。{machine}。{tool}。"
    }
    machine(cpu, kernel) { "{cpu}, {kernel}" "{cpu}，{kernel}" }
    table_of(title) { "{title}: table" "{title}：表" }
    drawing_of(title) { "{title}: chart" "{title}：图" }
}

/// How a field was imitated.
pub(crate) const fn outcome(lang: Lang, outcome: Outcome) -> &'static str {
    match (lang, outcome) {
        (Lang::En, Outcome::Same) => "same",
        (Lang::En, Outcome::Other) => "other value",
        (Lang::En, Outcome::Missing) => "missing",
        (Lang::En, Outcome::Extra) => "extra",
        (Lang::Zh, Outcome::Same) => "相同",
        (Lang::Zh, Outcome::Other) => "值不同",
        (Lang::Zh, Outcome::Missing) => "缺少",
        (Lang::Zh, Outcome::Extra) => "多出",
    }
}

/// Why a field differs; an unknown reason is one, too.
pub(crate) const fn cause(lang: Lang, cause: Option<Cause>) -> &'static str {
    match (lang, cause) {
        (Lang::En, None) => "not imitated",
        (Lang::En, Some(Cause::Headless)) => "no window",
        (Lang::En, Some(Cause::OtherPort)) => "page at another port",
        (Lang::En, Some(Cause::PageAddress)) => "address of the page",
        (Lang::En, Some(Cause::PastCache)) => "asks past the cache",
        (Lang::En, Some(Cause::Version)) => "another version",
        (Lang::En, Some(Cause::Language)) => "another language",
        (Lang::Zh, None) => "未模仿",
        (Lang::Zh, Some(Cause::Headless)) => "无窗口",
        (Lang::Zh, Some(Cause::OtherPort)) => "页面在另一端口",
        (Lang::Zh, Some(Cause::PageAddress)) => "页面地址",
        (Lang::Zh, Some(Cause::PastCache)) => "绕过缓存",
        (Lang::Zh, Some(Cause::Version)) => "版本不同",
        (Lang::Zh, Some(Cause::Language)) => "语言不同",
    }
}

/// In which order the fields of a head stand.
pub(crate) const fn order(lang: Lang, order: Order) -> &'static str {
    match (lang, order) {
        (Lang::En, Order::Wire) => "as it was sent",
        (Lang::En, Order::Name) => "fields by name",
        (Lang::Zh, Order::Wire) => "发送时的顺序",
        (Lang::Zh, Order::Name) => "字段按名称排序",
    }
}
