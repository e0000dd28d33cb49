//! A pen for drawings with many small parts that carry names: SVG written as text.

use std::fmt::Write as _;

use plotters::style::RGBColor;

use crate::style::{PAPER, hex};

/// A point (px from the left, px from the top).
pub(crate) type Point = (f64, f64);

/// Which part of a text stands at its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a line looks.
#[derive(Clone, Copy)]
pub(crate) struct Line {
    pub(crate) colour: RGBColor,
    pub(crate) width: f64,
    /// Drawn and left out in turn (px); empty for a line without gaps.
    pub(crate) dash: &'static str,
}

/// How a text looks.
#[derive(Clone, Copy)]
pub(crate) struct Letters {
    pub(crate) size: f64,
    pub(crate) colour: RGBColor,
    pub(crate) bold: bool,
    pub(crate) anchor: Anchor,
}

/// A drawing in progress. Writing to a String does not fail.
#[derive(Default)]
pub(crate) struct Pen {
    body: String,
}

/// Text that means nothing to SVG and HTML. Characters that XML forbids become a dot.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' => escaped.push(' '),
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('.'),
            _ => escaped.push(c),
        }
    }
    escaped
}

impl Pen {
    fn write(&mut self, element: std::fmt::Arguments<'_>) {
        self.body.write_fmt(element).expect("writing to a String does not fail");
        self.body.push('\n');
    }

    /// What is drawn until [`Pen::end`] belongs together and has this name.
    pub(crate) fn begin(&mut self, class: &str, title: &str) {
        self.write(format_args!("<g class=\"{}\"><title>{}</title>", escape(class), escape(title)));
    }

    /// The end of what [`Pen::begin`] began.
    pub(crate) fn end(&mut self) {
        self.write(format_args!("</g>"));
    }

    pub(crate) fn line(&mut self, points: &[Point], line: Line) {
        let path: Vec<_> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let dash = if line.dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{}\"", line.dash) };
        let Line { colour, width, .. } = line;
        let (path, colour) = (path.join(" "), hex(colour));
        self.write(format_args!(
            "<polyline points=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"{dash}/>"
        ));
    }

    pub(crate) fn area(&mut self, points: &[Point], colour: RGBColor) {
        let path: Vec<_> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        self.write(format_args!("<polygon points=\"{}\" fill=\"{}\"/>", path.join(" "), hex(colour)));
    }

    pub(crate) fn rectangle(&mut self, (left, top): Point, (width, height): Point, colour: RGBColor) {
        let colour = hex(colour);
        self.write(format_args!(
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{colour}\"/>"
        ));
    }

    /// A text, its middle at the point's height, with an edge of paper that parts it from lines below it.
    pub(crate) fn text(&mut self, (x, y): Point, text: &str, letters: Letters) {
        let Letters { size, colour, bold, anchor } = letters;
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let weight = if bold { " font-weight=\"bold\"" } else { "" };
        // From the middle of the letters down to their line.
        let base = y + 0.35 * size;
        let (colour, paper, text) = (hex(colour), hex(PAPER), escape(text));
        self.write(format_args!(
            "<text x=\"{x:.1}\" y=\"{base:.1}\" font-size=\"{size}\" fill=\"{colour}\"{anchor}{weight} \
             stroke=\"{paper}\" stroke-width=\"4\" paint-order=\"stroke\">{text}</text>"
        ));
    }

    /// The document. `id` must be the only one of its kind on a page.
    pub(crate) fn document(self, (width, height): Point, id: &str, title: &str, description: &str) -> String {
        let (id, title, description, paper) = (escape(id), escape(title), escape(description), hex(PAPER));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
             viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" \
             font-family=\"system-ui, sans-serif\" stroke-linejoin=\"round\">\n\
             <title id=\"{id}-title\">{title}</title><desc id=\"{id}-desc\">{description}</desc>\n\
             <rect width=\"{width:.0}\" height=\"{height:.0}\" fill=\"{paper}\"/>\n{}</svg>\n",
            self.body
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_its_element() {
        assert_eq!(escape("</text>&\"\u{0}\u{1b}[2J"), "&lt;/text&gt;&amp;&quot;..[2J");
    }
}
