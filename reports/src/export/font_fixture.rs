//! Fonts made for a test: every letter that they have is the same square, from the baseline up to half an em.

use resvg::usvg::fontdb::Database;

/// Units of the em.
const EM: u16 = 1_000;

/// A TrueType font (ISO/IEC 14496-22, the tables that it asks for) with these letters.
pub(super) fn font(family: &str, weight: u16, letters: &str) -> Vec<u8> {
    let mut codes: Vec<u32> = letters.chars().map(u32::from).collect();
    codes.sort_unstable();
    codes.dedup();
    let glyph = square();
    let length = glyph.len() as u32;
    let tables = [
        (b"OS/2", os2(weight)),
        (b"cmap", cmap(&codes)),
        (b"glyf", glyph),
        (b"head", head()),
        (b"hhea", words(&[1, 0, 800, -200, 0, EM as i16, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2])),
        (b"hmtx", words(&[EM as i16, 0, EM as i16, 0])),
        // Glyph 0, what is drawn for a letter that is not there, is empty.
        (b"loca", [0, 0, length].map(u32::to_be_bytes).concat()),
        (b"maxp", words(&[1, 0, 2, 4, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0])),
        (b"name", name(family, weight)),
        (b"post", words(&[3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
    ];
    let count = tables.len() as u16;
    let mut offset = 12 + 16 * tables.len() as u32;
    let mut directory = words(&[1, 0, count as i16, 128, 3, 32]);
    let mut data = Vec::new();
    for (tag, mut table) in tables {
        directory.extend(tag);
        directory.extend([0, offset, table.len() as u32].map(u32::to_be_bytes).concat());
        table.resize(table.len().next_multiple_of(4), 0);
        offset += table.len() as u32;
        data.extend(table);
    }
    [directory, data].concat()
}

/// The fonts, each with its family, weight and letters, as if they were installed.
pub(super) fn installed(fonts: &[(&str, u16, &str)]) -> Database {
    let mut database = Database::new();
    for (family, weight, letters) in fonts {
        database.load_font_data(font(family, *weight, letters));
    }
    assert_eq!(database.len(), fonts.len());
    database
}

fn words(words: &[i16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

fn head() -> Vec<u8> {
    let magic = 0x5F0F_3CF5_u32.to_be_bytes();
    let em = EM as i16;
    [
        words(&[1, 0, 1, 0, 0, 0]),
        magic.to_vec(),
        words(&[0, em, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, em, em / 2, 0, 8, 2, 1, 0]),
    ]
    .concat()
}

fn os2(weight: u16) -> Vec<u8> {
    let mut table = vec![0; 78];
    table[2..4].copy_from_slice(&EM.to_be_bytes());
    table[4..6].copy_from_slice(&weight.to_be_bytes());
    table[6..8].copy_from_slice(&5_u16.to_be_bytes());
    // Upright, neither bold nor italic by name.
    table[62..64].copy_from_slice(&64_u16.to_be_bytes());
    table
}

/// Format 12: a group for each letter.
fn cmap(codes: &[u32]) -> Vec<u8> {
    let count = codes.len() as u32;
    let groups = codes.iter().flat_map(|&code| [code, code, 1]);
    let head = words(&[0, 1, 3, 10, 0, 12, 12, 0]);
    [head, [16 + 12 * count, 0, count].into_iter().chain(groups).flat_map(u32::to_be_bytes).collect()].concat()
}

fn square() -> Vec<u8> {
    let (wide, high) = (EM as i16, EM as i16 / 2);
    let outline = words(&[1, 0, 0, wide, high, 3, 0]);
    // On the curve, each step in 16 bits.
    let steps = words(&[0, wide, 0, -wide, 0, 0, high, 0]);
    [outline, vec![1; 4], steps].concat()
}

fn name(family: &str, weight: u16) -> Vec<u8> {
    let style = weight.to_string();
    let names = [(1, family.to_owned()), (2, style.clone()), (6, format!("{}-{style}", family.replace(' ', "")))];
    let mut head = words(&[0, names.len() as i16, 6 + 12 * names.len() as i16]);
    let mut texts = Vec::new();
    for (id, text) in names {
        let text: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        head.extend(words(&[3, 1, 0x409, id, text.len() as i16, texts.len() as i16]));
        texts.extend(text);
    }
    [head, texts].concat()
}
