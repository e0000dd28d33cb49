use resvg::tiny_skia::Pixmap;
use resvg::usvg::fontdb::Database;

use super::font_fixture::installed;
use super::*;

fn none() -> Fonts {
    Fonts::found_by(Database::new)
}

fn square_letters() -> Fonts {
    Fonts::found_by(|| installed(&[("Squares", 400, "abc 时")]))
}

/// A drawing of 100 by 50, in units of an eighth of a pixel as all are.
fn drawing(inside: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100\" height=\"50\" viewBox=\"0 0 800 400\" role=\"img\">\
         <polygon fill=\"#FFFFFF\" points=\"0,0 800,0 800,400 0,400\"/>{inside}</svg>"
    )
}

fn text(attributes: &str, letters: &str) -> String {
    format!("<text font-family=\"system-ui, sans-serif\" fill=\"#000000\" {attributes}>{letters}</text>")
}

/// The columns and rows (from, to) of the pixels that are rather black than white.
fn ink(png: &[u8]) -> [(u32, u32); 2] {
    let pixmap = Pixmap::decode_png(png).unwrap();
    let dark = |x: u32, y: u32| pixmap.pixel(x, y).unwrap().red() < 128;
    let columns: Vec<_> = (0..pixmap.width()).filter(|&x| (0..pixmap.height()).any(|y| dark(x, y))).collect();
    let rows: Vec<_> = (0..pixmap.height()).filter(|&y| (0..pixmap.width()).any(|x| dark(x, y))).collect();
    [columns, rows].map(|all| (all[0], all[all.len() - 1] + 1))
}

#[test]
fn an_unknown_format_is_told_with_those_that_there_are() {
    assert_eq!(Format::ALL.map(|format| format.id().parse().ok()), Format::ALL.map(Some));
    let message = "gif".parse::<Format>().unwrap_err().to_string();
    assert!(Format::ALL.iter().all(|format| message.contains(format.id())), "{message}");
}

#[test]
fn an_svg_needs_no_font_and_none_is_looked_for() {
    let fonts = Fonts::found_by(|| unreachable!("nothing asks for a font"));
    assert_eq!(file("<svg>时延</svg>", Format::Svg, &fonts).unwrap(), "<svg>时延</svg>".as_bytes());
}

#[test]
fn without_a_font_it_is_said_what_to_install() {
    for format in [Format::Png, Format::Pdf] {
        let error = file(&drawing(""), format, &none()).unwrap_err();
        assert!(matches!(error, ExportError::NoFonts), "{error}");
        assert!(Lang::ALL.iter().all(|&lang| error.message(lang).contains("fonts-dejavu-core")), "{error}");
    }
}

#[test]
fn characters_that_no_font_has_are_named_with_the_package_that_has_them() {
    let refused = |letters: &str| {
        let error =
            file(&drawing(&text("x=\"8\" y=\"200\" font-size=\"80\"", letters)), Format::Png, &square_letters());
        error.unwrap_err().to_string()
    };
    let chinese = refused("abc 延迟");
    assert!(chinese.contains("延 (U+5EF6), 迟 (U+8FDF)") && chinese.contains("fonts-noto-cjk"), "{chinese}");
    assert!(!chinese.contains('时') && !chinese.contains("a (U+"), "{chinese}");
    let mark = refused("✗ a");
    assert!(mark.contains("✗ (U+2717);") && mark.contains("fonts-dejavu-core"), "{mark}");
    assert!(refused("a defghijklm").contains("k (U+006B) and 2 more;"));
    assert!(refused("延").contains("延 (U+5EF6);"));
}

#[test]
fn a_png_has_the_scale_times_the_size_of_the_drawing() {
    for (scale, wanted) in [(1.0, (100, 50)), (2.0, (200, 100)), (0.5, (50, 25))] {
        let pixmap = Pixmap::decode_png(&png(&drawing(""), scale, &square_letters()).unwrap()).unwrap();
        assert_eq!((pixmap.width(), pixmap.height()), wanted);
    }
    for scale in [0.0, -1.0, f32::NAN, f32::INFINITY, 1e9, 0.001] {
        let refused = png(&drawing(""), scale, &square_letters());
        assert!(matches!(refused, Err(ExportError::Size { .. })), "{scale}");
    }
}

#[test]
fn a_text_stands_with_its_middle_at_its_height_and_where_its_anchor_says() {
    // Three squares of 20 by 10 pixels at twice the size, so 60 by 10.
    let drawn = |more: &str| {
        let inside = text(&format!("x=\"400\" y=\"200\" font-size=\"80\" {more}"), "abc");
        ink(&png(&drawing(&inside), PNG_SCALE, &square_letters()).unwrap())
    };
    assert_eq!(drawn("dy=\"0.5ex\""), [(100, 160), (45, 55)]);
    assert_eq!(drawn("dy=\"0.5ex\" text-anchor=\"middle\""), [(70, 130), (45, 55)]);
    assert_eq!(drawn("dy=\"0.5ex\" text-anchor=\"end\""), [(40, 100), (45, 55)]);
    assert_eq!(drawn("text-anchor=\"middle\""), [(70, 130), (40, 50)]);
    let upwards = "dy=\"0.5ex\" text-anchor=\"middle\" transform=\"rotate(270, 400, 200)\"";
    assert_eq!(drawn(upwards), [(95, 105), (20, 80)]);
}

#[test]
fn names_and_marks_for_scripts_and_screen_readers_change_no_pixel() {
    let inside = text("x=\"8\" y=\"200\" font-size=\"80\"", "abc");
    let marked = format!(
        "<title id=\"t\">时延</title><desc>延</desc><g data-transport=\"polling\" class=\"cell\" tabindex=\"0\">\
         <title>迟</title>{inside}</g>"
    );
    let [plain, marked] = [inside, marked].map(|inside| png(&drawing(&inside), 2.0, &square_letters()).unwrap());
    assert!(plain == marked);
}

#[test]
fn a_pdf_is_as_large_as_the_drawing_and_has_its_letters() {
    let pdf = pdf(&drawing(&text("x=\"8\" y=\"200\" font-size=\"80\"", "ab 时")), &square_letters()).unwrap();
    let pdf = String::from_utf8_lossy(&pdf);
    // 96 pixels are 72 points.
    assert!(pdf.contains("/MediaBox [0 0 75 37.5]"), "{pdf}");
    assert!(pdf.contains("/FontFile2") && pdf.contains("+Squares-400") && pdf.contains("/ToUnicode"), "{pdf}");
    assert!(!pdf.contains("/Subtype /Image"), "{pdf}");
}

#[test]
fn what_is_no_svg_is_told() {
    for text in ["", "<html></html>", "<svg xmlns=\"http://www.w3.org/2000/svg\"><g></svg>"] {
        let error = file(text, Format::Pdf, &square_letters()).unwrap_err();
        assert!(matches!(error, ExportError::Drawing(_)), "{text}: {error}");
    }
}
