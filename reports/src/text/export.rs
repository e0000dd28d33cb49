//! Why a drawing could not be converted, and what to do.

use crate::lang::catalogue;

catalogue! {
    no_fonts(advice) {
        "no font is installed, so a PNG or PDF would have no text; {advice}"
        "没有安装任何字体，PNG 和 PDF 中将没有文字；{advice}"
    }
    no_glyphs(characters, advice) {
        "no installed font has {characters}; {advice}"
        "已安装的字体都没有 {characters}；{advice}"
    }
    /// Behind those characters that are named.
    and_more(characters, number) { "{characters} and {number} more" "{characters} 等，另有 {number} 个字符" }
    install_any {
        "install one: fonts-dejavu-core (Debian, Ubuntu), dejavu-sans-fonts (Fedora)"
        "请安装其一：fonts-dejavu-core（Debian、Ubuntu）、dejavu-sans-fonts（Fedora）"
    }
    install_chinese {
        "install one: fonts-noto-cjk (Debian, Ubuntu), google-noto-sans-cjk-fonts (Fedora), font-noto-sans-cjk-sc (Homebrew)"
        "请安装其一：fonts-noto-cjk（Debian、Ubuntu）、google-noto-sans-cjk-fonts（Fedora）、font-noto-sans-cjk-sc（Homebrew）"
    }
    not_svg(reason) { "the drawing is not a usable SVG ({reason})" "图不是可用的 SVG（{reason}）" }
    size(width, height) {
        "a picture of {width} x {height} pixels cannot be made; choose another scale"
        "无法生成 {width} x {height} 像素的图片；请选择其他缩放比例"
    }
    conversion(format, reason) {
        "the drawing cannot be written as {format} ({reason})"
        "无法将图写成 {format}（{reason}）"
    }
}
