//! What a client says first on an HTTP/2 connection: its SETTINGS (RFC 9113 section 6.5), and the window of the whole
//! connection (section 6.9).

use serde::{Deserialize, Serialize};

use crate::h2::frame::PAYLOAD_MAX_BYTES;
use crate::h2::hpack::{TABLE_BYTES, TABLE_MAX_BYTES};
use crate::h2::settings::{self, WINDOW_BYTES, WINDOW_MAX_BYTES};

/// A setting: its name in a profile, its number, and the values that a client of ours can mean.
struct Setting {
    name: &'static str,
    id: u16,
    least: u32,
    most: u32,
}

const fn setting(name: &'static str, id: u16, least: u32, most: u32) -> Setting {
    Setting { name, id, least, most }
}

/// In the order of their numbers, in which browsers say them.
const SETTINGS: [Setting; 5] = [
    setting("header-table-size", settings::HEADER_TABLE_SIZE, TABLE_BYTES, TABLE_MAX_BYTES),
    setting("enable-push", settings::ENABLE_PUSH, 0, 0),
    setting("initial-window-size", settings::INITIAL_WINDOW_SIZE, 1, WINDOW_MAX_BYTES),
    setting("max-frame-size", settings::MAX_FRAME_SIZE, PAYLOAD_MAX_BYTES, PAYLOAD_MAX_BYTES),
    setting("max-header-list-size", settings::MAX_HEADER_LIST_SIZE, 0, u32::MAX),
];
/// Places among them.
const HEADER_TABLE_SIZE: usize = 0;
const ENABLE_PUSH: usize = 1;
const INITIAL_WINDOW_SIZE: usize = 2;

/// What a client says first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The values of [`SETTINGS`] that it sends.
    values: [Option<u32>; SETTINGS.len()],
    connection_window_bytes: u32,
}

/// No pushed answers, and windows so large that flow control never holds an event back. Small windows are what the h2
/// crate ends a connection with many small frames for.
impl Default for Opening {
    fn default() -> Opening {
        let mut values = [None; SETTINGS.len()];
        (values[ENABLE_PUSH], values[INITIAL_WINDOW_SIZE]) = (Some(0), Some(WINDOW_MAX_BYTES));
        Opening { values, connection_window_bytes: WINDOW_MAX_BYTES }
    }
}

impl Opening {
    /// The numbers and values of its SETTINGS.
    pub fn settings(&self) -> impl Iterator<Item = (u16, u32)> {
        SETTINGS.iter().zip(self.values).filter_map(|(setting, value)| Some((setting.id, value?)))
    }

    /// The table that the server's encoder may use (bytes).
    pub fn table_bytes(&self) -> u32 {
        self.values[HEADER_TABLE_SIZE].unwrap_or(TABLE_BYTES)
    }

    /// What may come on a stream that was just begun (bytes).
    pub fn stream_window_bytes(&self) -> u32 {
        self.values[INITIAL_WINDOW_SIZE].unwrap_or(WINDOW_BYTES)
    }

    /// What may come on all streams together (bytes).
    pub fn connection_window_bytes(&self) -> u32 {
        self.connection_window_bytes
    }

    /// By how much the connection's window is opened at first (bytes); 0 when it stays as it is.
    pub fn opened_bytes(&self) -> u32 {
        self.connection_window_bytes - WINDOW_BYTES
    }

    /// Takes a profile's list, as `enable-push=0 initial-window-size=65535`; the error says what may stand there.
    pub(super) fn set_settings(&mut self, list: &str) -> Result<(), String> {
        self.values = [None; SETTINGS.len()];
        for item in list.split_whitespace() {
            let (name, value) = item.split_once('=').unwrap_or((item, ""));
            let place = SETTINGS.iter().position(|setting| setting.name == name).ok_or_else(|| {
                let names = SETTINGS.map(|setting| setting.name);
                format!("\"{name:.40}\" is no setting; there are: {}", names.join(", "))
            })?;
            let Setting { least, most, .. } = SETTINGS[place];
            let value = value.parse().ok().filter(|value| (least..=most).contains(value));
            let value = value.ok_or_else(|| match least == most {
                true => format!("{name} can only be {least}: write {name}={least}"),
                false => format!("{name} is a number from {least} to {most}: write {name}={most}"),
            })?;
            if self.values[place].replace(value).is_some() {
                return Err(format!("{name} is there twice"));
            }
        }
        match self.values[ENABLE_PUSH] {
            Some(_) => Ok(()),
            None => Err("enable-push=0 is missing: a pushed answer would not be read".to_owned()),
        }
    }

    /// Takes a profile's number of bytes; the error says what may stand there.
    pub(super) fn set_connection_window(&mut self, value: &str) -> Result<(), String> {
        let bytes = value.parse().ok().filter(|bytes| (WINDOW_BYTES..=WINDOW_MAX_BYTES).contains(bytes));
        self.connection_window_bytes = bytes.ok_or_else(|| {
            format!("connection-window is a number of bytes from {WINDOW_BYTES} to {WINDOW_MAX_BYTES}")
        })?;
        Ok(())
    }
}
