//! Browsers that are driven alike.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A family of browsers: which protocol they speak, and what they tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Chromium and what is built of it: the Chrome DevTools Protocol.
    Chromium,
    /// Firefox: WebDriver BiDi. Messages of a WebSocket are not told.
    Firefox,
}

impl Family {
    /// Both.
    pub const ALL: [Family; 2] = [Family::Chromium, Family::Firefox];

    /// Its name in arguments, which is the name of its header profile, too.
    pub const fn id(self) -> &'static str {
        match self {
            Family::Chromium => "chromium",
            Family::Firefox => "firefox",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// What is no family.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not chromium or firefox: {0}")]
pub struct UnknownFamily(String);

impl FromStr for Family {
    type Err = UnknownFamily;

    fn from_str(text: &str) -> Result<Family, UnknownFamily> {
        Family::ALL.into_iter().find(|family| family.id() == text).ok_or_else(|| UnknownFamily(text.to_owned()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_read_as_it_is_written() {
        for family in Family::ALL {
            assert_eq!(family.to_string().parse(), Ok(family));
            assert_eq!(serde_json::to_value(family).unwrap(), family.id());
        }
        assert!("safari".parse::<Family>().is_err());
    }
}
