//! The languages of a report, and the form of its catalogue.
//!
//! Every text for people is an entry of `text`, written with `catalogue!`, which has both languages side by
//! side: an entry without one of them does not compile, and neither does one that names a value it was not given.

use std::fmt;
use std::str::FromStr;

/// The language of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Chinese, simplified.
    Zh,
}

impl Lang {
    /// Both.
    pub const ALL: [Lang; 2] = [Lang::En, Lang::Zh];

    /// The name on the command line.
    pub const fn id(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Zh => "zh",
        }
    }

    /// The language as HTML names it (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Zh => "zh-CN",
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A language that there is no report in.
#[derive(Debug, thiserror::Error)]
#[error("there is no report in \"{name}\"; the languages are: en, zh")]
pub struct UnknownLang {
    name: String,
}

impl FromStr for Lang {
    type Err = UnknownLang;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Lang::ALL.into_iter().find(|lang| lang.id() == text).ok_or_else(|| UnknownLang { name: text.to_owned() })
    }
}

/// Entries of the catalogue. One without values gives a `&'static str`, one with values a `String`:
///
/// ```text
/// catalogue! {
///     server { "server" "服务器" }
///     clients(number) { "{number} clients" "{number} 个客户端" }
/// }
/// clients(Lang::En, "1,000")      // "1,000 clients"
/// ```
macro_rules! catalogue {
    () => {};
    ($(#[$doc:meta])* $name:ident { $en:literal $zh:literal } $($rest:tt)*) => {
        $(#[$doc])*
        pub(crate) const fn $name(lang: $crate::lang::Lang) -> &'static str {
            match lang {
                $crate::lang::Lang::En => $en,
                $crate::lang::Lang::Zh => $zh,
            }
        }
        $crate::lang::catalogue! { $($rest)* }
    };
    ($(#[$doc:meta])* $name:ident ( $($value:ident),+ ) { $en:literal $zh:literal } $($rest:tt)*) => {
        $(#[$doc])*
        pub(crate) fn $name(lang: $crate::lang::Lang, $($value: impl std::fmt::Display),+) -> String {
            match lang {
                $crate::lang::Lang::En => format!($en),
                $crate::lang::Lang::Zh => format!($zh),
            }
        }
        $crate::lang::catalogue! { $($rest)* }
    };
}
pub(crate) use catalogue;

#[cfg(test)]
mod tests {
    use super::*;

    catalogue! {
        server { "server" "服务器" }
        clients(number) { "{number} clients" "{number} 个客户端" }
    }

    #[test]
    fn an_entry_says_the_same_in_each_language() {
        assert_eq!(Lang::ALL.map(server), ["server", "服务器"]);
        assert_eq!(Lang::ALL.map(|lang| clients(lang, 7)), ["7 clients", "7 个客户端"]);
    }

    #[test]
    fn an_unknown_language_is_told_with_those_that_there_are() {
        assert_eq!(Lang::ALL.map(|lang| lang.id().parse::<Lang>().ok()), Lang::ALL.map(Some));
        let message = "fr".parse::<Lang>().map_err(|error| error.to_string());
        assert_eq!(message, Err("there is no report in \"fr\"; the languages are: en, zh".to_owned()));
    }
}
