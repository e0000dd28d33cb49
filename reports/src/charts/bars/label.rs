//! What stands beside the bars of a point: its label, in as many lines as it needs, and its mark.

use plotters::style::text_anchor::HPos;

use super::super::canvas::{Canvas, Point};
use super::super::frame::{LABEL, SMALL};
use super::super::letters::{Letters, text_width};
use super::Group;
use crate::lang::Lang;
use crate::look::Look;
use crate::style::{INK, INVALID};
use crate::text::common;

const LINE: f64 = 17.0;
/// The share of the drawing's width that labels may take.
const SHARE: f64 = 0.36;

pub(super) struct Label<'a> {
    lines: Vec<String>,
    mark: Option<&'a str>,
}

impl<'a> Label<'a> {
    pub(super) fn of(group: &'a Group, look: Look) -> Label<'a> {
        let lines = lines(look.lang, &group.label, look.width() * SHARE);
        Label { lines, mark: group.mark.as_deref() }
    }

    /// Of the longest line (px).
    pub(super) fn width(&self) -> f64 {
        let lines = self.lines.iter().map(|line| text_width(line, LABEL));
        lines.fold(self.mark.map_or(0.0, |mark| text_width(mark, SMALL) * 1.13), f64::max)
    }

    pub(super) fn height(&self) -> f64 {
        (self.lines.len() + usize::from(self.mark.is_some())) as f64 * LINE
    }

    /// Ends at this point, its lines around it.
    pub(super) fn draw(&self, canvas: &Canvas<'_>, (x, middle): Point) {
        let letters = Letters::new(LABEL, INK).anchored(HPos::Right);
        let mut y = middle - (self.height() - LINE) / 2.0;
        for line in &self.lines {
            canvas.text((x, y), line, letters);
            y += LINE;
        }
        if let Some(mark) = self.mark {
            canvas.text((x, y), mark, Letters { size: SMALL, colour: INVALID, ..letters.bold() });
        }
    }
}

/// A label in lines of at most `width` pixels where its parts are no longer: its parts stay together, and what tells
/// points apart is never cut.
fn lines(lang: Lang, label: &str, width: f64) -> Vec<String> {
    let comma = common::label_comma(lang);
    let mut lines: Vec<String> = Vec::new();
    for part in label.split(comma) {
        match lines.last_mut() {
            Some(line) if text_width(line, LABEL) + text_width(comma, LABEL) + text_width(part, LABEL) <= width => {
                line.push_str(comma);
                line.push_str(part);
            }
            Some(line) => {
                line.push_str(comma.trim_end());
                lines.push(part.to_owned());
            }
            None => lines.push(part.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_label_keeps_each_of_its_parts_in_one_line() {
        let label = "server-sent events, 10,000 clients, interval 500 ms";
        assert_eq!(lines(Lang::En, label, 190.0), ["server-sent events,", "10,000 clients,", "interval 500 ms"]);
        assert_eq!(lines(Lang::En, label, 900.0), [label]);
        assert_eq!(lines(Lang::Zh, "轮询，10,000 个客户端", 60.0), ["轮询，", "10,000 个客户端"]);
    }
}
