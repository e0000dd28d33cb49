//! The texts of the table of gates.

use feedbench_record::gates::Gate;

use crate::lang::{Lang, catalogue};

catalogue! {
    what { "what was watched" "监测项" }
    figure { "figure" "数值" }
    bound { "bound" "上限" }
    nearest { "in the cell nearest to it" "最接近上限的单元" }
}

/// What a gate watches.
pub(crate) fn name(lang: Lang, gate: &Gate) -> &'static str {
    match lang {
        Lang::En => gate.name,
        Lang::Zh => chinese(gate.name),
    }
}

/// A gate is known by its English name, which the record's crate gives it; a test looks at each.
fn chinese(name: &'static str) -> &'static str {
    match name {
        "publish lag (p99)" => "发布滞后 (p99)",
        "worker lag (p99)" => "工作线程读取滞后 (p99)",
        "lag of the workers' timers (p99)" => "工作线程定时器滞后 (p99)",
        "error of the distance (p99)" => "往返时延模拟的误差 (p99)",
        "error of the distance in a fan-out (p99)" => "扇出时往返时延模拟的误差 (p99)",
        "use of the line to a client" => "到客户端线路的占用率",
        "poll lateness (p99)" => "轮询迟到 (p99)",
        "polls skipped" => "跳过的轮询",
        "CPU of the load generator's cores" => "负载生成器所用核的 CPU",
        "CPU of the server's cores" => "服务器所用核的 CPU",
        "others' CPU on the load generator's cores" => "其他程序在负载生成器核上的 CPU",
        "others' CPU on the server's cores" => "其他程序在服务器核上的 CPU",
        "CPU taken by the host" => "被宿主机占用的 CPU",
        "time throttled" => "被限流的时间",
        "packets dropped at a full queue" => "队列满而丢弃的数据包",
        "connections without a free port" => "没有空闲端口的连接",
        "segments sent again" => "重传的报文段",
        "step of the wall clock" => "系统时钟的跳变",
        "time suspended" => "挂起的时间",
        "deviation of the clock's rate" => "时钟速率的偏差",
        "time that tasks waited for memory" => "任务等待内存的时间",
        "pages read back from swap" => "从交换区读回的页",
        "times at the group's memory limit" => "触及控制组内存上限的次数",
        "processes killed for memory" => "因内存不足被终止的进程",
        "load generator's pages from the disk" => "负载生成器从磁盘读取的页",
        "server's pages from the disk" => "服务器从磁盘读取的页",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use feedbench_record::Transport;
    use feedbench_record::gates::gates;

    use super::*;
    use crate::fixture;

    #[test]
    fn every_gate_has_a_chinese_name() {
        let far = |transport| {
            let mut record = fixture::record(transport);
            record.histograms.link_error = Some(record.histograms.connect_time.clone());
            record.scenario.bandwidth_bits_per_s = Some(1_000_000);
            record
        };
        for gate in Transport::ALL.map(far).iter().flat_map(gates) {
            assert_ne!(name(Lang::Zh, &gate), gate.name);
        }
    }
}
