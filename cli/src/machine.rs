//! What a record says about the machine and the tool: no host name, no user, no path.

use feedbench_record::run::{Machine, Tool};
use feedbench_wire::sys;

/// This machine. Raises this process's limit of open files on the way, as every child does for itself.
pub(crate) fn machine() -> Machine {
    let system = rustix::system::uname();
    Machine {
        kernel: format!("{} {}", system.sysname().to_string_lossy(), system.release().to_string_lossy()),
        arch: std::env::consts::ARCH.to_owned(),
        cpu: field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned()),
        cores: sys::cores::allowed().len() as u32,
        memory_bytes: field("/proc/meminfo", "MemTotal").and_then(|text| kibibytes(&text)).unwrap_or(0),
        cgroup_memory_bytes: cgroup_memory_bytes(),
        file_limit: sys::files::raise_limit(),
        clock_source: read("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
    }
}

/// This tool.
pub(crate) fn tool() -> Tool {
    let libraries = env!("FEEDBENCH_LIBRARIES").split(',').filter_map(|pair| pair.split_once('='));
    Tool {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: option_env!("FEEDBENCH_COMMIT").map(str::to_owned),
        profile: if cfg!(debug_assertions) { "debug" } else { "release" }.to_owned(),
        allocator: if cfg!(feature = "jemalloc") { "jemalloc" } else { "system" }.to_owned(),
        libraries: libraries.map(|(name, version)| (name.to_owned(), version.to_owned())).collect(),
    }
}

/// The memory limit of the control group, version 2 or 1; `None` when there is none.
fn cgroup_memory_bytes() -> Option<u64> {
    let files = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    let limit = files.iter().find_map(|file| read(file))?.parse().ok()?;
    // Version 1 says "no limit" with a number near 2^63.
    (limit < 1 << 60).then_some(limit)
}

fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(path).ok().map(|text| text.trim().to_owned())
}

/// The first value of a `name : value` file.
fn field(path: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let pairs = text.lines().filter_map(|line| line.split_once(':'));
    pairs.into_iter().find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned())
}

fn kibibytes(text: &str) -> Option<u64> {
    text.strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

#[cfg(test)]
mod tests {
    #[test]
    fn this_machine_has_cores_memory_and_files() {
        let machine = super::machine();
        assert!(machine.cores > 0 && machine.memory_bytes > 0 && machine.file_limit > 0);
        assert!(machine.kernel.starts_with("Linux "));
    }

    #[test]
    fn the_tool_names_the_libraries_it_stands_on() {
        assert!(super::tool().libraries.contains_key("hyper"));
    }
}
