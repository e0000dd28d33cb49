//! How texts look, and how much room they take.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

/// How a text looks, and which of its corners stands at the point.
#[derive(Clone, Copy)]
pub(crate) struct Letters {
    pub(crate) size: f64,
    pub(crate) colour: RGBColor,
    pub(crate) bold: bool,
    pub(crate) anchor: HPos,
    /// Read from bottom to top?
    pub(crate) upwards: bool,
}

impl Letters {
    pub(crate) fn new(size: f64, colour: RGBColor) -> Self {
        Letters { size, colour, bold: false, anchor: HPos::Left, upwards: false }
    }

    pub(crate) fn bold(self) -> Self {
        Letters { bold: true, ..self }
    }

    pub(crate) fn anchored(self, anchor: HPos) -> Self {
        Letters { anchor, ..self }
    }

    /// The width (px) a text takes at most.
    pub(crate) fn width(self, text: &str) -> f64 {
        text_width(text, self.size) * if self.bold { 1.13 } else { 1.0 }
    }

    pub(crate) fn upwards(self) -> Self {
        Letters { upwards: true, ..self }
    }
}

/// The width (px) a text takes at most in the usual sans-serif fonts: there is no font to ask when a file is written.
pub(crate) fn text_width(text: &str, size: f64) -> f64 {
    let em = |letter: char| match letter {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '|' | '\'' | ' ' | '(' | ')' => 0.37,
        'f' | 'r' | 't' | '-' | '/' => 0.42,
        'm' | 'w' | 'M' | 'W' | '%' => 0.96,
        'A'..='Z' | '✗' => 0.74,
        letter if letter > '\u{2e80}' => 1.0,
        _ => 0.62,
    };
    text.chars().map(em).sum::<f64>() * size
}

/// Breaks a text into lines of at most `width` pixels: at spaces, and between Chinese characters, which have none. A piece
/// that is wider by itself stays whole.
pub(crate) fn wrap(text: &str, size: f64, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces(text) {
        match lines.last_mut() {
            Some(line) if text_width(line, size) + text_width(piece.trim_end(), size) <= width => line.push_str(piece),
            _ => lines.push(piece.to_owned()),
        }
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

/// The parts of a text behind each of which a line may end.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for ((_, letter), (next_at, next)) in text.char_indices().zip(text.char_indices().skip(1)) {
        let between_chinese = (is_chinese(letter) || is_chinese(next)) && letter != ' ' && next != ' ';
        if letter == ' ' || (between_chinese && !opens(letter) && !closes(next)) {
            pieces.push(&text[start..next_at]);
            start = next_at;
        }
    }
    pieces.push(&text[start..]);
    pieces
}

fn is_chinese(letter: char) -> bool {
    letter > '\u{2e80}'
}

/// Does a line never end with it?
fn opens(letter: char) -> bool {
    matches!(letter, '（' | '“' | '《')
}

/// Does a line never begin with it?
fn closes(letter: char) -> bool {
    matches!(letter, '，' | '。' | '：' | '；' | '、' | '）' | '”' | '》' | '？' | ',' | '.' | ')')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_text_keeps_its_words_and_its_width() {
        let text = "1,000 clients, broadcast, 2 events/s a topic (Poisson, seed 1), payload 100 bytes";
        let lines = wrap(text, 12.0, 200.0);
        assert!(lines.len() > 1);
        assert_eq!(lines.join(" "), text);
        assert!(lines.iter().all(|line| text_width(line, 12.0) <= 200.0));
    }

    #[test]
    fn a_chinese_text_breaks_between_characters_and_never_before_a_stop() {
        let text = "1,000 个客户端，广播，每个主题每秒 2 个事件（泊松到达），载荷 100 字节。";
        for width in [60.0, 100.0, 150.0] {
            let lines = wrap(text, 12.0, width);
            assert!(lines.len() > 2, "{lines:?}");
            let squeezed = |text: &str| text.replace(' ', "");
            assert_eq!(squeezed(&lines.concat()), squeezed(text));
            assert!(lines.iter().all(|line| !line.starts_with(closes)), "{lines:?}");
        }
    }
}
