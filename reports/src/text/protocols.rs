//! The chart of protocols.

use crate::lang::{Lang, catalogue};
use crate::protocols::Carrier;

catalogue! {
    title { "Does another protocol change the answer? Bytes and delay of each transport" "换一种协议会改变结论吗？各传输方式的字节数与时延" }
    description {
        "A row for each transport over each protocol. Left: bytes per delivered event on IP, by what they are for; the dashed \
         line is WebSocket over HTTP/1.1. Right: mean delivery latency on a logarithmic axis, a marker for each round-trip time."
        "每种传输方式在每种协议上占一行。左：每个已投递事件在 IP 层的字节数，按用途划分；虚线为 HTTP/1.1 上的 WebSocket。右：平均投递时延（对数刻度），每种往返时延一个标记。"
    }
    bytes_axis { "bytes per event on IP" "每事件字节数（IP 层）" }
    latency_axis { "mean delivery latency (ms)" "平均投递时延（ms）" }
    rtt(duration) { "RTT {duration}" "RTT {duration}" }
    with_tls(protocol) { "{protocol} + TLS" "{protocol} + TLS" }
    event { "event text" "事件文本" }
    framing { "framing and control" "分帧与控制" }
    heads { "request and answer heads" "请求与响应首部" }
    tls { "TLS" "TLS" }
    below { "TCP and IP headers" "TCP 和 IP 首部" }
    reference(bytes) { "WebSocket, HTTP/1.1: {bytes}" "WebSocket，HTTP/1.1：{bytes}" }
    bytes_at(rtt) { "Bytes at an RTT of {rtt}." "字节数取自 RTT 为 {rtt} 的单元。" }
    answer_polling(h1, h2, less, websocket, ratio) {
        "Polling takes {h1} bytes an event on IP over HTTP/1.1 and {h2} over HTTP/2 ({less}); WebSocket over HTTP/1.1 takes \
         {websocket}, so polling over HTTP/2 still takes {ratio} times as many."
        "轮询在 HTTP/1.1 上每事件 {h1} 字节（IP 层），在 HTTP/2 上 {h2} 字节（{less}）；HTTP/1.1 上的 WebSocket 为 {websocket} 字节，HTTP/2 上的轮询仍是其 {ratio} 倍。"
    }
    less(percent) { "{percent} % less" "减少 {percent} %" }
    more(percent) { "{percent} % more" "增加 {percent} %" }
    answer_delay(h1, h2, websocket) {
        "Its mean delay is {h1} ms over HTTP/1.1 and {h2} ms over HTTP/2, that of WebSocket {websocket} ms."
        "轮询的平均时延在 HTTP/1.1 上为 {h1} ms，在 HTTP/2 上为 {h2} ms；WebSocket 为 {websocket} ms。"
    }
    hpack(transport, first, later) {
        "Over HTTP/2 the first request of a connection ({transport}) takes {first} bytes, each later one {later}."
        "在 HTTP/2 上，一条连接的第一个请求（{transport}）为 {first} 字节，其后每个请求 {later} 字节。"
    }
    bytes_figure(rtt) { "bytes per event on IP, RTT {rtt}" "每事件字节数（IP 层），RTT {rtt}" }
    latency_figure(rtt) { "mean delivery latency (ms), RTT {rtt}" "平均投递时延（ms），RTT {rtt}" }
    first_request { "HTTP/2: first request of a connection (bytes)" "HTTP/2：连接的第一个请求（字节）" }
    later_request { "HTTP/2: each later request (bytes)" "HTTP/2：其后每个请求（字节）" }
}

/// `HTTP/2 + TLS`.
pub(crate) fn carrier(lang: Lang, carrier: Carrier) -> String {
    let protocol = carrier.protocol.title();
    if carrier.tls { with_tls(lang, protocol) } else { protocol.to_owned() }
}
