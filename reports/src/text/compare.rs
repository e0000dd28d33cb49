//! Two results compared.

use crate::compare::{Figure, Outcome, Verdict};
use crate::lang::{Lang, catalogue};

catalogue! {
    // What two results may differ in.
    processor { "processor" "处理器" }
    architecture { "architecture" "体系结构" }
    cores { "cores" "核数" }
    machine_memory { "memory of the machine" "机器内存" }
    memory_limit { "memory limit of the control group" "控制组内存上限" }
    kernel { "kernel" "内核" }
    clock_source { "clock source" "时钟源" }
    file_limit { "open files allowed for each process" "每个进程允许打开的文件数" }
    build { "build" "构建" }
    allocator { "memory allocator" "内存分配器" }
    server_processes { "server processes" "服务器进程数" }
    loadgen_processes { "load generator processes" "负载生成器进程数" }
    version { "version" "版本" }
    commit { "commit" "提交" }
    seeds { "seeds" "随机种子" }
    caveat(name, a, b) { "{name}: {a} → {b}" "{name}：{a} → {b}" }

    // Tables.
    cell { "cell" "单元" }
    figure_head { "figure" "指标" }
    side_head(side) { "{side}: median (n)" "{side}：中位数（n）" }
    change_head { "change" "变化" }
    interval_head { "95 % interval" "95 % 区间" }
    verdict_head { "verdict" "结论" }
    caveat_head { "not comparable" "不可比" }
    bound_head { "bound" "界限" }
    outcome_head { "outcome" "结果" }
    what_head { "what" "项目" }
    range(low, high) { "{low} to {high}" "{low} 至 {high}" }
    sampled(median, n) { "{median} ({n})" "{median}（{n}）" }
    counted_verdict(verdict, a, b, needed) {
        "{verdict}: {a} and {b}, {needed} on each side are needed"
        "{verdict}：分别为 {a} 次和 {b} 次，每侧需要 {needed} 次"
    }
    left_out(verdict, a, b) {
        "{verdict} (invalid and left out: {a} in A, {b} in B)"
        "{verdict}（因无效而未计入：A {a} 次，B {b} 次）"
    }

    // Page, chart and sentences.
    title(a, b) { "Compared: {a} and {b}" "比较：{a} 与 {b}" }
    kicker(figures) { "feedbench compare · {figures}" "feedbench compare · {figures}" }
    measured(side, name, first, last) {
        "{side} is {name}, measured from {first} to {last} (UTC)."
        "{side} 为 {name}，测量于 {first} 至 {last}（UTC）。"
    }
    summary(figures, cells) { "Compared: {figures} of {cells}." "比较了 {cells}的 {figures}。" }
    tally(better, worse, neither) {
        "B is better in {better} and worse in {worse}; {neither} show no difference."
        "B 有 {better} 项更好，{worse} 项更差；{neither} 项未显示差异。"
    }
    open(figures) { "Of {figures} nothing can be said." "{figures} 项无法判断。" }
    worse_in(cell, list) { "{cell}, worse in B: {list}." "{cell}，B 更差：{list}。" }
    better_in(cell, list) { "{cell}, better in B: {list}." "{cell}，B 更好：{list}。" }
    changed(figure, change) { "{figure} {change}" "{figure} {change}" }
    too_few(cells, needed) {
        "Not enough repetitions for a 95 % interval: {cells}. With {needed} valid ones on each side there is one (--repeat)."
        "重复次数不足，没有 95 % 区间：{cells}。两侧各有 {needed} 次有效重复即可得到（--repeat）。"
    }
    repetitions(cell, a, b) { "{cell} ({a} and {b})" "{cell}（{a} 次和 {b} 次）" }
    only_in(side, cells) { "Only in {side}, and not compared: {cells}." "仅 {side} 有，未比较：{cells}。" }
    steps(records) {
        "Not compared: {records} of searches for a capacity, whose steps follow from each other."
        "未比较：容量搜索的 {records}，其各步互相依赖。"
    }
    by_chance {
        "Each interval stands by itself and covers 95 %: of a hundred figures that did not change, up to five are shown as changed."
        "每个区间单独成立，覆盖率为 95 %：一百项没有变化的指标中，最多有五项会被显示为有变化。"
    }
    not_comparable(what, cells) {
        "Not comparable, and compared even so: {what} ({cells})."
        "不可比，但仍按要求比较：{what}（{cells}）。"
    }
    invalid_cells(cells) {
        "Invalid repetitions are left out of every figure but what was lost: {cells}."
        "无效的重复不计入任何指标（丢失的事件除外）：{cells}。"
    }
    invalid_of(cell, a, all_a, b, all_b) {
        "{cell} ({a} of {all_a} in A, {b} of {all_b} in B)"
        "{cell}（A {all_a} 次中 {a} 次，B {all_b} 次中 {b} 次）"
    }
    bound_at(bound, cell, outcome, verdict) {
        "{bound}, {cell}: {outcome} ({verdict})"
        "{bound}，{cell}：{outcome}（{verdict}）"
    }
    no_cell { "no cell" "没有单元" }
    overall(outcome) { "All bounds together: {outcome}." "全部界限：{outcome}。" }
    overall_invalid(outcome) {
        "All bounds together: {outcome}, for a cell was invalid: the machine may have been disturbed."
        "全部界限：{outcome}，因为有单元无效：机器可能受到了干扰。"
    }
    /// What a region is called that stands in a section of the same name.
    table_of(title) { "{title}: table" "{title}：表" }
    drawing_of(title) { "{title}: chart" "{title}：图" }
    figures_title { "Figures" "指标" }
    bounds_title { "Bounds" "界限" }
    reading_title { "How to read it" "如何阅读" }
    what_changed_title { "Tool and seeds" "工具与种子" }
    chart_title { "B against A, every figure" "B 相对于 A 的全部指标" }
    chart_part(title, part, all) { "{title} ({part} of {all})" "{title}（{part}/{all}）" }
    chart_description {
        "For each cell, one line per figure: how many times as much B is as A, on a logarithmic axis around 1, with its 95 % interval. Left of 1 is better. Beside each line its repetitions, A above and B below, each over the median of A."
        "每个单元的每项指标一行：B 是 A 的多少倍，对数轴以 1 为中心，带 95 % 区间。1 的左侧更好。线旁为各次重复，A 在上，B 在下，均除以 A 的中位数。"
    }
    chart_axis { "B ÷ A (1 is no change; less is better)" "B ÷ A（1 为无变化；越小越好）" }
    key_a { "repetitions of A" "A 的各次重复" }
    key_b { "repetitions of B" "B 的各次重复" }
    key_estimate { "estimate with its 95 % interval" "估计值及其 95 % 区间" }
    key_no_interval { "estimate without an interval" "无区间的估计值" }
    not_drawn(list) { "Without a ratio, and so not drawn: {list}." "没有比值，因此未画出：{list}。" }
    in_cells(figure, cells) { "{figure} ({cells})" "{figure}（{cells}）" }
    caption(a, b, n) {
        "A is {a}, B is {b}; {n} valid repetitions a side. Hodges-Lehmann estimates with the 95 % interval of the rank-sum test."
        "A 为 {a}，B 为 {b}；每侧 {n} 次有效重复。Hodges-Lehmann 估计值及秩和检验的 95 % 区间。"
    }
    conditions_of_a(conditions) { "A: {conditions}." "A：{conditions}。" }
    from_a_to_b(changes) { "From A to B: {changes}." "从 A 到 B：{changes}。" }
    reading_estimate {
        "The change is the median of all ratios of a repetition of B to one of A (Hodges and Lehmann); the interval is the one that belongs to the rank-sum test of Wilcoxon, Mann and Whitney, exact for few repetitions. It covers the true ratio in 95 of 100 comparisons at least, whatever the distribution, if the repetitions are independent."
        "变化是 B 的每次重复与 A 的每次重复之比的中位数（Hodges-Lehmann）；区间对应 Wilcoxon-Mann-Whitney 秩和检验，重复次数少时为精确值。只要各次重复相互独立，无论分布如何，它在 100 次比较中至少有 95 次覆盖真实比值。"
    }
    reading_verdict {
        "Of every figure less is better. Better and worse are shown where the interval does not hold 1. No difference shown does not say that both are equal: the interval says how far they may lie apart."
        "每项指标都是越小越好。区间不含 1 时才判为更好或更差。“未显示差异”并不表示两者相等：区间说明它们可能相差多远。"
    }
    reading_repetitions {
        "Three repetitions against three have no 95 % interval, whatever they are; four against four are the fewest that always have one."
        "3 次对 3 次重复无论如何都没有 95 % 区间；两侧各 4 次是最少的。"
    }
    reading_bound {
        "A bound is passed over by a figure that is shown to be worse and whose estimate is above the bound. Where a cell was invalid nothing is taken for a regression, but events lost where nothing was disturbed."
        "只有判为更差且估计值超过界限的指标才算越界。有单元无效时，不把任何变化当作退化，除非在没有干扰时丢失了事件。"
    }
}

/// The name of a figure with the unit that tables show.
pub(crate) const fn figure(lang: Lang, figure: Figure) -> &'static str {
    match (lang, figure) {
        (Lang::En, Figure::P50) => "latency p50 (ms)",
        (Lang::En, Figure::P90) => "latency p90 (ms)",
        (Lang::En, Figure::P99) => "latency p99 (ms)",
        (Lang::En, Figure::P999) => "latency p99.9 (ms)",
        (Lang::En, Figure::Mean) => "latency mean (ms)",
        (Lang::En, Figure::Bytes) => "bytes per event",
        (Lang::En, Figure::Overhead) => "overhead per event (bytes)",
        (Lang::En, Figure::Ip) => "bytes per event on IP",
        (Lang::En, Figure::Cpu) => "server CPU (µs per event)",
        (Lang::En, Figure::LoadgenCpu) => "load generator CPU (µs per event)",
        (Lang::En, Figure::Memory) => "server memory (KiB per client)",
        (Lang::En, Figure::LoadgenMemory) => "load generator memory (KiB per client)",
        (Lang::En, Figure::Lost) => "events lost",
        (Lang::Zh, Figure::P50) => "时延 p50 (ms)",
        (Lang::Zh, Figure::P90) => "时延 p90 (ms)",
        (Lang::Zh, Figure::P99) => "时延 p99 (ms)",
        (Lang::Zh, Figure::P999) => "时延 p99.9 (ms)",
        (Lang::Zh, Figure::Mean) => "平均时延 (ms)",
        (Lang::Zh, Figure::Bytes) => "每事件字节数",
        (Lang::Zh, Figure::Overhead) => "每事件首部与分帧开销（字节）",
        (Lang::Zh, Figure::Ip) => "IP 层每事件字节数",
        (Lang::Zh, Figure::Cpu) => "服务器 CPU（每事件 µs）",
        (Lang::Zh, Figure::LoadgenCpu) => "负载生成器 CPU（每事件 µs）",
        (Lang::Zh, Figure::Memory) => "服务器内存（每客户端 KiB）",
        (Lang::Zh, Figure::LoadgenMemory) => "负载生成器内存（每客户端 KiB）",
        (Lang::Zh, Figure::Lost) => "丢失的事件数",
    }
}

/// The name of a figure without its unit, for what is a share of it.
pub(crate) fn share_of(lang: Lang, of: Figure) -> &'static str {
    let name = figure(lang, of);
    name.split(['(', '（']).next().unwrap_or(name).trim_end()
}

/// A verdict in words.
pub(crate) const fn verdict(lang: Lang, verdict: Verdict) -> &'static str {
    match (lang, verdict) {
        (Lang::En, Verdict::Better) => "better",
        (Lang::En, Verdict::Worse) => "worse",
        (Lang::En, Verdict::NoDifferenceShown) => "no difference shown",
        (Lang::En, Verdict::NotEnoughRepetitions) => "not enough repetitions",
        (Lang::En, Verdict::NotMeasured) => "not measured",
        (Lang::En, Verdict::Invalid) => "✗ invalid",
        (Lang::Zh, Verdict::Better) => "更好",
        (Lang::Zh, Verdict::Worse) => "更差",
        (Lang::Zh, Verdict::NoDifferenceShown) => "未显示差异",
        (Lang::Zh, Verdict::NotEnoughRepetitions) => "重复次数不足",
        (Lang::Zh, Verdict::NotMeasured) => "未测量",
        (Lang::Zh, Verdict::Invalid) => "✗ 无效",
    }
}

/// What a bound says, in words.
pub(crate) const fn outcome(lang: Lang, outcome: Outcome) -> &'static str {
    match (lang, outcome) {
        (Lang::En, Outcome::Passed) => "passed",
        (Lang::En, Outcome::Failed) => "failed",
        (Lang::En, Outcome::CannotTell) => "cannot tell",
        (Lang::Zh, Outcome::Passed) => "通过",
        (Lang::Zh, Outcome::Failed) => "未通过",
        (Lang::Zh, Outcome::CannotTell) => "无法判断",
    }
}
