//! The figures as rows: for the terminal, Markdown, CSV and the page. Text tables show `–` for what was not measured;
//! CSV leaves it empty and has raw values, with the unit in the column's name.

mod columns;
pub(crate) mod latex;
pub(crate) mod points;

use feedbench_record::summary::Cell;

pub(crate) use columns::Group;
use columns::{COLUMNS, Column};

use crate::lang::Lang;
use crate::set::Item;
use crate::text::common;

/// What was not measured, in a table for people.
pub const ABSENT: &str = "–";

/// How a column's texts stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Names.
    Left,
    /// Numbers.
    Right,
}

/// Which columns a table has, from the fewest to all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Selection {
    /// What fits 80 characters.
    Narrow,
    /// What fits a wide terminal.
    Short,
    /// Every column.
    Full,
}

/// One column's head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// The name, with the unit.
    pub text: String,
    /// How the column's texts stand.
    pub align: Align,
}

/// Rows of texts under their headings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// One for each column.
    pub header: Vec<Heading>,
    /// One text for each column.
    pub rows: Vec<Vec<String>>,
}

fn table_of(cells: &[Cell], lang: Lang, wanted: impl Fn(&Column) -> bool) -> Table {
    let columns: Vec<_> = COLUMNS.iter().filter(|column| wanted(column)).collect();
    Table {
        header: columns.iter().map(|column| column.heading(lang)).collect(),
        rows: cells.iter().map(|cell| columns.iter().map(|column| (column.text)(cell, lang)).collect()).collect(),
    }
}

/// The cells as texts for people, one row each, in the order given.
pub fn rows(cells: &[Cell], selection: Selection, lang: Lang) -> Table {
    table_of(cells, lang, |column| column.is_shown(cells) && column.from <= selection)
}

/// The columns of some groups, each row under its cell's label.
pub(crate) fn labelled(items: &[Item<'_>], groups: &[Group]) -> Table {
    let cells: Vec<_> = items.iter().map(|item| item.cell.clone()).collect();
    let lang = items.first().map_or(Lang::En, |item| item.lang);
    let mut table = table_of(&cells, lang, |column| groups.contains(&column.group) && column.is_shown(&cells));
    table.header.insert(0, Heading { text: common::cell(lang).to_owned(), align: Align::Left });
    for (row, item) in table.rows.iter_mut().zip(items) {
        row.insert(0, item.label.clone());
    }
    table
}

/// The full table in Markdown.
pub fn markdown(cells: &[Cell], lang: Lang) -> String {
    rows(cells, Selection::Full, lang).markdown()
}

impl Table {
    /// The table in Markdown.
    pub(crate) fn markdown(&self) -> String {
        let line = |texts: Vec<String>| format!("| {} |\n", texts.join(" | "));
        let mut text = line(self.header.iter().map(|heading| escape_markdown(&heading.text)).collect());
        text += &line(self.header.iter().map(|heading| rule(heading.align).to_owned()).collect());
        for row in &self.rows {
            text += &line(row.iter().map(|cell| escape_markdown(cell)).collect());
        }
        text
    }

    /// The texts of the table in CSV (RFC 4180).
    pub(crate) fn csv(&self) -> String {
        let header = self.header.iter().map(|heading| heading.text.clone()).collect();
        let rows: Vec<Vec<String>> = [header].into_iter().chain(self.rows.iter().cloned()).collect();
        csv_of(rows.iter().map(|row| row.iter()))
    }
}

fn rule(align: Align) -> &'static str {
    match align {
        Align::Left => ":---",
        Align::Right => "---:",
    }
}

fn escape_markdown(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;").replace(['\r', '\n'], " ")
}

/// Every column in CSV (RFC 4180), with raw values. A latency beyond the histogram's bounds is `>60000000` or `<0`.
pub fn csv(cells: &[Cell]) -> String {
    let header = COLUMNS.iter().map(|column| column.csv.to_owned()).collect();
    let row = |cell: &Cell| COLUMNS.iter().map(|column| (column.raw)(cell)).collect();
    let rows: Vec<Vec<String>> = [header].into_iter().chain(cells.iter().map(row)).collect();
    csv_of(rows.iter().map(|row| row.iter()))
}

fn csv_of<'a>(mut rows: impl Iterator<Item = impl Iterator<Item = &'a String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = rows.try_for_each(|row| writer.write_record(row));
    written.expect("writing to a Vec does not fail, and every row has all columns");
    let bytes = writer.into_inner().expect("writing to a Vec does not fail");
    String::from_utf8(bytes).expect("only text was written")
}
