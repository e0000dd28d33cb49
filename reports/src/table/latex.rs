//! A table for a paper: LaTeX with booktabs, and what any text needs to stand in it.

use super::{Align, Table};
use crate::export::is_chinese;

impl Table {
    /// The table in LaTeX, with its caption and a label to refer to it. Its first line is a comment that says what the
    /// preamble needs.
    pub fn latex(&self, caption: &str, label: &str) -> String {
        let columns: String = self.header.iter().map(|heading| letter(heading.align)).collect();
        let (names, units): (Vec<_>, Vec<_>) = self.header.iter().map(|heading| name_and_unit(&heading.text)).unzip();
        let units = if units.iter().all(|unit| unit.is_empty()) { String::new() } else { row(units.into_iter()) };
        let names = row(names.into_iter());
        let rows: String = self.rows.iter().map(|texts| row(texts.iter().map(String::as_str))).collect();
        let (caption, label) = (escape(caption), identifier(label));
        let body = format!(
            "\\begin{{table}}\n  \\centering\n  \\caption{{{caption}}}\n  \\label{{{label}}}\n  \
             \\begin{{tabular}}{{{columns}}}\n    \\toprule\n{names}{units}    \\midrule\n{rows}    \\bottomrule\n  \
             \\end{{tabular}}\n\\end{{table}}\n"
        );
        format!("{}{body}", needs(&body))
    }
}

const fn letter(align: Align) -> char {
    match align {
        Align::Left => 'l',
        Align::Right => 'r',
    }
}

fn row<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    format!("    {} \\\\\n", texts.map(escape).collect::<Vec<_>>().join(" & "))
}

/// A heading without its unit, and the unit in its parentheses: one below the other they leave room for more columns.
fn name_and_unit(heading: &str) -> (&str, &str) {
    let unit = heading.rfind(['(', '（']).filter(|_| heading.ends_with([')', '）']));
    let (name, unit) = heading.split_at(unit.unwrap_or(heading.len()));
    (name.trim_end(), unit)
}

/// What the preamble needs for the text, as a comment.
fn needs(body: &str) -> String {
    let cross = if body.contains(CROSS) { "\\usepackage{pifont}" } else { "" };
    let letters = if body.chars().any(is_chinese) {
        "\\usepackage{ctex}, compiled with XeLaTeX or LuaLaTeX"
    } else if body.chars().any(|letter| letter >= BEYOND_LATIN) {
        "\\usepackage{fontspec}, compiled with XeLaTeX or LuaLaTeX"
    } else {
        "\\usepackage[T1]{fontenc}"
    };
    format!("% Needs \\usepackage{{booktabs}}{cross}{letters}\n")
}

/// The first letter that T1 does not have: Unicode past Latin Extended-A.
const BEYOND_LATIN: char = '\u{180}';

/// The ballot cross, with which invalid cells are marked; no usual text font has it.
const CROSS: &str = "\\ding{55}";

/// A text as LaTeX shows it letter by letter: nothing in it is a command, a ligature or an option. Line breaks and control
/// characters become spaces. The braces stay in pairs, as BibTeX wants them.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut last = None;
    for letter in text.chars() {
        // Two of these in a row would be one dash or one quotation mark.
        if last == Some(letter) && matches!(letter, '-' | '\'' | '`' | ',' | '<' | '>') {
            escaped.push_str("{}");
        }
        match letter {
            '\\' => escaped.push_str("\\textbackslash{}"),
            '{' => escaped.push_str("\\textbraceleft{}"),
            '}' => escaped.push_str("\\textbraceright{}"),
            '~' => escaped.push_str("\\textasciitilde{}"),
            '^' => escaped.push_str("\\textasciicircum{}"),
            '<' => escaped.push_str("\\textless{}"),
            '>' => escaped.push_str("\\textgreater{}"),
            '|' => escaped.push_str("\\textbar{}"),
            '"' => escaped.push_str("\\textquotedbl{}"),
            '`' => escaped.push_str("\\textasciigrave{}"),
            '#' | '$' | '%' | '&' | '_' => escaped.extend(['\\', letter]),
            // After the end of a row these would be its options.
            '[' | ']' | '*' => escaped.extend(['{', letter, '}']),
            '–' => escaped.push_str("\\textendash{}"),
            '—' => escaped.push_str("\\textemdash{}"),
            'µ' | 'μ' => escaped.push_str("\\textmu{}"),
            '×' => escaped.push_str("\\texttimes{}"),
            '±' => escaped.push_str("\\textpm{}"),
            '·' => escaped.push_str("\\textperiodcentered{}"),
            '…' => escaped.push_str("\\textellipsis{}"),
            '≥' => escaped.push_str("$\\geq$"),
            '≤' => escaped.push_str("$\\leq$"),
            '≈' => escaped.push_str("$\\approx$"),
            '−' => escaped.push_str("$-$"),
            '→' => escaped.push_str("$\\rightarrow$"),
            '✗' => escaped.push_str(CROSS),
            '\u{a0}' | '\u{202f}' => escaped.push('~'),
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
        last = Some(letter);
    }
    escaped
}

/// A name that `\label` and BibTeX take: letters, digits, `-`, `:` and `.`, all else is `-`.
fn identifier(text: &str) -> String {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | ':' | '.');
    text.chars().map(|letter| if allowed(letter) { letter } else { '-' }).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::table::Heading;

    fn table(header: &[(&str, Align)], rows: &[&[&str]]) -> Table {
        Table {
            header: header.iter().map(|&(text, align)| Heading { text: text.to_owned(), align }).collect(),
            rows: rows.iter().map(|row| row.iter().map(|&text| text.to_owned()).collect()).collect(),
        }
    }

    #[test]
    fn a_table_is_ready_for_a_paper() {
        let table = table(
            &[("transport", Align::Left), ("p99 (ms)", Align::Right), ("verdict", Align::Left)],
            &[&["WebSocket", "12.3", "valid"], &["polling", "–", "✗ invalid: bytes_disagree & lost, ≥ 5 % in 7 µs"]],
        );
        let wanted = "\
% Needs \\usepackage{booktabs}\\usepackage{pifont}\\usepackage[T1]{fontenc}
\\begin{table}
  \\centering
  \\caption{Latency of 1{[}000{]} clients, suite \\#1}
  \\label{tab:cells-of-1}
  \\begin{tabular}{lrl}
    \\toprule
    transport & p99 & verdict \\\\
     & (ms) &  \\\\
    \\midrule
    WebSocket & 12.3 & valid \\\\
    polling & \\textendash{} & \\ding{55} invalid: bytes\\_disagree \\& lost, $\\geq$ 5 \\% in 7 \\textmu{}s \\\\
    \\bottomrule
  \\end{tabular}
\\end{table}
";
        assert_eq!(table.latex("Latency of 1[000] clients, suite #1", "tab:cells_of{1"), wanted);
    }

    #[test]
    fn chinese_stays_as_it_is_and_names_its_package() {
        let text = table(&[("时延（ms）", Align::Right)], &[&["12.3"]]).latex("轮询", "tab:zh");
        assert!(text.contains("    时延 \\\\\n    （ms） \\\\\n") && text.contains("\\caption{轮询}"), "{text}");
        let needs = "% Needs \\usepackage{booktabs}\\usepackage{ctex}, compiled with XeLaTeX or LuaLaTeX";
        assert_eq!(text.lines().next(), Some(needs));
    }

    #[test]
    fn letters_of_other_scripts_need_an_engine_that_has_them() {
        let needs =
            |text: &str| table(&[("a", Align::Left)], &[&[text]]).latex("", "").lines().next().map(str::to_owned);
        assert_eq!(needs("naïve"), Some("% Needs \\usepackage{booktabs}\\usepackage[T1]{fontenc}".to_owned()));
        assert!(needs("ελ").is_some_and(|line| line.ends_with("{fontspec}, compiled with XeLaTeX or LuaLaTeX")));
    }

    /// What LaTeX shows for an escaped text; none for one that is more than text. Ligatures count as more, too.
    fn shown(latex: &str) -> Option<String> {
        let mut shown = String::new();
        let mut rest = latex;
        let named = [
            ("textbackslash", '\\'),
            ("textbraceleft", '{'),
            ("textbraceright", '}'),
            ("textasciitilde", '~'),
            ("textasciicircum", '^'),
            ("textless", '<'),
            ("textgreater", '>'),
            ("textbar", '|'),
            ("textquotedbl", '"'),
            ("textasciigrave", '`'),
            ("textendash", '–'),
            ("textemdash", '—'),
            ("textmu", 'µ'),
            ("texttimes", '×'),
            ("textpm", '±'),
            ("textperiodcentered", '·'),
            ("textellipsis", '…'),
        ];
        let marks = [("$\\geq$", '≥'), ("$\\leq$", '≤'), ("$\\approx$", '≈'), ("$-$", '−'), ("$\\rightarrow$", '→')];
        let fixed = [("\\ding{55}", "✗"), ("{}", ""), ("{[}", "["), ("{]}", "]"), ("{*}", "*"), ("~", "\u{a0}")];
        while let Some(letter) = rest.chars().next() {
            let next = named
                .iter()
                .map(|&(name, letter)| (format!("\\{name}{{}}"), letter.to_string()))
                .chain(marks.iter().map(|&(mark, letter)| (mark.to_owned(), letter.to_string())))
                .chain(fixed.iter().map(|&(form, letters)| (form.to_owned(), letters.to_owned())))
                .chain(['#', '$', '%', '&', '_'].map(|letter| (format!("\\{letter}"), letter.to_string())))
                .find(|(form, _)| rest.starts_with(form));
            let taken = match next {
                Some((form, letters)) => {
                    shown.push_str(&letters);
                    form.len()
                }
                None if "\\{}#$%&_~^<>|\"`[]*".contains(letter) || letter.is_control() => return None,
                None if ["--", "''", ",,"].iter().any(|ligature| rest.starts_with(ligature)) => return None,
                None => {
                    shown.push(letter);
                    letter.len_utf8()
                }
            };
            rest = &rest[taken..];
        }
        Some(shown)
    }

    proptest! {
        #[test]
        fn whatever_a_text_has_latex_shows_it_and_runs_nothing(text in "([\\\\{}#$%&_~^<>|\"`'\\[\\]*,\\-–—µμ×≥✗\n a]|\\PC){0,40}") {
            let plain = text.replace('\n', " ").replace('μ', "µ").replace('\u{202f}', "\u{a0}");
            prop_assert_eq!(shown(&escape(&text)), Some(plain));
        }

        #[test]
        fn braces_stand_in_pairs(text in "[\\\\{}a]{0,20}") {
            let mut depth = 0;
            for letter in escape(&text).chars() {
                depth += i32::from(letter == '{') - i32::from(letter == '}');
                prop_assert!(depth >= 0);
            }
            prop_assert_eq!(depth, 0);
        }
    }
}
