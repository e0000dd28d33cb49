//! Cumulative bytes of one client: a handshake paid once against headers paid each time.

use super::canvas::{Canvas, Point as Place, Reading, Stroke};
use super::frame::{Chart, Plan, Room, SMALL, base_line, bottom_axis, bottom_title, left_axis, left_title, nothing};
use super::labels::{EMPTY, Labels};
use super::letters::{Letters, wrap};
use super::repetitions::{self, Columns, hollow, left};
use super::scale::Scale;
use super::scene::Scene;
use crate::lang::Lang;
use crate::look::{Look, Medium};
use crate::number::{duration_ms, significant};
use crate::session::{self, Course, Crossing};
use crate::set::{Item, Point};
use crate::style::{INK, PAPER, Style};
use crate::table::{ABSENT, Table};
use crate::text::charts_lines as text;
use crate::text::common::listed;

const FROM_S: f64 = 0.1;
/// At least so far …
const TO_S: f64 = 100.0;
/// … and at most so far, wherever lines cross.
const AT_MOST_S: f64 = 1e6;
/// The computed rows of the data, and where a line can be read (s).
const AFTER_S: [f64; 3] = [60.0, 600.0, 3_600.0];
const NAME_LINE: f64 = 17.0;

/// A point with its course.
struct Line<'a> {
    point: &'a Point<'a>,
    course: Course,
}

pub(crate) fn chart(scene: &Scene<'_>) -> Chart {
    let (look, lang, points) = (scene.look, scene.lang(), scene.points.as_slice());
    let line = |point| Some(Line { point, course: session::of_point(point)? });
    let lines: Vec<Line<'_>> = points.iter().filter_map(line).collect();
    let crossings = session::crossings(points);
    let labels = Labels::of(look, lines.iter().map(|line| line.point));
    let names = names(look, points, &crossings);
    // The names take a part of the drawing's height, as far as the axis keeps room for its title.
    let spare = match look.medium {
        Medium::Page => 60.0,
        Medium::Slide => 40.0,
        Medium::Paper => 0.0,
    };
    let plot = if lines.is_empty() { EMPTY } else { labels.drawing_height() - below(look, &names).min(spare) };
    let (x_axis, y_axis) = (text::session_x(lang), text::session_y(lang));
    let plan = Plan {
        name: "session-bytes".to_owned(),
        title: text::session_title(lang).to_owned(),
        description: text::session_description(lang, x_axis, y_axis) + &names.concat().join(" "),
        notes: notes(lang, points),
        data: data(lang, points, &crossings),
        height: plot + below(look, &names),
    };
    plan.draw(look, &scene.caption, |canvas| {
        draw(canvas, &lines, &crossings, &labels, plot);
        let mut y = plot + 9.0;
        for (number, name) in names.iter().enumerate() {
            if number < crossings.len().min(named(look)) {
                ring(canvas, (23.0, y));
            }
            for line in name {
                canvas.text((34.0, y), line, Letters::new(SMALL, INK));
                y += NAME_LINE;
            }
        }
    })
}

/// So many crossings are named in the drawing; the data has all of them.
fn named(look: Look) -> usize {
    if look.medium == Medium::Page { 8 } else { 4 }
}

/// What the names of the crossings need below the plot (px).
fn below(look: Look, names: &[Vec<String>]) -> f64 {
    let lines = names.iter().map(Vec::len).sum::<usize>();
    if lines == 0 { 0.0 } else { lines as f64 * NAME_LINE + if look.medium == Medium::Page { 10.0 } else { 4.0 } }
}

/// Each crossing in words, broken into lines.
fn names(look: Look, points: &[Point<'_>], crossings: &[Crossing]) -> Vec<Vec<String>> {
    let name = |crossing: &Crossing| {
        let (pushed, polls) = (points[crossing.pushed].marked_label(), points[crossing.polls].marked_label());
        text::session_crossing(look.lang, significant(crossing.at_s), significant(crossing.bytes), pushed, polls)
    };
    let mut names: Vec<_> = crossings.iter().take(named(look)).map(name).collect();
    if crossings.len() > named(look) {
        names.push(text::session_more(look.lang, crossings.len() - named(look)));
    }
    names.iter().map(|name| wrap(name, SMALL, look.width() - 50.0)).collect()
}

/// The repetitions that count.
fn n(point: &Point<'_>) -> Option<usize> {
    point.estimate(|item| Some(session::of(item)?.per_second)).map(|estimate| estimate.n())
}

fn notes(lang: Lang, points: &[Point<'_>]) -> Vec<String> {
    let mut notes = vec![text::session_assumed(lang).to_owned()];
    let counts: Vec<_> = points.iter().filter_map(n).collect();
    if let (Some(low), Some(high)) = (counts.iter().min(), counts.iter().max().filter(|&&high| high > 1)) {
        let n = if low == high { low.to_string() } else { text::from_to(lang, low, high) };
        notes.push(text::session_repetitions(lang, n));
    }
    let without: Vec<_> = points.iter().filter(|point| n(point).is_none()).map(Point::marked_label).collect();
    if !without.is_empty() {
        notes.push(text::session_none(lang, listed(lang, &without)));
    }
    notes
}

fn draw(canvas: &Canvas<'_>, lines: &[Line<'_>], crossings: &[Crossing], labels: &Labels, height: f64) {
    if lines.is_empty() {
        return nothing(canvas, height);
    }
    let look = canvas.look();
    let last = crossings.iter().map(|crossing| crossing.at_s).fold(0.0, f64::max);
    // An axis ends a little beyond what it is asked for.
    let (from, to) = (FROM_S, (last * 30.0).clamp(TO_S, AT_MOST_S) / 1.03);
    let room = Room { left: 92.0, top: 12.0, right: look.width() - labels.width(), bottom: height - 52.0 };
    let x = Scale::logarithmic(from, to).between(room.left, room.right);
    let end = x.value_at(room.right);
    let low = lines.iter().map(|line| line.course.after(from)).fold(f64::INFINITY, f64::min);
    let high = lines.iter().map(|line| line.course.after(end)).fold(0.0, f64::max);
    let y = Scale::logarithmic(low, high).between(room.bottom, room.top);
    bottom_axis(canvas, room, &x, 0, true);
    left_axis(canvas, room, &y, 0, true);
    base_line(canvas, (room.left, room.bottom), (room.right, room.bottom));
    bottom_title(canvas, room, text::session_x(look.lang));
    left_title(canvas, 16.0, room, text::session_y(look.lang));

    let ends: Vec<Place> = lines.iter().map(|line| (room.right, y.at(line.course.after(end)))).collect();
    let middles = labels.places(room, &ends);
    for (index, line) in lines.iter().enumerate() {
        let readings = readings(look.lang, line, &x, &y, end);
        canvas.series(line.point.transport(), line.point.label(), &readings, |canvas| {
            draw_line(canvas, line, &x, &y, room);
            labels.draw(canvas, index, line.point, room.right, ends[index], middles[index]);
        });
    }
    for crossing in crossings.iter().filter(|crossing| crossing.at_s <= end) {
        ring(canvas, (x.at(crossing.at_s), y.at(crossing.bytes)));
    }
}

fn draw_line(canvas: &Canvas<'_>, Line { point, course }: &Line<'_>, x: &Scale, y: &Scale, room: Room) {
    let steps = ((room.right - room.left) / 3.0).ceil() as usize;
    let pixel = |step: usize| room.left + (room.right - room.left) * step as f64 / steps as f64;
    let path: Vec<Place> = (0..=steps).map(|step| (pixel(step), y.at(course.after(x.value_at(pixel(step)))))).collect();
    let Style { colour, dash, marker } = point.style();
    canvas.line(&path, Stroke { colour, width: if point.is_valid() { 2.4 } else { 1.2 }, dash });
    // One at each fifth of the line, so that lines that run together still tell themselves.
    for &at in path.iter().step_by((path.len() / 5).max(1)) {
        match point.is_valid() {
            true => canvas.marker(at, marker, 3.6, colour),
            false => hollow(canvas, at, marker, 3.6, colour),
        }
    }
}

fn readings(lang: Lang, Line { point, course }: &Line<'_>, x: &Scale, y: &Scale, end: f64) -> Vec<Reading> {
    let reading = |seconds: f64| {
        let after = point.estimate(|item| Some(session::of(item)?.after(seconds)))?;
        let at = (x.at(seconds), y.at(course.after(seconds)));
        let name = duration_ms((seconds * 1_000.0) as u64);
        Some(Reading { at, text: repetitions::reading(lang, &name, &after, text::bytes_unit(lang)) })
    };
    [1.0, 10.0].into_iter().chain(AFTER_S).filter(|&seconds| seconds <= end).filter_map(reading).collect()
}

/// Where two lines cross.
fn ring(canvas: &Canvas<'_>, (x, y): Place) {
    let around = |radius: f64| -> Vec<Place> {
        let angles = (0..=24).map(|step| f64::from(step) * std::f64::consts::TAU / 24.0);
        angles.map(|angle| (x + radius * angle.cos(), y + radius * angle.sin())).collect()
    };
    canvas.fill(&around(4.4), PAPER);
    canvas.line(&around(4.4), Stroke { colour: INK, width: 1.5, dash: &[] });
}

/// A row of the data: its name, and the figure of a course.
type Figure = (String, Box<dyn Fn(Course) -> f64>);

fn figures(lang: Lang) -> Vec<Figure> {
    let mut figures: Vec<Figure> = vec![
        (text::session_opening(lang).to_owned(), Box::new(|course| course.opening)),
        (text::session_second(lang).to_owned(), Box::new(|course| course.per_second)),
    ];
    for seconds in AFTER_S {
        let name = text::session_after(lang, text::minutes(lang, seconds / 60.0));
        figures.push((name, Box::new(move |course| course.after(seconds))));
    }
    figures
}

fn data(lang: Lang, points: &[Point<'_>], crossings: &[Crossing]) -> Table {
    let columns = Columns::of(lang, points, text::bytes_unit(lang));
    let mut header = vec![left(text::point(lang)), left(text::session_figure(lang))];
    header.extend(columns.headings());
    header.push(left(text::session_less(lang)));
    let mut rows = Vec::new();
    for (index, point) in points.iter().enumerate() {
        let of_point = crossings.iter().filter(|crossing| crossing.pushed == index);
        let texts = of_point.map(|c| text::session_from(lang, points[c.polls].label(), significant(c.at_s)));
        let texts: Vec<_> = texts.collect();
        let less = if texts.is_empty() { ABSENT.to_owned() } else { texts.join("; ") };
        for (name, figure) in figures(lang) {
            let of_item = |item: &Item<'_>| session::of(item).map(&figure);
            let mut row = vec![point.label().to_owned(), name];
            row.extend(columns.texts(point, point.estimate(of_item).as_ref(), of_item));
            row.push(less.clone());
            rows.push(row);
        }
    }
    Table { header, rows }
}
