//! The control group of this process, in version 2 and version 1 of the interface: its own files and those of the groups
//! around it, whose limits hold for it too. In a container the files of the group lie at the top.

use std::path::{Path, PathBuf};

/// A file of this group and of every group around it, the innermost first.
pub(crate) fn files(controller: &str, name: &str) -> Vec<String> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let folders = folders(&groups, controller);
    folders.iter().filter_map(|folder| std::fs::read_to_string(folder.join(name)).ok()).collect()
}

/// Where the files of a controller may be, by the lines `number:controllers:path` of cgroups(7).
fn folders(groups: &str, controller: &str) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for line in groups.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else { continue };
        let top = match controllers {
            "" => Path::new("/sys/fs/cgroup").to_owned(),
            _ if controllers.split(',').any(|name| name == controller) => Path::new("/sys/fs/cgroup").join(controllers),
            _ => continue,
        };
        let path = Path::new(path.trim_start_matches('/'));
        folders.extend(path.ancestors().map(|group| top.join(group)));
    }
    folders
}

/// A value of a file of lines `name value`.
pub(crate) fn value(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.split_once(' ').filter(|(key, _)| *key == name)?.1.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_and_those_around_it_are_looked_at_in_both_versions() {
        let groups = "4:cpu,cpuacct:/a/b\n3:memory:/c\n0::/x\n";
        let of = |controller| {
            folders(groups, controller).into_iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>()
        };
        let top = "/sys/fs/cgroup";
        let both = ["cpu,cpuacct/a/b", "cpu,cpuacct/a", "cpu,cpuacct/", "x", ""].map(|rest| format!("{top}/{rest}"));
        assert_eq!(of("cpu"), both);
        assert_eq!(of("memory"), ["memory/c", "memory/", "x", ""].map(|rest| format!("{top}/{rest}")));
    }

    #[test]
    fn a_value_has_its_whole_name() {
        assert_eq!(value("oom 3\noom_kill 4\n", "oom_kill"), Some(4));
        assert_eq!(value("oom 3\n", "oo"), None);
    }
}
