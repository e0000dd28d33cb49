//! Colour, dash and marker of each transport, and the colour of each layer: the one place. A reader who cannot tell two
//! colours apart, or has a print in grey, can tell the dashes and the markers apart; layers stand in a fixed order, with
//! their names or numbers.

use feedbench_record::{Layer, Transport};
use plotters::style::RGBColor;

/// What is drawn on.
pub(crate) const PAPER: RGBColor = RGBColor(255, 255, 255);
/// Text, and the lines of axes.
pub(crate) const INK: RGBColor = RGBColor(27, 31, 36);
/// Text beside the matter: captions, ticks.
pub(crate) const MUTED: RGBColor = RGBColor(87, 96, 106);
/// Lines behind the data.
pub(crate) const GRID: RGBColor = RGBColor(222, 226, 231);
/// Lines between the grid's.
pub(crate) const GRID_MINOR: RGBColor = RGBColor(241, 243, 245);
/// The mark of an invalid cell.
pub(crate) const INVALID: RGBColor = RGBColor(176, 0, 32);

/// How a transport looks, for drawings that are not made here.
#[derive(Clone, Debug, PartialEq)]
pub struct Appearance {
    /// As SVG and CSS write it: `#rrggbb`.
    pub colour: String,
    /// Drawn and left out in turn (px); empty for a line without gaps.
    pub dash: &'static [f64],
    /// `circle`, `square`, `triangle-up`, `triangle-down`, `diamond` or `cross`.
    pub marker: &'static str,
}

/// How a transport looks in every chart.
pub fn appearance(transport: Transport) -> Appearance {
    let Style { colour, dash, marker } = of(transport);
    Appearance { colour: hex(colour), dash, marker: marker.id() }
}

/// The colour of a layer in every chart, as SVG and CSS write it: `#rrggbb`.
pub fn layer_hex(layer: Layer) -> String {
    hex(layer_colour(layer))
}

/// The shape on a transport's line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Marker {
    Circle,
    Square,
    TriangleUp,
    TriangleDown,
    Diamond,
    Cross,
}

impl Marker {
    const fn id(self) -> &'static str {
        match self {
            Marker::Circle => "circle",
            Marker::Square => "square",
            Marker::TriangleUp => "triangle-up",
            Marker::TriangleDown => "triangle-down",
            Marker::Diamond => "diamond",
            Marker::Cross => "cross",
        }
    }
}

/// How one transport looks, in every chart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// From the palette of Okabe and Ito.
    pub(crate) colour: RGBColor,
    /// Drawn and left out in turn (px); empty for a line without gaps.
    pub(crate) dash: &'static [f64],
    pub(crate) marker: Marker,
}

/// The style of a transport.
pub(crate) fn of(transport: Transport) -> Style {
    let (colour, dash, marker): (_, &'static [f64], _) = match transport {
        Transport::Polling => (RGBColor(213, 94, 0), &[2.5, 3.0], Marker::Circle),
        Transport::LongPolling => (RGBColor(230, 159, 0), &[6.0, 3.0], Marker::Square),
        Transport::IframeStreaming => (RGBColor(204, 121, 167), &[10.0, 3.0, 2.5, 3.0], Marker::TriangleUp),
        Transport::Sse => (RGBColor(0, 158, 115), &[14.0, 4.0], Marker::Diamond),
        Transport::FetchStreaming => (RGBColor(86, 180, 233), &[10.0, 3.0, 2.5, 3.0, 2.5, 3.0], Marker::TriangleDown),
        Transport::WebSocket => (RGBColor(0, 114, 178), &[], Marker::Cross),
    };
    Style { colour, dash, marker }
}

/// The colour of a layer, from the palette of Okabe and Ito: light where it is the event itself, warm where it is heads.
pub(crate) fn layer_colour(layer: Layer) -> RGBColor {
    match layer {
        Layer::OpeningHandshake => RGBColor(60, 60, 60),
        Layer::RequestHeaders => RGBColor(213, 94, 0),
        Layer::ResponseHeaders => RGBColor(230, 159, 0),
        Layer::BodyFraming => RGBColor(204, 121, 167),
        Layer::EventFraming => RGBColor(0, 114, 178),
        Layer::Control => RGBColor(0, 158, 115),
        Layer::Payload => tint(RGBColor(86, 180, 233), 0.75),
        Layer::TlsHandshake => RGBColor(110, 110, 110),
        Layer::Tls => RGBColor(153, 153, 153),
        Layer::Unclassified => INVALID,
    }
}

/// Black or white: which of them can be read on this colour.
pub(crate) fn ink_on(ground: RGBColor) -> RGBColor {
    let luma = 0.299 * f64::from(ground.0) + 0.587 * f64::from(ground.1) + 0.114 * f64::from(ground.2);
    if luma > 125.0 { INK } else { PAPER }
}

/// A colour as SVG and CSS write it.
pub(crate) fn hex(RGBColor(red, green, blue): RGBColor) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// The colour mixed with white; `share` is what remains of it (0 to 1).
pub(crate) fn tint(colour: RGBColor, share: f64) -> RGBColor {
    let mix = |channel: u8| (f64::from(channel) * share + 255.0 * (1.0 - share)).round() as u8;
    RGBColor(mix(colour.0), mix(colour.1), mix(colour.2))
}

/// The colour mixed half with black: seen on an area of the colour, and beside a line of it.
pub(crate) fn shade(RGBColor(red, green, blue): RGBColor) -> RGBColor {
    RGBColor(red / 2, green / 2, blue / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_layers_share_a_colour() {
        for (index, one) in Layer::ALL.into_iter().enumerate() {
            for other in Layer::ALL.into_iter().skip(index + 1) {
                assert_ne!(hex(layer_colour(one)), hex(layer_colour(other)), "{} and {}", one.id(), other.id());
            }
        }
    }

    #[test]
    fn no_two_transports_share_a_colour_a_dash_or_a_marker() {
        for (index, one) in Transport::ALL.into_iter().enumerate() {
            for other in Transport::ALL.into_iter().skip(index + 1) {
                let (a, b) = (of(one), of(other));
                assert_ne!((a.colour.0, a.colour.1, a.colour.2), (b.colour.0, b.colour.1, b.colour.2));
                assert_ne!(a.dash, b.dash, "{one} and {other}");
                assert_ne!(a.marker, b.marker, "{one} and {other}");
            }
        }
    }
}
