//! Bytes per delivered event: what each of them is for, above TCP and on IP.

use feedbench_record::summary::Layers;
use feedbench_record::{Layer, Way};
use plotters::style::RGBColor;

use super::bars::{self, Bar, Fill, Part};
use super::frame::{Chart, Plan};
use super::scene::Scene;
use crate::number::significant;
use crate::set::Item;
use crate::style::layer_colour;
use crate::table::{self, ABSENT, Align, Group, Heading, Table};

const AXIS: &str = "bytes per delivered event, both directions, without what opens a connection";
/// Headers of TCP and IP.
const BELOW: RGBColor = RGBColor(222, 225, 230);
/// Overhead of a record without a ledger.
const UNTOLD: RGBColor = RGBColor(160, 166, 173);

/// The payload first: what comes on top of it then begins at the same place in each bar.
const ORDER: [Layer; 8] = [
    Layer::Payload,
    Layer::EventFraming,
    Layer::BodyFraming,
    Layer::ResponseHeaders,
    Layer::RequestHeaders,
    Layer::Control,
    Layer::Tls,
    Layer::Unclassified,
];
const WAYS: [Way; 2] = [Way::Down, Way::Up];

pub(crate) fn chart(scene: &Scene<'_>) -> Chart {
    let items = scene.items.as_slice();
    let groups = bars::groups(items, bars_of);
    let plan = Plan {
        name: "bytes-per-event".to_owned(),
        title: "Bytes per delivered event".to_owned(),
        description: format!(
            "Horizontal bars, two for each cell: {AXIS} (bytes). The upper bar is what TCP carries, by layer, the \
             event's own text first, then the rest from server to client in full colours, then what the client sends, \
             outlined. The lower bar is the same on IP, with the headers of TCP and IP behind it."
        ),
        notes: notes(items),
        data: data(items),
        height: 0.0,
    };
    bars::chart(scene, plan, &groups, &key(items), AXIS)
}

fn fill(way: Way, layer: Layer) -> Fill {
    match way {
        Way::Up => Fill::Outlined(layer_colour(layer)),
        Way::Down => Fill::Solid(layer_colour(layer)),
    }
}

fn part(length: f64, fill: Fill) -> Part {
    Part { length, fill, text: significant(length) }
}

fn above_tcp(layers: &Layers) -> Vec<Part> {
    let each = WAYS.into_iter().flat_map(|way| ORDER.map(|layer| (way, layer)));
    let parts = each.map(|(way, layer)| part(layers.get(way, layer), fill(way, layer)));
    parts.filter(|part| part.length > 0.0).collect()
}

fn bars_of(item: &Item<'_>) -> Vec<Bar> {
    let bytes = &item.cell.bytes_per_event;
    let (Some(total), Some(payload), Some(overhead)) = (bytes.total, bytes.payload, bytes.overhead) else {
        let nothing = item.record.cell_counts.delivered == 0;
        return vec![bars::absent("", if nothing { "no event was delivered" } else { "not measured" })];
    };
    let parts = match &bytes.layers {
        Some(layers) => above_tcp(layers),
        None => {
            vec![part(payload, Fill::Solid(layer_colour(Layer::Payload))), part(overhead, Fill::Solid(UNTOLD))]
        }
    };
    let on_ip = match bytes.ip {
        Some(ip) => {
            let below = part((ip - total).max(0.0), Fill::Solid(BELOW));
            Bar { parts: [parts.clone(), vec![below]].concat(), text: format!("{} on IP", significant(ip)) }
        }
        None => bars::absent("on IP: ", "not measured"),
    };
    let text = format!("{} above TCP, of it {} overhead", significant(total), significant(overhead));
    vec![Bar { parts, text }, on_ip]
}

fn key(items: &[Item<'_>]) -> Vec<(Fill, &'static str)> {
    let layers = || items.iter().filter_map(|item| item.cell.bytes_per_event.layers.as_ref());
    let occurs = |layer: &Layer| layers().any(|layers| WAYS.iter().any(|&way| layers.get(way, *layer) > 0.0));
    let mut key: Vec<_> =
        ORDER.into_iter().filter(occurs).map(|layer| (fill(Way::Down, layer), layer.title())).collect();
    let bytes = || items.iter().map(|item| &item.cell.bytes_per_event).filter(|bytes| bytes.total.is_some());
    if bytes().any(|bytes| bytes.layers.is_none()) {
        if layers().next().is_none() {
            key.push((fill(Way::Down, Layer::Payload), Layer::Payload.title()));
        }
        key.push((Fill::Solid(UNTOLD), "overhead, its layers not measured"));
    }
    if bytes().any(|bytes| bytes.ip.is_some()) {
        key.push((Fill::Solid(BELOW), "TCP and IP headers"));
    }
    if layers().next().is_some() {
        key.push((Fill::Full, "server to client"));
        key.push((Fill::Outlined(UNTOLD), "client to server"));
    }
    key
}

fn notes(items: &[Item<'_>]) -> Vec<String> {
    let note = |item: &Item<'_>| {
        let (ip, all) = (item.record.bytes.ip?.connections, item.record.bytes.loadgen.connections);
        let label = item.marked_label();
        (ip < all).then(|| {
            format!("{label}: segments were counted on {ip} of {all} connections, bytes on IP are a lower bound.")
        })
    };
    items.iter().filter_map(note).collect()
}

/// The columns of the figures, and one for each layer that occurs in a direction.
fn data(items: &[Item<'_>]) -> Table {
    let mut table = table::labelled(items, &[Group::Bytes]);
    for (way, layer) in WAYS.into_iter().flat_map(|way| ORDER.map(|layer| (way, layer))) {
        let bytes = |item: &Item<'_>| Some(item.cell.bytes_per_event.layers.as_ref()?.get(way, layer));
        if !items.iter().any(|item| bytes(item).is_some_and(|bytes| bytes > 0.0)) {
            continue;
        }
        let text = format!("{} {} (bytes per event)", layer.title(), way.id());
        table.header.push(Heading { text, align: Align::Right });
        for (row, item) in table.rows.iter_mut().zip(items) {
            row.push(bytes(item).map_or(ABSENT.to_owned(), significant));
        }
    }
    table
}
