//! Cumulative bytes of one client: a handshake paid once against headers paid each time.

use super::canvas::{Canvas, Point, Stroke};
use super::frame::{
    Chart, LABEL, Plan, Room, SMALL, base_line, bottom_axis, bottom_title, left_axis, left_title, nothing,
};
use super::letters::{Letters, text_width};
use super::place::place;
use super::scale::Scale;
use super::scene::Scene;
use crate::number::significant;
use crate::session::{self, Course, Crossing};
use crate::set::Item;
use crate::style::{INK, INVALID, PAPER, Style, tint};
use crate::table::{ABSENT, Align, Heading, Table};
use crate::words::listed;

const X_AXIS: &str = "time since the client connected (s, logarithmic)";
const Y_AXIS: &str = "bytes of one client so far (bytes, logarithmic)";
const LABEL_HEIGHT: f64 = 19.0;
const LABEL_GAP: f64 = 50.0;
const PLOT: f64 = 330.0;
const FROM_S: f64 = 0.1;
/// At least so far …
const TO_S: f64 = 100.0;
/// … and at most so far, wherever lines cross.
const AT_MOST_S: f64 = 1e6;
/// So many crossings are named in the drawing; the data has all of them.
const NAMED: usize = 8;
/// The columns of the data.
const AFTER_S: [(f64, &str); 3] = [(60.0, "after 1 min"), (600.0, "after 10 min"), (3_600.0, "after 1 h")];

pub(crate) fn chart(scene: &Scene<'_>) -> Chart {
    let items = scene.items.as_slice();
    let courses: Vec<_> = items.iter().filter_map(|item| Some((item, session::of(item)?))).collect();
    let crossings = session::crossings(items);
    let names = names(items, &crossings);
    let plot = if courses.is_empty() { 80.0 } else { PLOT.max(courses.len() as f64 * LABEL_HEIGHT + 20.0) + 64.0 };
    let plan = Plan {
        name: "session-bytes".to_owned(),
        title: "Bytes of one client over its session".to_owned(),
        description: format!(
            "One line for each cell. Left to right: {X_AXIS}. Bottom to top: {Y_AXIS}, above TCP, both directions. A \
             ring stands where a pushed transport falls below one that polls. {}",
            names.join(" ")
        ),
        notes: notes(items),
        data: data(items, &crossings),
        height: plot + names.len() as f64 * 18.0 + if names.is_empty() { 0.0 } else { 10.0 },
    };
    plan.draw(scene.look, &scene.caption, |canvas| {
        draw(canvas, &courses, &crossings, plot);
        for (line, name) in names.iter().enumerate() {
            canvas.text((110.0, plot + 9.0 + line as f64 * 18.0), name, Letters::new(SMALL, INK));
            if line < crossings.len().min(NAMED) {
                ring(canvas, (99.0, plot + 9.0 + line as f64 * 18.0));
            }
        }
    })
}

fn names(items: &[Item<'_>], crossings: &[Crossing]) -> Vec<String> {
    let name = |crossing: &Crossing| {
        let (pushed, polls) = (items[crossing.pushed].marked_label(), items[crossing.polls].marked_label());
        let (at, bytes) = (significant(crossing.at_s), significant(crossing.bytes));
        format!("{at} s, {bytes} bytes: from here on {pushed} costs less than {polls}.")
    };
    let mut names: Vec<_> = crossings.iter().take(NAMED).map(name).collect();
    if crossings.len() > NAMED {
        names.push(format!("{} more, in the data of this chart.", crossings.len() - NAMED));
    }
    names
}

fn notes(items: &[Item<'_>]) -> Vec<String> {
    let mut notes = vec![
        "Measured: what opens a connection, and the bytes of the window for each client and second. Assumed: that every \
         second costs as much as those of the window, and that nobody has to connect again. Lines, not steps; without \
         the headers and handshakes of TCP and IP."
            .to_owned(),
    ];
    let without: Vec<_> = items.iter().filter(|i| session::of(i).is_none()).map(Item::marked_label).collect();
    if !without.is_empty() {
        notes.push(format!("Not measured: {}.", listed(&without)));
    }
    notes
}

fn draw(canvas: &Canvas<'_>, courses: &[(&Item<'_>, Course)], crossings: &[Crossing], height: f64) {
    if courses.is_empty() {
        return nothing(canvas, height);
    }
    let last = crossings.iter().map(|crossing| crossing.at_s).fold(0.0, f64::max);
    // An axis ends a little beyond what it is asked for.
    let (from, to) = (FROM_S, (last * 30.0).clamp(TO_S, AT_MOST_S) / 1.03);
    let longest = courses.iter().map(|(item, _)| text_width(&item.marked_label(), LABEL)).fold(0.0, f64::max);
    let room = Room {
        left: 110.0,
        top: 12.0,
        right: canvas.look().width() - LABEL_GAP - longest - 10.0,
        bottom: height - 52.0,
    };
    let x = Scale::logarithmic(from, to);
    let x = x.between(room.left, room.right);
    let end = x.value_at(room.right);
    let low = courses.iter().map(|(_, course)| course.after(from)).fold(f64::INFINITY, f64::min);
    let high = courses.iter().map(|(_, course)| course.after(end)).fold(0.0, f64::max);
    let y = Scale::logarithmic(low, high).between(room.bottom, room.top);
    bottom_axis(canvas, room, &x, 0, true);
    left_axis(canvas, room, &y, 0, true);
    base_line(canvas, (room.left, room.bottom), (room.right, room.bottom));
    bottom_title(canvas, room, X_AXIS);
    left_title(canvas, 20.0, room, Y_AXIS);

    let path = |course: &Course| -> Vec<Point> {
        let steps = ((room.right - room.left) / 3.0).ceil() as usize;
        let pixel = |step: usize| room.left + (room.right - room.left) * step as f64 / steps as f64;
        (0..=steps).map(|step| (pixel(step), y.at(course.after(x.value_at(pixel(step)))))).collect()
    };
    for (item, course) in courses {
        let Style { colour, dash, marker } = item.style();
        let path = path(course);
        canvas.line(&path, Stroke { colour, width: if item.valid() { 2.4 } else { 1.5 }, dash });
        // One at each fifth of the line, so that lines that run together still tell themselves.
        path.iter().step_by(path.len() / 5).for_each(|&at| canvas.marker(at, marker, 3.6, colour));
    }
    for crossing in crossings.iter().filter(|crossing| crossing.at_s <= end) {
        ring(canvas, (x.at(crossing.at_s), y.at(crossing.bytes)));
    }
    let ends: Vec<f64> = courses.iter().map(|(_, course)| y.at(course.after(end))).collect();
    let placed = place(&ends, LABEL_HEIGHT, room.top + 4.0, room.bottom + 20.0);
    for (((item, _), &end), middle) in courses.iter().zip(&ends).zip(placed) {
        label(canvas, item, (room.right, end), (room.right + LABEL_GAP, middle));
    }
}

/// Where two lines cross.
fn ring(canvas: &Canvas<'_>, (x, y): Point) {
    let around = |radius: f64| -> Vec<Point> {
        let angles = (0..=24).map(|step| f64::from(step) * std::f64::consts::TAU / 24.0);
        angles.map(|angle| (x + radius * angle.cos(), y + radius * angle.sin())).collect()
    };
    canvas.fill(&around(4.4), PAPER);
    canvas.line(&around(4.4), Stroke { colour: INK, width: 1.5, dash: &[] });
}

fn label(canvas: &Canvas<'_>, item: &Item<'_>, end: Point, at: Point) {
    let Style { colour, marker, .. } = item.style();
    let leader = Stroke { colour: tint(colour, 0.7), width: 1.0, dash: &[] };
    canvas.line(&[end, (at.0 - 20.0, at.1), (at.0 - 12.0, at.1)], leader);
    canvas.marker((at.0 - 9.0, at.1), marker, 4.4, colour);
    let ink = if item.valid() { INK } else { INVALID };
    canvas.text(at, &item.marked_label(), Letters::new(LABEL, ink));
}

fn data(items: &[Item<'_>], crossings: &[Crossing]) -> Table {
    let heading = |text: String, align| Heading { text, align };
    let mut header = vec![heading("cell".to_owned(), Align::Left)];
    let figures = ["opening, measured (bytes)", "a second of the window, measured (bytes)"].map(str::to_owned);
    let after = AFTER_S.map(|(_, name)| format!("{name}, computed (bytes)"));
    header.extend(figures.into_iter().chain(after).map(|text| heading(text, Align::Right)));
    header.push(heading("computed: costs less than".to_owned(), Align::Left));
    let row = |(index, item): (usize, &Item<'_>)| {
        let mut row = vec![item.label.clone()];
        match session::of(item) {
            None => row.extend([(); 2 + AFTER_S.len()].map(|()| ABSENT.to_owned())),
            Some(course) => {
                row.extend([course.opening, course.per_second].map(significant));
                row.extend(AFTER_S.map(|(seconds, _)| significant(course.after(seconds))));
            }
        }
        let of_cell = crossings.iter().filter(|crossing| crossing.pushed == index);
        let texts = of_cell.map(|c| format!("{} from {} s on", items[c.polls].label, significant(c.at_s)));
        let texts: Vec<_> = texts.collect();
        row.push(if texts.is_empty() { ABSENT.to_owned() } else { texts.join("; ") });
        row
    };
    Table { header, rows: items.iter().enumerate().map(row).collect() }
}
