//! The heads of the columns of figures, and the texts in them.

use crate::lang::catalogue;

catalogue! {
    /// A column for programs alone.
    hidden { "" "" }
    transport { "transport" "传输方式" }
    clients { "clients" "客户端数" }
    repetition { "rep" "重复" }
    rate { "events/s" "事件/s" }
    arrivals { "arrivals" "到达" }
    fan_out { "fan-out" "扇出" }
    payload { "payload (bytes)" "载荷（字节）" }
    interval { "interval (ms)" "间隔 (ms)" }
    hold { "hold (ms)" "保持 (ms)" }
    rtt { "RTT (ms)" "RTT (ms)" }
    jitter { "jitter (ms)" "抖动 (ms)" }
    bandwidth { "bandwidth (bit/s)" "带宽 (bit/s)" }
    mss { "MSS (bytes)" "MSS（字节）" }
    protocol { "protocol" "协议" }
    sharing { "clients per connection" "每连接客户端数" }
    tls { "TLS" "TLS" }
    resumption { "TLS sessions resumed" "TLS 会话恢复" }
    compression { "compression" "压缩" }
    headers { "headers" "首部" }
    connection { "connection" "连接" }
    server_processes { "server processes" "服务器进程" }
    delivered { "delivered" "投递" }
    lost { "lost" "丢失" }
    latency_mean { "latency mean (ms)" "平均时延 (ms)" }
    latency_p50 { "latency p50 (ms)" "时延 p50 (ms)" }
    latency_p99 { "latency p99 (ms)" "时延 p99 (ms)" }
    latency_max { "latency max (ms)" "最大时延 (ms)" }
    bytes_per_event { "bytes per event" "每事件字节数" }
    payload_per_event { "payload per event (bytes)" "每事件载荷（字节）" }
    overhead_per_event { "overhead per event (bytes)" "每事件开销（字节）" }
    on_ip { "on IP (bytes per event)" "IP 层（每事件字节数）" }
    opening { "opening (bytes per connection)" "建立连接（每连接字节数）" }
    empty_polls { "empty polls (%)" "空轮询 (%)" }
    server_cpu { "server CPU (µs per event)" "服务器 CPU（µs/事件）" }
    loadgen_cpu { "load generator CPU (µs per event)" "负载生成器 CPU（µs/事件）" }
    server_idle_cpu { "server idle CPU (µs/s)" "服务器空闲 CPU (µs/s)" }
    loadgen_idle_cpu { "load generator idle CPU (µs/s)" "负载生成器空闲 CPU (µs/s)" }
    server_memory { "server memory (KiB per client)" "服务器内存（KiB/客户端）" }
    loadgen_memory { "load generator memory (KiB per client)" "负载生成器内存（KiB/客户端）" }
    requests_per_s { "requests/s" "请求/s" }
    server_cpu_per_request { "server CPU (µs per request)" "服务器 CPU（µs/请求）" }
    loadgen_cpu_per_request { "load generator CPU (µs per request)" "负载生成器 CPU（µs/请求）" }
    silent_bytes { "silent client (bytes a minute)" "静默客户端（字节/分钟）" }
    silent_bytes_on_ip { "on IP (bytes a minute)" "IP 层（字节/分钟）" }
    silent_server_cpu { "server CPU (µs per client and minute)" "服务器 CPU（µs/客户端/分钟）" }
    silent_loadgen_cpu { "load generator CPU (µs per client and minute)" "负载生成器 CPU（µs/客户端/分钟）" }
    verdict { "verdict" "判定" }
    valid { "valid" "有效" }
    throughput_only { "closed: throughput only" "闭环：仅吞吐量" }
    silent { "silent: bytes and CPU of a client" "静默：每客户端的字节数与 CPU" }
    invalid(codes) { "✗ invalid: {codes}" "✗ 无效：{codes}" }
}
