//! Charts of latency, of time and of a session, and how they tell of repetitions.

use crate::lang::catalogue;

catalogue! {
    logarithmic { "logarithmic" "对数" }
    linear { "linear" "线性" }

    // Columns of the data.
    point { "transport and point" "传输方式与测量点" }
    percentile { "percentile" "百分位" }
    deliveries { "deliveries" "投递数" }
    second { "second" "秒" }
    median(unit) { "median ({unit})" "中位数（{unit}）" }
    low(unit) { "low ({unit})" "下界（{unit}）" }
    high(unit) { "high ({unit})" "上界（{unit}）" }
    theory(unit) { "theory ({unit})" "理论值（{unit}）" }
    low_and_high_are { "low and high are" "上下界的含义" }
    repetitions { "repetitions" "重复次数" }
    one_repetition(number, unit) { "r{number} ({unit})" "第 {number} 次（{unit}）" }
    invalid_repetitions { "invalid, not counted" "无效、未计入" }
    interval_of(coverage) { "interval, {coverage} %" "{coverage} % 区间" }
    range { "range" "极差范围" }

    // What a pointer reads.
    reading(name, value, unit) { "{name}: {value} {unit}" "{name}：{value} {unit}" }
    reading_interval(low, high, unit, coverage, n) {
        ", {coverage} % interval {low} to {high} {unit}, n = {n}"
        "，{coverage} % 区间 {low} 至 {high} {unit}，n = {n}"
    }
    reading_range(low, high, unit, n) {
        ", range {low} to {high} {unit}, n = {n}"
        "，范围 {low} 至 {high} {unit}，n = {n}"
    }
    reading_alone { ", n = 1" "，n = 1" }
    reading_theory(value, unit) { ", theory {value} {unit}" "，理论值 {value} {unit}" }
    reading_second(second, figures) { "second {second}: {figures}" "第 {second} 秒：{figures}" }

    // How the repetitions are drawn.
    from_to(low, high) { "{low} to {high}" "{low} 至 {high}" }
    repetitions_interval(n) {
        "Lines are medians over {n} valid repetitions, bands their intervals from order statistics (at least 95 %); dots are the repetitions, hollow where invalid and not counted."
        "线为 {n} 次有效重复的中位数，色带为次序统计量给出的区间（至少 95 %）；点为各次重复，空心者无效、不计入。"
    }
    repetitions_range(n, fewest) {
        "Lines are medians over {n} valid repetitions, bands their range: an interval needs {fewest}; dots are the repetitions, hollow where invalid and not counted."
        "线为 {n} 次有效重复的中位数，色带为其范围：区间至少需要 {fewest} 次；点为各次重复，空心者无效、不计入。"
    }
    repetitions_mixed(n, fewest) {
        "Lines are medians over {n} valid repetitions, bands their intervals from order statistics (at least 95 %), or their range where there are fewer than {fewest}; dots are the repetitions, hollow where invalid and not counted."
        "线为 {n} 次有效重复的中位数，色带为次序统计量给出的区间（至少 95 %），少于 {fewest} 次时为其范围；点为各次重复，空心者无效、不计入。"
    }

    // Latency.
    latency_axis(form) { "delivery latency (ms, {form})" "投递时延（ms，{form}）" }
    percentile_axis { "percentile of the deliveries (%)" "投递的百分位（%）" }
    percentile_title { "Delivery latency by percentile" "投递时延的百分位" }
    percentile_description(x, y) {
        "One line for each transport at each point. Left to right: {x}, as far as there are deliveries, each further nine as long as the one before: so many of the deliveries took at most as long as the line is high. Bottom to top: {y}, from the intended publish instant to the delivery."
        "每种传输方式的每个测量点一条线。从左到右：{x}，到投递数所能支持之处为止，每多一个 9 长度相同：有这么多的投递所用时间不超过线的高度。从下到上：{y}，从计划的发布时刻到投递。"
    }
    share_axis { "share of the deliveries (%)" "投递的比例（%）" }
    distribution_title { "Delivery latency as cumulative distribution" "投递时延的累积分布" }
    distribution_description(x, y) {
        "One line for each transport at each point. Left to right: {x}, from the intended publish instant to the delivery. Bottom to top: {y} that took at most so long."
        "每种传输方式的每个测量点一条线。从左到右：{x}，从计划的发布时刻到投递。从下到上：所用时间不超过该值的{y}。"
    }
    spread_title { "Spread of the delivery latency" "投递时延的离散程度" }
    spread_description(x) {
        "A box with whiskers for each transport at each point. Left to right: {x}, from the intended publish instant to the delivery. The box goes from p25 to p75 with a line at the median, the whiskers from p1 to p99."
        "每种传输方式的每个测量点一个箱线图。从左到右：{x}，从计划的发布时刻到投递。箱体为 p25 至 p75，箱内的线为中位数，须线为 p1 至 p99。"
    }
    spread_key_box { "box: p25 to p75" "箱体：p25 至 p75" }
    spread_key_median { "line: median (p50)" "线：中位数（p50）" }
    spread_key_whiskers { "whiskers: p1 to p99" "须线：p1 至 p99" }
    spread_key_dots { "dots: medians of the repetitions" "点：各次重复的中位数" }
    spread_key_theory { "thin line above: theory, p1, p50 and p99" "上方细线：理论值 p1、p50 和 p99" }
    spread_repetitions {
        "Every part of a box is the median over the valid repetitions; hollow dots are invalid and not counted."
        "箱线图的每个部分均为有效重复的中位数；空心点为无效重复，不计入。"
    }
    deliveries_of_one(deliveries) { "{deliveries} deliveries" "{deliveries} 次投递" }
    deliveries_of_more(deliveries, n) { "≥ {deliveries} deliveries, n = {n}" "≥ {deliveries} 次投递，n = {n}" }
    no_latency(label, reason) { "{label}: no latency, {reason}." "{label}：没有时延数据，{reason}。" }
    no_latency_of_some(label, some, of, reason) {
        "{label}: no latency in {some} of {of} repetitions, {reason}."
        "{label}：{of} 次重复中有 {some} 次没有时延数据，{reason}。"
    }
    nothing_delivered { "nothing was delivered" "没有投递" }
    no_reason { "no reason given" "未给出原因" }
    outside(label, number) {
        "{label}: {number} deliveries outside 0 to 60 s."
        "{label}：{number} 次投递在 0 至 60 s 之外。"
    }
    nothing { "nothing to draw for any of these cells" "这些单元都没有可绘制的数据" }
    theory_note {
        "Thin dark lines: what theory expects, from the scenario and the measured CPU time."
        "深色细线：由场景和实测 CPU 时间推得的理论值。"
    }

    // Over time.
    time_axis { "time since the window's start (s)" "测量窗口开始后的时间（s）" }
    seconds_latency_axis { "latency (ms, logarithmic)" "时延（ms，对数）" }
    deliveries_axis { "deliveries (1/s)" "投递（1/s）" }
    bytes_axis { "bytes above TCP (kB/s)" "TCP 之上的字节（kB/s）" }
    latency_over_time { "Latency over time" "时延随时间的变化" }
    deliveries_over_time { "Deliveries over time" "投递随时间的变化" }
    bytes_over_time { "Bytes over time" "字节随时间的变化" }
    panels(x, y) {
        "A small chart for each transport at each point, all with the same axes. Left to right: {x}. Bottom to top: {y}."
        "每种传输方式的每个测量点一幅小图，坐标轴相同。从左到右：{x}。从下到上：{y}。"
    }
    panel_latency {
        "The thick line is the median (p50) of the deliveries of each second, the thin line their 99th percentile (p99)."
        "粗线为每秒投递的中位数（p50），细线为第 99 百分位（p99）。"
    }
    panel_deliveries { "All clients of the cell together." "单元内所有客户端合计。" }
    panel_bytes {
        "Both directions, all clients of the cell together, at the load generator's sockets; 1 kB is 1,000 bytes."
        "双向，单元内所有客户端合计，在负载生成器的套接字上计数；1 kB 为 1,000 字节。"
    }
    panel_repetitions {
        "One valid repetition is drawn in full, the others thin and faint, invalid ones dashed: each has arrivals of its own, so a second of one is not that second of another."
        "完整绘出一次有效重复，其余为浅色细线，无效的为虚线：各次重复的事件到达时刻不同，不能逐秒对应。"
    }
    after_window { "after the window's end" "测量窗口结束之后" }
    panel_grey { "Grey: after the window's end." "灰色：测量窗口结束之后。" }
    no_seconds(labels) { "No figures second by second: {labels}." "没有逐秒数据：{labels}。" }
    no_bytes(labels) { "Bytes were not counted second by second: {labels}." "未逐秒统计字节：{labels}。" }

    // Of a session.
    session_title { "Bytes of one client over its session" "单个客户端在会话中的累计字节数" }
    session_x { "time since the client connected (s, logarithmic)" "客户端连接后的时间（s，对数）" }
    session_y { "so far, above TCP (bytes, logarithmic)" "累计，TCP 之上（字节，对数）" }
    session_description(x, y) {
        "One line for each transport at each point. Left to right: {x}. Bottom to top: what one client has cost {y}, both directions. A ring stands where a pushed transport falls below one that polls."
        "每种传输方式的每个测量点一条线。从左到右：{x}。从下到上：单个客户端的字节数，{y}，双向。圆圈处，推送类传输方式开始低于轮询类。"
    }
    session_crossing(at, bytes, pushed, polls) {
        "{at} s, {bytes} bytes: from here on {pushed} costs less than {polls}."
        "{at} s，{bytes} 字节：此后“{pushed}”的开销低于“{polls}”。"
    }
    session_more(number) { "{number} more, in the data of this chart." "另有 {number} 处，见本图的数据。" }
    session_assumed {
        "Measured: what opens a connection, and the bytes of the window for each client and second. Assumed: that every second costs as much as those of the window, and that nobody has to connect again. Lines, not steps; without the headers and handshakes of TCP and IP."
        "实测：建立连接的字节，以及测量窗口内每个客户端每秒的字节。假定：此后每一秒与测量窗口内相同，且无需重新连接。画成直线而非阶梯；不含 TCP 和 IP 的首部与握手。"
    }
    session_repetitions(n) {
        "The measured figures are medians over {n} valid repetitions."
        "实测值为 {n} 次有效重复的中位数。"
    }
    session_none(labels) { "Not measured: {labels}." "未测量：{labels}。" }
    session_opening { "opening handshake, measured" "建立握手（实测）" }
    session_second { "a second of the window, measured" "窗口内每秒（实测）" }
    session_after(time) { "after {time}, computed" "{time} 后（计算）" }
    session_figure { "figure" "指标" }
    session_less { "computed: costs less than" "计算：开销低于" }
    session_from(polls, at) { "{polls} from {at} s on" "{polls}（{at} s 起）" }
    bytes_unit { "bytes" "字节" }
    minutes(number) { "{number} min" "{number} min" }
}
