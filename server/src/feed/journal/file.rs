//! The file of a journal: locked, written line by line, and put in the place of the one before as a whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Seek as _, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::super::topic::{By, Kept};
use super::Problem;
use super::contents::{Contents, Size};
use super::line::{self, Header, STATE_AT, State};

/// A file that has grown by so much, or to twice what had to stay in it, is made smaller.
const GROWTH: Size = Size { lines: 10_000, bytes: 64 << 20 };

/// The file that is written to, which is this process's alone.
#[derive(Debug)]
pub(super) struct StateFile {
    file: File,
    size: Size,
    /// The size from which on it is made smaller.
    enough: Size,
    /// Something could not be written: nothing more is.
    is_short: bool,
    /// The line being written.
    line: Vec<u8>,
}

impl StateFile {
    /// Adds the line of an event in one write.
    pub(super) fn append(&mut self, topic: u32, by: By, text: &[u8]) -> io::Result<()> {
        self.line.clear();
        line::push_event(topic, by, text, &mut self.line);
        self.file.write_all_at(&self.line, self.size.bytes)?;
        self.size.lines += 1;
        self.size.bytes += self.line.len() as u64;
        Ok(())
    }

    /// Marks it as short, after which nothing is written any more. The mark stands in the place of another word, so it takes
    /// no room on a full disk; where even that fails, the file just ends earlier.
    pub(super) fn mark_short(&mut self) {
        self.is_short = true;
        let _ = self.file.write_all_at(State::Short.word().as_bytes(), STATE_AT);
    }

    /// Is something missing in it?
    pub(super) fn is_short(&self) -> bool {
        self.is_short
    }

    /// Is it time to make it smaller?
    pub(super) fn is_large(&self) -> bool {
        self.size.lines >= self.enough.lines || self.size.bytes >= self.enough.bytes
    }

    /// It is not to be made smaller before it has grown as much again.
    pub(super) fn put_off(&mut self) {
        self.enough = self.size.doubled();
    }

    /// What it says.
    pub(super) fn read(&self, own: &Header, kept: Kept) -> Result<Contents, Problem> {
        let mut file = &self.file;
        file.rewind()?;
        Contents::read(BufReader::new(file), own, kept)
    }

    /// A file with these contents in the place of this one.
    pub(super) fn replaced(&self, path: &Path, contents: &Contents) -> Result<StateFile, Problem> {
        StateFile::replace(path, contents, &self.file)
    }

    /// Puts a file with these contents in the place of `before`: written beside it, on the disk before it gets its name,
    /// and locked all the while.
    pub(super) fn replace(path: &Path, contents: &Contents, before: &File) -> Result<StateFile, Problem> {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".new");
        let beside = PathBuf::from(beside);
        let replaced = StateFile::write_beside(&beside, contents, before).and_then(|open| {
            fs::rename(&beside, path)?;
            Ok(open)
        });
        if replaced.is_err() {
            // It is of no use, and may be what fills the disk.
            let _ = fs::remove_file(&beside);
        }
        replaced
    }

    fn write_beside(beside: &Path, contents: &Contents, before: &File) -> Result<StateFile, Problem> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(beside)?;
        flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(io::Error::from)?;
        file.set_permissions(before.metadata()?.permissions())?;
        let mut out = BufWriter::new(&file);
        let size = contents.write(&mut out)?;
        out.flush()?;
        drop(out);
        file.sync_all()?;
        Ok(StateFile { file, size, enough: size.doubled(), is_short: false, line: Vec::new() })
    }
}

impl Size {
    /// From which size on a file that began with this one is made smaller.
    fn doubled(self) -> Size {
        Size { lines: self.lines + self.lines.max(GROWTH.lines), bytes: self.bytes + self.bytes.max(GROWTH.bytes) }
    }
}

/// Opens a file, which is made if it is not there, for this process alone. The end of the process gives it free, whatever
/// ends it.
pub(super) fn lock(path: &Path) -> Result<File, Problem> {
    loop {
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let file = opened.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Problem::NoFolder,
            _ => Problem::Io(error),
        })?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(Problem::NoFile);
        }
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(Problem::InUse),
            locked => locked.map_err(io::Error::from)?,
        }
        // Who had it before may have put another file in its place meanwhile.
        let named = fs::metadata(path)?;
        if (named.dev(), named.ino()) == (metadata.dev(), metadata.ino()) {
            return Ok(file);
        }
    }
}
