//! What was chosen for a cell: names and values.

use crate::lang::catalogue;

catalogue! {
    clients { "clients" "客户端数" }
    clients_reduced(clients, asked) { "{clients} ({asked} were asked for)" "{clients}（要求 {asked}）" }
    clients_short(clients) { "{clients} clients" "{clients} 个客户端" }
    clients_reduced_short(clients, asked) { "{clients} of {asked} clients" "{asked} 个客户端中的 {clients} 个" }
    part { "part of the cell" "单元的部分" }
    whole { "all of it" "全部" }
    whole_short { "whole" "整体" }
    shard(number, of) { "shard {number} of {of}" "第 {number}/{of} 分片" }
    shard_of(shard, clients) { "{shard}, of {clients} clients" "{shard}，共 {clients} 个客户端" }
    rate { "offered rate" "发布速率" }
    rate_value(rate) { "{rate} events/s on each topic" "每个主题 {rate} 个事件/s" }
    rate_short(rate) { "{rate} events/s" "{rate} 个事件/s" }
    arrivals { "arrivals" "到达过程" }
    poisson { "Poisson" "泊松" }
    fixed { "equal gaps" "等间隔" }
    seed { "seed" "随机种子" }
    seed_short(seed) { "seed {seed}" "种子 {seed}" }
    fan_out { "fan-out" "扇出" }
    broadcast { "broadcast" "广播" }
    rooms(number) { "rooms={number}" "{number} 个房间" }
    unicast { "unicast" "单播" }
    source { "source of the events" "事件来源" }
    synthetic { "synthetic" "合成" }
    replay_own_pace(name) { "replay of {name} at its own pace" "按原有节奏回放 {name}" }
    replay_faster(name, speed) { "replay of {name}, {speed} times faster" "以 {speed} 倍速回放 {name}" }
    replay_at_rate(name) { "replay of {name} at the offered rate" "按发布速率回放 {name}" }
    standard_input { "standard input" "标准输入" }
    payload { "payload" "载荷" }
    bytes(number) { "{number} bytes" "{number} 字节" }
    payload_short(number) { "payload {number} bytes" "载荷 {number} 字节" }
    interval { "poll interval" "轮询间隔" }
    interval_short(interval) { "interval {interval}" "间隔 {interval}" }
    no_interval { "none: each answer brings the next request" "无：收到响应即发出下一个请求" }
    no_interval_short { "no interval" "无间隔" }
    phases { "phases of the polls" "轮询相位" }
    phases_none { "none" "无" }
    phases_same { "the same for every client" "所有客户端相同" }
    phases_same_short { "synchronised" "同步" }
    phases_spread { "spread over the interval" "分散在间隔内" }
    phases_spread_short { "spread" "分散" }
    hold { "hold time of a long poll" "长轮询保持时间" }
    hold_short(hold) { "hold {hold}" "保持 {hold}" }
    heartbeat { "heartbeat after a silence of" "静默多久后发送心跳" }
    heartbeat_short(heartbeat) { "heartbeat {heartbeat}" "心跳 {heartbeat}" }
    recycle { "streams ended by the server" "服务器结束流" }
    never { "never" "从不" }
    after_bytes(bytes) { "after {bytes} bytes" "{bytes} 字节后" }
    after(time) { "after {time}" "{time} 后" }
    recycle_short(when) { "recycled {when}" "流{when}重建" }
    frames { "WebSocket frames" "WebSocket 帧" }
    binary { "binary" "二进制" }
    text { "text" "文本" }
    frames_short(kind) { "{kind} frames" "{kind}帧" }
    slow_readers { "slow readers" "慢速读者" }
    the_history { "the history" "历史" }
    events(number) { "{number} events" "{number} 个事件" }
    miss(queue) { "miss what is beyond {queue}" "错过超出{queue}的事件" }
    drop(queue) { "are dropped beyond {queue}" "落后超出{queue}时断开" }
    slow_readers_short(policy) { "slow readers {policy}" "慢速读者：{policy}" }
    rtt { "emulated round-trip time" "模拟往返时延" }
    none { "none" "无" }
    rtt_short(rtt) { "RTT {rtt}" "RTT {rtt}" }
    jitter { "jitter of a transit" "单程时延抖动" }
    jitter_value(jitter) { "± {jitter}, uniform" "± {jitter}，均匀分布" }
    jitter_short(jitter) { "jitter {jitter}" "抖动 {jitter}" }
    bandwidth { "bandwidth of a connection, each way" "每个连接的单向带宽" }
    not_limited { "not limited" "不限" }
    bandwidth_short(rate) { "bandwidth {rate}" "带宽 {rate}" }
    mss { "maximum segment size" "最大报文段长度" }
    of_loopback { "that of loopback" "同回环接口" }
    mss_short(size) { "MSS {size}" "MSS {size}" }
    protocol { "protocol" "协议" }
    sharing { "clients that share a connection" "共用一个连接的客户端数" }
    sharing_none { "none: a connection each" "无：各用一个连接" }
    sharing_short(number) { "{number} a connection" "每连接 {number} 个客户端" }
    tls { "TLS" "TLS" }
    with_tls { "TLS" "TLS" }
    no_tls { "no TLS" "无 TLS" }
    resumption { "TLS sessions resumed" "TLS 会话恢复" }
    resumption_short { "sessions resumed" "恢复会话" }
    no_resumption_short { "full handshakes" "完整握手" }
    compression { "compression of what the server sends" "服务器所发内容的压缩" }
    per_event { "each event by itself" "逐事件" }
    per_connection { "with what the connection carried before" "沿用连接的上下文" }
    compression_short(how) { "compression: {how}" "压缩：{how}" }
    headers { "header profile" "首部配置" }
    headers_short(profile) { "headers {profile}" "首部 {profile}" }
    cookie { "cookie" "Cookie" }
    cookie_short(cookie) { "cookie {cookie}" "Cookie {cookie}" }
    connection { "connection after a poll" "轮询后的连接" }
    client { "clients of the load generator" "负载生成器的客户端" }
    lean { "lean" "精简" }
    reference { "reference" "参考" }
    client_short(kind) { "{kind} clients" "{kind}客户端" }
    warm_up { "warm-up" "预热" }
    warm_up_short(time) { "warm-up {time}" "预热 {time}" }
    window { "measurement window" "测量窗口" }
    window_short(time) { "window {time}" "窗口 {time}" }
    idle { "idle time before the warm-up" "预热前的空闲时间" }
    idle_short(time) { "idle {time}" "空闲 {time}" }
    ramp { "ramp" "建立连接" }
    ramp_value(number) { "at most {number} connects/s a process" "每个进程每秒至多 {number} 个连接" }
    ramp_short(number) { "ramp {number}/s" "建连 {number}/s" }
    pinning { "pinning" "绑核" }
    pinned { "each side on its own half of the cores" "双方各占一半的核" }
    pinned_short { "pinned" "绑核" }
    not_pinned_short { "not pinned" "未绑核" }
}
