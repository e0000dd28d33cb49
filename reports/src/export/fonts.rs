//! Which installed font draws a letter, and what to install when none does.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use resvg::usvg::fontdb::{Database, FaceInfo, Family, Query};
use resvg::usvg::{FallbackSelectionFn, FontResolver, Group, Node, Options, Tree};

use super::ExportError;

/// The families for text, the best first.
const SANS: [&str; 8] =
    ["DejaVu Sans", "Noto Sans", "Liberation Sans", "Arial", "Helvetica Neue", "Helvetica", "Open Sans", "Roboto"];
/// The families for Chinese, the best first.
const CHINESE: [&str; 12] = [
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Source Han Sans",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "Droid Sans Fallback",
];
/// The families for code, the best first.
const MONOSPACE: [&str; 6] =
    ["DejaVu Sans Mono", "Noto Sans Mono", "Liberation Mono", "Menlo", "Consolas", "Courier New"];

/// Chinese letters and their punctuation (Unicode blocks from CJK Radicals on, and the full-width forms).
pub(crate) const fn is_chinese(letter: char) -> bool {
    matches!(letter, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}')
}

/// The installed fonts, looked for when the first drawing needs them, and once.
pub struct Fonts {
    find: fn() -> Database,
    found: OnceLock<Arc<Database>>,
}

impl fmt::Debug for Fonts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fonts").field("faces", &self.found.get().map(|found| found.len())).finish()
    }
}

impl Fonts {
    /// The fonts of the system: those in its folders and in the user's.
    pub const fn of_system() -> Fonts {
        fn system() -> Database {
            let mut database = Database::new();
            database.load_system_fonts();
            database
        }
        Fonts::found_by(system)
    }

    pub(super) const fn found_by(find: fn() -> Database) -> Fonts {
        Fonts { find, found: OnceLock::new() }
    }

    fn database(&self) -> Arc<Database> {
        Arc::clone(self.found.get_or_init(|| Arc::new(in_order((self.find)()))))
    }

    /// The drawing with each letter's outline found.
    pub(super) fn tree(&self, svg: &str) -> Result<Tree, ExportError> {
        let fontdb = self.database();
        if fontdb.is_empty() {
            return Err(ExportError::NoFonts);
        }
        let missing = Mutex::new(BTreeSet::new());
        let font_resolver = FontResolver { select_fallback: fallback(&missing), ..FontResolver::default() };
        let options = Options { fontdb, font_resolver, ..Options::default() };
        let tree = Tree::from_str(svg, &options).map_err(ExportError::Drawing)?;
        drop(options);
        let mut missing = missing.into_inner().unwrap_or_else(PoisonError::into_inner);
        boxes(tree.root(), &mut missing);
        if missing.is_empty() { Ok(tree) } else { Err(ExportError::NoGlyphs(missing.into_iter().collect())) }
    }
}

/// The fonts in the order in which they are asked for a letter, whatever order the folders have. The first of them stands
/// for every name that a drawing uses and that is no installed family.
fn in_order(found: Database) -> Database {
    let key = |face: &FaceInfo| {
        let is = |wanted: &str| face.families.iter().any(|(family, _)| family == wanted);
        let rank = SANS.iter().chain(&CHINESE).position(|family| is(family)).unwrap_or(usize::MAX);
        (rank, family(face), face.weight.0.abs_diff(400), face.post_script_name.clone())
    };
    let mut faces: Vec<FaceInfo> = found.faces().cloned().collect();
    faces.sort_by_cached_key(key);
    let Some(text) = faces.first().and_then(family) else { return found };
    let has = |wanted: &str| faces.iter().any(|face| face.families.iter().any(|(family, _)| family == wanted));
    let monospace = MONOSPACE.into_iter().find(|family| has(family)).map_or(text.clone(), str::to_owned);

    let mut database = Database::new();
    database.set_sans_serif_family(text.clone());
    // What is asked for a family that is not installed.
    database.set_serif_family(text);
    database.set_monospace_family(monospace);
    for face in faces {
        database.push_face_info(face);
    }
    database
}

fn family(face: &FaceInfo) -> Option<String> {
    face.families.first().map(|(family, _)| family.clone())
}

/// The font for a letter that the text's own does not have: the first that has it, in the weight of the text. Where there is
/// none the letter is noted: a text of such letters alone is not in the tree.
fn fallback(missing: &Mutex<BTreeSet<char>>) -> FallbackSelectionFn<'_> {
    let first_with = FontResolver::default_fallback_selector();
    Box::new(move |letter, used, database| {
        let Some(found) = first_with(letter, used, database) else {
            missing.lock().unwrap_or_else(PoisonError::into_inner).insert(letter);
            return None;
        };
        let text = database.face(*used.first()?)?;
        let family = family(database.face(found)?)?;
        let families = [Family::Name(&family)];
        let query = Query { families: &families, weight: text.weight, stretch: text.stretch, style: text.style };
        Some(database.query(&query).filter(|face| !used.contains(face)).unwrap_or(found))
    })
}

/// Letters that are drawn as the empty box of a font.
fn boxes(group: &Group, missing: &mut BTreeSet<char>) {
    for node in group.children() {
        match node {
            Node::Group(inner) => boxes(inner, missing),
            Node::Text(text) => {
                let glyphs = text.layouted().iter().flat_map(|span| &span.positioned_glyphs);
                let unknown = glyphs.filter(|glyph| glyph.id.0 == 0);
                missing.extend(unknown.flat_map(|glyph| glyph.text.chars()).filter(|letter| !letter.is_whitespace()));
            }
            Node::Path(_) | Node::Image(_) => {}
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::font_fixture::installed;
    use super::*;

    const LATIN: &str = "abc 1";
    const ALL: &str = "abc 1时延✗";

    /// The faces that draw the letters.
    fn faces(find: fn() -> Database, style: &str, letters: &str) -> Vec<String> {
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\">\
             <text y=\"5\" font-family=\"system-ui, sans-serif\" {style}>{letters}</text></svg>"
        );
        let tree = Fonts::found_by(find).tree(&svg).unwrap();
        let Some(Node::Text(text)) = tree.root().children().first() else { unreachable!("the drawing has one text") };
        let glyphs = text.layouted().iter().flat_map(|span| &span.positioned_glyphs);
        let names = glyphs.map(|glyph| tree.fontdb().face(glyph.font).unwrap().post_script_name.clone());
        let mut names: Vec<_> = names.collect();
        names.dedup();
        names
    }

    #[test]
    fn text_has_the_best_family_that_is_installed_whatever_the_order_of_the_folders() {
        let find = || installed(&[("Anything", 400, ALL), ("Noto Sans", 400, LATIN), ("DejaVu Sans", 400, LATIN)]);
        assert_eq!(faces(find, "", "abc"), ["DejaVuSans-400"]);
        assert_eq!(faces(|| installed(&[("Zeta", 400, ALL), ("Eta", 400, ALL)]), "", "abc"), ["Eta-400"]);
    }

    #[test]
    fn bold_text_is_bold_where_there_is_such_a_face() {
        let find = || installed(&[("DejaVu Sans", 700, LATIN), ("DejaVu Sans", 400, LATIN)]);
        assert_eq!(faces(find, "font-weight=\"bold\"", "abc"), ["DejaVuSans-700"]);
        assert_eq!(faces(find, "", "abc"), ["DejaVuSans-400"]);
    }

    #[test]
    fn chinese_has_a_chinese_family_in_the_weight_of_the_text() {
        let find = || {
            installed(&[
                ("Noto Sans CJK JP", 400, ALL),
                ("Noto Sans CJK SC", 700, ALL),
                ("Noto Sans CJK SC", 400, ALL),
                ("DejaVu Sans", 400, LATIN),
                ("DejaVu Sans", 700, LATIN),
            ])
        };
        assert_eq!(faces(find, "", "时延"), ["NotoSansCJKSC-400"]);
        assert_eq!(faces(find, "font-weight=\"bold\"", "时延"), ["NotoSansCJKSC-700"]);
        let without = || installed(&[("Noto Sans CJK JP", 400, ALL), ("DejaVu Sans", 400, LATIN)]);
        assert_eq!(faces(without, "", "时延"), ["NotoSansCJKJP-400"]);
    }

    #[test]
    fn a_text_may_need_more_than_two_fonts() {
        let find = || {
            installed(&[
                ("DejaVu Sans", 400, "ab"),
                ("Noto Sans", 400, "✗"),
                ("WenQuanYi Zen Hei", 400, "时延"),
                ("Z", 400, "µ"),
            ])
        };
        let wanted = ["DejaVuSans-400", "WenQuanYiZenHei-400", "NotoSans-400", "Z-400"];
        assert_eq!(faces(find, "", "ab时✗µ"), wanted);
    }

    #[test]
    fn fonts_are_looked_for_once_and_only_when_they_are_needed() {
        use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
        static LOOKED: AtomicU32 = AtomicU32::new(0);
        let fonts = Fonts::found_by(|| {
            LOOKED.fetch_add(1, Relaxed);
            installed(&[("Squares", 400, LATIN)])
        });
        assert_eq!(LOOKED.load(Relaxed), 0);
        for _ in 0..3 {
            fonts.tree("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>").unwrap();
        }
        assert_eq!(LOOKED.load(Relaxed), 1);
    }
}
