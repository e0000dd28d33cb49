//! Machine and versions, and when it was measured.

use crate::conditions::distinct;
use crate::lang::Lang;
use crate::number::{grouped, memory};
use crate::set::Item;
use crate::table::ABSENT;
use crate::text::page as text;
use crate::words;

/// From the first start to the last one.
pub(super) fn measured(items: &[Item<'_>], lang: Lang) -> String {
    let starts = || items.iter().map(|item| item.record.started_at.as_str());
    match (starts().min(), starts().max()) {
        (Some(first), Some(last)) if first != last => text::from_to(lang, first, last),
        (Some(first), _) => first.to_owned(),
        (None, _) => ABSENT.to_owned(),
    }
}

/// Name by name, with every value that occurs.
pub(super) fn of(items: &[Item<'_>], lang: Lang) -> Vec<(&'static str, String)> {
    let values = |value: &dyn Fn(&Item<'_>) -> String| distinct(items.iter().map(value)).join("; ");
    let optional = |value: Option<String>| value.unwrap_or(ABSENT.to_owned());
    vec![
        (text::processor(lang), values(&|item| item.record.machine.cpu.clone())),
        (text::cores(lang), values(&|item| item.record.machine.cores.to_string())),
        (text::memory(lang), values(&|item| memory(item.record.machine.memory_bytes))),
        (text::memory_limit(lang), values(&|item| optional(item.record.machine.cgroup_memory_bytes.map(memory)))),
        (text::kernel(lang), values(&|item| format!("{} ({})", item.record.machine.kernel, item.record.machine.arch))),
        (text::clock_source(lang), values(&|item| optional(item.record.machine.clock_source.clone()))),
        (text::open_files(lang), values(&|item| grouped(item.record.machine.file_limit))),
        (text::processes(lang), words::processes(items, lang)),
        (text::tool_version(lang), values(&|item| item.record.tool.version.clone())),
        (text::commit(lang), values(&|item| optional(item.record.tool.commit.clone()))),
        (text::build(lang), values(&|item| item.record.tool.profile.clone())),
        (text::allocator(lang), values(&|item| item.record.tool.allocator.clone())),
        (text::libraries(lang), values(&libraries)),
        (text::measured_at(lang), measured(items, lang)),
    ]
}

fn libraries(item: &Item<'_>) -> String {
    let libraries = &item.record.tool.libraries;
    libraries.iter().map(|(name, version)| format!("{name} {version}")).collect::<Vec<_>>().join(", ")
}
