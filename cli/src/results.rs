//! The folder of a run: records as they come, never overwritten.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use feedbench_record::Record;
use feedbench_record::run::{Machine, Tool};
use serde::Serialize;

/// What `environment.json` holds.
#[derive(Serialize)]
struct Environment<'a> {
    tool: &'a Tool,
    machine: &'a Machine,
}

/// The folder of one run.
pub(crate) struct Results {
    dir: PathBuf,
}

impl Results {
    /// Makes `out/<UTC time>-<suite>`, with a number after it when that exists.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn create(out: &Path, suite: &str, tool: &Tool, machine: &Machine) -> anyhow::Result<Results> {
        let cannot_write = || format!("cannot write the results to {}; name another folder with --out", out.display());
        fs::create_dir_all(out).with_context(cannot_write)?;
        let stem = format!("{}-{suite}", jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ"));
        let mut dir = out.join(&stem);
        let mut number = 1;
        while let Err(error) = fs::create_dir(&dir) {
            if error.kind() != std::io::ErrorKind::AlreadyExists {
                return Err(error).with_context(cannot_write);
            }
            number += 1;
            dir = out.join(format!("{stem}-{number}"));
        }
        fs::create_dir(dir.join("records")).with_context(cannot_write)?;
        let environment = serde_json::to_vec_pretty(&Environment { tool, machine })?;
        fs::write(dir.join("environment.json"), environment).with_context(cannot_write)?;
        Ok(Results { dir })
    }

    /// The folder.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes a record to a new file.
    ///
    /// # Errors
    /// When it cannot be written, or exists.
    pub(crate) fn write(&self, record: &Record) -> anyhow::Result<()> {
        self.write_to("records", record)
    }

    /// Writes the records of a cell's shards into a folder of their own, where no report takes them for cells.
    ///
    /// # Errors
    /// When one cannot be written, or exists.
    pub(crate) fn write_shards(&self, shards: &[Record]) -> anyhow::Result<()> {
        if !shards.is_empty() {
            let folder = self.dir.join("shards");
            fs::create_dir_all(&folder).with_context(|| format!("cannot write to {}", folder.display()))?;
        }
        shards.iter().try_for_each(|record| self.write_to("shards", record))
    }

    fn write_to(&self, folder: &str, record: &Record) -> anyhow::Result<()> {
        let path = self.dir.join(folder).join(format!("{}.json", record.id));
        let text = serde_json::to_vec_pretty(record)?;
        fs::File::create_new(&path)
            .and_then(|mut file| file.write_all(&text))
            .with_context(|| format!("cannot write the record {}", path.display()))
    }
}
