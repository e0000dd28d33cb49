//! The texts of `report.html`.

use crate::lang::catalogue;

catalogue! {
    against(cell, reason) { "{cell} is invalid: {reason}" "{cell} 无效：{reason}" }
    nothing_measured { "nothing was measured" "没有测量任何数据" }
    report_at(path) { "report: {path}" "报告：{path}" }
    kicker_suite { "suite" "测试套件" }
    from_to(first, last) { "{first} to {last}" "{first} 至 {last}" }
}

catalogue! {
    figures_title { "Key figures" "关键数据" }
    figures_open { "Each transport at each point: delay, bytes, machine" "各传输方式在各测点：时延、字节、资源" }
    figures_closed { "Closed workloads: throughput only" "闭环负载：只有吞吐量" }
    transport { "transport" "传输方式" }
    figures_silent { "Silent feeds: what a client costs while nothing is published" "静默的事件源：不发布事件时一个客户端的代价" }
    verdict { "verdict" "判定" }
    valid { "valid" "有效" }
    closed_valid { "closed: throughput only" "闭环：只有吞吐量" }
    repetitions_head { "n" "n" }
    n_of(valid, all) { "{valid} of {all}" "{all} 次中 {valid} 次" }
    latency_p50 { "delivery latency, median (ms)" "投递时延，中位数 (ms)" }
    latency_p99 { "delivery latency, p99 (ms)" "投递时延，p99 (ms)" }
    bytes_total { "bytes per event, above TCP" "每事件字节数，TCP 之上" }
    bytes_ip { "bytes per event, on IP" "每事件字节数，IP 层" }
    server_cpu { "server CPU (µs per event)" "服务器 CPU（µs/事件）" }
    server_memory { "server memory (KiB per client)" "服务器内存（KiB/客户端）" }
    requests { "requests/s" "请求/s" }
    server_cpu_request { "server CPU (µs per request)" "服务器 CPU（µs/请求）" }
    loadgen_cpu_request { "load generator CPU (µs per request)" "负载生成器 CPU（µs/请求）" }
    idle_bytes { "bytes per client and minute, above TCP" "每客户端每分钟字节数，TCP 之上" }
    idle_bytes_ip { "bytes per client and minute, on IP" "每客户端每分钟字节数，IP 层" }
    idle_server_cpu { "server CPU (µs per client and minute)" "服务器 CPU（µs/客户端/分钟）" }
    silent_valid { "valid: nothing was published" "有效：未发布事件" }
    below_0 { "< 0" "< 0" }
    above_60_s { "> 60,000" "> 60,000" }
    figures_median_note {
        "Each figure is the median over the n valid repetitions of its point."
        "每个数据都是该测点 n 次有效重复的中位数。"
    }
    figures_single_note { "Each point was measured once: there is no spread." "每个测点只测量了一次，没有离散程度可言。" }
    figures_range_note {
        "(low – high) is the range of fewer than six repetitions, which is no interval."
        "（最小 – 最大）是不足六次重复的范围，不是置信区间。"
    }
    figures_interval_note(coverages) {
        "[low – high] holds the median of the distribution with a probability of {coverages} (order statistics)."
        "[下限 – 上限] 是由次序统计量得到的区间，包含分布中位数的概率为 {coverages}。"
    }
    coverage_at(percent, n) { "{percent} % at n = {n}" "{percent} %（n = {n}）" }
    figures_absent_note {
        "– was not measured, or has no delivered event to be divided by. Latency runs from the intended publish instant to the read that completed the event; bytes are in both directions."
        "– 表示未测量，或没有已投递的事件可作除数。时延从预定的发布时刻算起，到完成该事件的那次读取为止；字节数为双向之和。"
    }
    figures_invalid_note {
        "Where no repetition is valid, the figures of the invalid ones stand here, marked ✗."
        "若没有一次重复有效，则列出无效重复的数据，并标以 ✗。"
    }
    all_repetitions { "Every repetition, with all columns" "所有重复，全部列" }
    table_delivery { "Delivery and latency" "投递与时延" }
    table_bytes { "Bytes and polls" "字节与轮询" }
    table_machine { "CPU and memory" "CPU 与内存" }
    no_latency(cell, reason) { "{cell}: no delivery latency, {reason}." "{cell}：没有投递时延，{reason}。" }
}

catalogue! {
    charts_title { "Charts" "图表" }
    group_delay { "Delay" "时延" }
    group_bytes { "Bytes" "字节" }
    group_machine { "Machine" "资源" }
    group_time { "Over time" "随时间变化" }
    group_sweeps { "Sweeps" "参数扫描" }
    data_of_chart { "The data of this chart" "本图的数据" }
    data { "data" "数据" }
    legend_name { "Transports shown in all charts" "所有图中显示的传输方式" }
    legend_hint {
        "Click a transport to hide it. Point at a chart to read a value, or move into it with the tab key and use the arrow keys."
        "点击传输方式可将其隐藏。把指针移到图上可读取数值；也可用 Tab 键进入图表，再用方向键逐点读取。"
    }
    axis_name { "Axis" "坐标轴" }
}

catalogue! {
    theory_all { "Every figure with its bound" "全部指标及其允许范围" }
    theory_sentence(agrees, deviates) {
        "{agrees} figures agree with what theory expects, {deviates} deviate."
        "{agrees} 项指标与理论预期一致，{deviates} 项偏离。"
    }
}

catalogue! {
    ratios_title { "Ratios" "比值" }
    ratios_note {
        "A ratio says nothing without its quantity and its layer: the same two cells are far apart by their overhead above TCP, and close together by all bytes on IP. Only cells of the same scenario are compared, repetition by repetition; a ratio is the median of theirs."
        "比值离开它的指标和层就没有意义：同样两个单元，按 TCP 之上的开销相差悬殊，按 IP 层的全部字节却相差不大。只比较同一场景的单元，逐次重复相比，比值取其中位数。"
    }
}

catalogue! {
    verdicts_title { "Verdicts" "判定" }
    the_cell_is_valid { "The cell is valid: there is no reason against it." "该单元有效：没有任何理由否定它。" }
    all_cells_are_valid(total) {
        "All {total} cells are valid: there is no reason against any of them."
        "全部 {total} 个单元有效：没有任何理由否定其中之一。"
    }
    one_cell_is_invalid { "0 of 1 cell is valid." "1 个单元中 0 个有效。" }
    some_cells_are_valid(valid, total) { "{valid} of {total} cells are valid." "{total} 个单元中 {valid} 个有效。" }
    integrity { "Integrity" "完整性" }
    timing { "Timing" "时序" }
    classes_note {
        "A reason of integrity says that what was sent is not what arrived. A reason of timing says that the machine or the load generator was too slow or disturbed, so that the figures may not be the transport's."
        "完整性理由表示收到的与发出的不一致。时序理由表示机器或负载生成器太慢或受到干扰，因此数据可能并非传输方式本身的表现。"
    }
    gates_title { "How near the bounds" "距界限有多近" }
    gates_note {
        "What exceeds its bound is a reason of timing against its cell. A bound may depend on the cell: the one shown is that of the cell named."
        "超出界限即构成否定该单元的时序理由。界限可能因单元而异：所示为所列单元的界限。"
    }
}

catalogue! {
    agreement_title { "Do the byte counts agree?" "各处的字节计数一致吗？" }
    agreement_what {
        "A connection's bytes are compared between both ends, where feedbench ran the server, and with the kernel's count of them."
        "逐个连接比较两端的字节计数（服务器由 feedbench 运行时），并与内核的计数比较。"
    }
    agreement_all(connections, kernel) {
        "They agree everywhere: {connections} connections end with end, {kernel} with the kernel."
        "处处一致：两端比较了 {connections} 个连接，与内核比较了 {kernel} 个。"
    }
    agreement_differs(differences) { "There are differences: {differences}." "存在差异：{differences} 处。" }
    agreement_table { "Cell by cell" "逐个单元" }
    agreement_ends { "connections compared, end with end" "两端比较的连接数" }
    agreement_kernel { "compared with the kernel" "与内核比较" }
    agreement_excluded { "left out (reset or cut off)" "未计入（被重置或中断）" }
    agreement_differences { "differences" "差异" }
    differences_of(cell, list) { "{cell}, differences: {list}" "{cell}，差异：{list}" }
    left_out_of(cell, list) { "{cell}, left out: {list}" "{cell}，未计入：{list}" }
    and_more(number) { "and {number} more" "另有 {number} 处" }
}

catalogue! {
    scenario_title { "Scenario" "场景" }
    machine_title { "Machine and versions" "机器与版本" }
    processor { "processor" "处理器" }
    cores { "cores" "核数" }
    memory { "memory" "内存" }
    memory_limit { "memory limit of the control group" "控制组的内存上限" }
    kernel { "kernel" "内核" }
    clock_source { "clock source" "时钟源" }
    open_files { "open files allowed for each process" "每个进程允许打开的文件数" }
    processes { "processes" "进程" }
    tool_version { "version of feedbench" "feedbench 的版本" }
    commit { "commit" "提交" }
    build { "build" "构建" }
    allocator { "memory allocator" "内存分配器" }
    libraries { "libraries" "库" }
    measured_at { "measured" "测量时间" }
}

catalogue! {
    method_title { "How it was measured" "测量方法" }
    method_cell {
        "A cell is one transport at one point of the scenario. It has fresh processes, and only one cell runs at a time. Ramp, warm-up, measurement window and drain follow one another; an event belongs to the window if its intended publish instant does."
        "一个单元是一种传输方式在场景的一个测点上的一次测量。每个单元使用全新的进程，任何时刻只运行一个单元。依次为建立连接、预热、测量窗口和排空；预定发布时刻落在窗口内的事件属于该窗口。"
    }
    method_swept(number) {
        "Up to {number} points have a line, a bar or a panel each; of more, the charts along what varies stand alone, and the tables have every point."
        "点数不超过 {number} 时，每个点有自己的线、条或小图；更多时只有沿变化量的图，表格中仍有每一个点。"
    }
    method_once { "Each point was measured once." "每个测点测量了一次。" }
    method_repeated(numbers) { "Each point was measured {numbers} times, every time with processes of its own." "每个测点测量了 {numbers} 次，每次都使用各自的进程。" }
    method_interleaved {
        "The repetitions were interleaved (A B C A B C): each point was measured once before any was measured again, so that a slow drift of the machine meets all of them alike."
        "各次重复交错进行（A B C A B C）：所有测点都测过一遍之后才开始下一遍，因此机器的缓慢漂移对它们影响相同。"
    }
    method_not_interleaved {
        "By their starts the repetitions were not interleaved: a drift of the machine may meet one point more than another."
        "从开始时刻看，各次重复没有交错进行：机器的漂移对各测点的影响可能不同。"
    }
    method_median {
        "A figure is the median over the valid repetitions: never the best of them, and no mean, which one disturbed run can move at will. An invalid repetition is shown as a marked dot and does not count."
        "数据取各次有效重复的中位数：从不取最好的一次，也不取均值，因为一次受干扰的测量就能任意改变均值。无效的重复以带标记的点示出，不参与计算。"
    }
    method_interval {
        "From six repetitions on there is an interval by order statistics: of n independent values, the number below the median of their distribution is binomial (n, 1/2), whatever the distribution; so the k-th smallest and the k-th largest hold that median between them with a probability that follows from n and k. The largest k that covers 95 % is taken. At six, the smallest and the largest value cover 96.9 %."
        "重复六次及以上时，由次序统计量给出区间：n 个独立的值中，小于其分布中位数的个数服从二项分布 (n, 1/2)，与分布的形状无关；因此第 k 小与第 k 大的值以由 n 和 k 决定的概率包含该中位数。取覆盖率不低于 95 % 的最大 k。六次重复时，最小值与最大值的覆盖率为 96.9 %。"
    }
    method_range {
        "Fewer repetitions have their range and no interval: the smallest and the largest of three would cover 75 %, of five 93.8 %."
        "重复次数更少时只给出范围而不给出区间：三次重复的最小值与最大值只覆盖 75 %，五次为 93.8 %。"
    }
}

catalogue! {
    cite_title { "How to cite" "如何引用" }
    cite_note {
        "The hash is taken over the records of this report, in whatever order they are: the same records have the same hash."
        "散列值由本报告的全部记录计算得出，与记录的次序无关：相同的记录有相同的散列值。"
    }
    cite_hash { "SHA-256 of the records" "全部记录的 SHA-256" }
    cite_entry { "Entry for BibTeX" "BibTeX 条目" }
}

catalogue! {
    limits_title { "How to read it, and its limits" "如何阅读，及其局限" }
    limit_latency { "Latency" "时延" }
    limit_latency_text {
        "runs from the instant at which an event was to be published to the read that completed it at its client. What a late publisher adds is in it. Only events whose instant lies in the measurement window count."
        "从事件预定的发布时刻算起，到客户端完成该事件的那次读取为止，发布滞后也包含在内。只计入预定时刻落在测量窗口内的事件。"
    }
    limit_bytes { "Bytes per event" "每事件字节数" }
    limit_bytes_text {
        "are all bytes above TCP, in both directions and over the whole cell, without the heads that open a pushed connection, over the events delivered in the whole cell. Payload is the event's text; overhead is the rest. Headers of TCP and IP are not in it; on IP they are, as the client's kernel counted segments, without those that open and close a connection that is kept."
        "是整个单元内 TCP 之上双向的全部字节（不含打开推送连接的首部），除以整个单元内投递的事件数。载荷是事件的文本，其余为开销。其中不含 TCP 和 IP 首部；IP 层的数值则包含它们，按客户端内核统计的报文段计算，不含打开和关闭长期连接的报文段。"
    }
    limit_layers { "Layers" "层" }
    limit_layers_text {
        "divide the bytes: every byte above TCP belongs to exactly one, in its direction. Event framing is what wraps an event (brackets and commas, data: lines, script elements, the head of a frame); body framing is that of chunks; control is what carries no event."
        "划分字节：TCP 之上的每个字节在其方向上恰好属于一层。事件分帧是包裹事件的部分（方括号和逗号、data: 行、script 元素、帧的首部）；正文分帧是分块传输的部分；控制是不携带事件的部分。"
    }
    limit_computed { "Computed figures" "计算值" }
    limit_computed_text {
        "(an idle client's minute, a session) say from which measured parts; they were not measured themselves."
        "（空闲客户端的一分钟、一次会话）都注明由哪些测量值算出；它们本身没有被测量。"
    }
    limit_cpu { "CPU per event" "每事件 CPU" }
    limit_cpu_text {
        "is the CPU time of all processes of one side between the window's start and its end, over the events of the window that were delivered. Idle CPU was taken while all clients were connected and nothing was published."
        "是一侧所有进程从窗口开始到结束的 CPU 时间，除以窗口内已投递的事件数。空闲 CPU 是在所有客户端均已连接而没有发布事件时测得的。"
    }
    limit_memory { "Memory per client" "每客户端内存" }
    limit_memory_text {
        "is the growth of resident memory from before the first connection to the window's end, over the clients. The kernel's memory is not in it."
        "是常驻内存从第一个连接建立之前到窗口结束的增量，除以客户端数，不含内核占用的内存。"
    }
    limit_loopback { "Loopback" "环回" }
    limit_loopback_text {
        "means that both sides ran on one machine. The receiver's TCP work then runs inside the sender's write call, so the server's system time includes some of the clients'. No real network is in the figures."
        "表示两侧运行在同一台机器上。此时接收方的 TCP 处理在发送方的写调用中进行，因此服务器的系统时间包含了客户端的一部分。数据中没有真实网络的影响。"
    }
    limit_invalid { "An invalid cell" "无效单元" }
    limit_invalid_text {
        "is marked ✗ and stays in every table and chart: it is neither dropped nor passed off as valid."
        "以 ✗ 标记，并保留在每个表和图中：既不删除，也不冒充有效。"
    }
    limit_beyond { "Beyond 60 s" "超过 60 s" }
    limit_beyond_text { "a latency is counted but not told apart." "的时延会被计数，但不再区分大小。" }
}

catalogue! {
    leap_title { "Lubbers and Greco, 2010: published, recomputed, measured" "Lubbers 与 Greco，2010：发表值、重算值、测量值" }
    leap_lead {
        "\"HTML5 Web Sockets: A Quantum Leap in Scalability for the Web\" compares polling each second with WebSocket by the overhead of their messages. Here stand what it printed, the same recomputed from its heads and frames, and what these cells measured."
        "《HTML5 Web Sockets: A Quantum Leap in Scalability for the Web》以消息的开销比较每秒一次的轮询与 WebSocket。下面并列其发表的数值、由其首部和帧重新计算的数值，以及这些单元的测量值。"
    }
    leap_why { "Why the figures differ" "数值为何不同" }
}

catalogue! {
    capacity_title { "Capacity" "容量" }
    capacity_steps { "Every step" "每一步" }
    capacity_note {
        "A search tries more until a step misses the objective, or less until one holds, and then the middle between both. A step is a cell with an open workload, as any other, so it has a delivery latency and a verdict of its own; steps stand in no chart or table of figures beside other cells. Disturbed is a step in which the load generator or the machine was the limit: it is measured once more before it counts."
        "搜索先逐步加大直到某一步未达到目标，或逐步减小直到某一步达到目标，然后取两者的中间值。每一步与其他单元一样是开环负载的单元，有自己的投递时延和判定；这些步骤不与其他单元列在同一图表中。若某一步的瓶颈是负载生成器或机器，则称为受扰：计入之前再测一次。"
    }
}

catalogue! {
    interrupted_notice(cells, list) { "Interrupted: {cells} stopped before the end ({list})." "已中断：{cells}在结束前停止（{list}）。" }
    one_cell_invalid(cells, list) {
        "1 of {cells} is invalid ({list}): marked ✗ everywhere, with the reasons under Verdicts."
        "{cells}中有 1 个无效（{list}）：处处以 ✗ 标记，理由见“判定”一节。"
    }
    cells_invalid(invalid, total, list) {
        "{invalid} of {total} cells are invalid ({list}): marked ✗ everywhere, with the reasons under Verdicts."
        "{total} 个单元中有 {invalid} 个无效（{list}）：处处以 ✗ 标记，理由见“判定”一节。"
    }
    closed_notice(list) {
        "Closed: throughput only ({list}): each answer brought the next request, so these cells stand in no chart or table of delay, bytes or CPU of an event."
        "闭环：只有吞吐量（{list}）：每个响应引出下一个请求，因此这些单元不出现在时延、字节或每事件 CPU 的图表中。"
    }
    reduced_notice(asked, clients, pairs) {
        "{asked} clients were asked for; this machine and version hold {clients} in {pairs}, and so many were measured."
        "要求 {asked} 个客户端；这台机器和这个版本以 {pairs}可承载 {clients} 个，实际测量的就是这么多。"
    }
    machines_notice(number) {
        "The cells were measured on {number} machines: figures of different machines do not compare transports."
        "这些单元在 {number} 台机器上测量：不同机器的数据不能用来比较传输方式。"
    }
    unoptimised_notice(cells) {
        "{cells} measured with a build that is not optimised: CPU and latency are too high."
        "{cells}由未优化的构建测得：CPU 和时延偏高。"
    }
}
