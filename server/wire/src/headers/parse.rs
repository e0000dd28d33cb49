//! Reads a profile's text, and refuses what would not be HTTP.

use feedbench_record::Transport;

use super::http2::is_of_http1;
use super::{Field, HEAD_MAX_BYTES, Http2, Profile, Section};

/// The most fields of a section: HTTP parsers take a hundred, and a few come on top.
const FIELDS_MAX: usize = 90;

/// What a line begins with that is said only on HTTP/2.
const ONLY_H2: &str = "(h2)";

/// Why a text is no profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct ProfileError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub what: String,
}

/// Whose fields follow a line in brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Owner {
    Requests(Vec<Transport>),
    Answers,
    Http2,
}

/// A section while it is read.
struct Block {
    line: usize,
    owner: Owner,
    fields: Vec<Field>,
}

pub(super) fn profile(text: &str) -> Result<Profile, ProfileError> {
    let mut profile = Profile { sections: Vec::new(), answer: None, http2: Http2::default() };
    for Block { line, owner, fields } in blocks(text)? {
        let complete = match &owner {
            Owner::Requests(transports) => check_complete(&fields, transports),
            Owner::Answers => check_one_case(&fields),
            Owner::Http2 => fields
                .iter()
                .try_for_each(|field| profile.http2.set(&field.name, &field.value))
                .and_then(|()| profile.http2.check()),
        };
        complete.map_err(|what| ProfileError { line, what })?;
        match owner {
            Owner::Requests(transports) => profile.sections.push(Section { transports, fields }),
            Owner::Answers => profile.answer = Some(fields),
            Owner::Http2 => {}
        }
    }
    Ok(profile)
}

/// The sections with their fields, each field checked by itself.
fn blocks(text: &str) -> Result<Vec<Block>, ProfileError> {
    let mut blocks: Vec<Block> = Vec::new();
    for (index, whole) in text.lines().enumerate() {
        let line = index + 1;
        let at = |what: String| ProfileError { line, what };
        let content = whole.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        if let Some(names) = content.strip_prefix('[') {
            let names =
                names.strip_suffix(']').ok_or_else(|| at("a section is named in brackets: [sse]".to_owned()))?;
            let owner = owner(names).map_err(at)?;
            if let Some(twice) = blocks.iter().find(|block| shared(&block.owner, &owner)) {
                return Err(at(format!("this section repeats one that line {} begins", twice.line)));
            }
            blocks.push(Block { line, owner, fields: Vec::new() });
            continue;
        }
        let block = blocks.last_mut().ok_or_else(|| at("a field before the first section, as [polling]".to_owned()))?;
        let field = field(content).map_err(at)?;
        match &block.owner {
            Owner::Requests(transports) => check_request_field(&field, transports),
            Owner::Answers => check_answer_field(&field),
            Owner::Http2 => Http2::default().set(&field.name, &field.value),
        }
        .map_err(at)?;
        if block.fields.iter().any(|earlier| earlier.name.eq_ignore_ascii_case(&field.name)) {
            return Err(at(format!("{} is there twice", field.name)));
        }
        block.fields.push(field);
        let bytes: usize = block.fields.iter().map(|field| field.name.len() + field.value.len() + 4).sum();
        if block.fields.len() > FIELDS_MAX || bytes > HEAD_MAX_BYTES / 2 {
            return Err(at(format!("a section has at most {FIELDS_MAX} fields and {} bytes", HEAD_MAX_BYTES / 2)));
        }
    }
    if blocks.is_empty() {
        return Err(ProfileError { line: 1, what: "a profile begins with a section, as [polling]".to_owned() });
    }
    Ok(blocks)
}

fn owner(names: &str) -> Result<Owner, String> {
    match names.trim() {
        "answer" => return Ok(Owner::Answers),
        "h2" => return Ok(Owner::Http2),
        _ => {}
    }
    let transports = names.split_whitespace().map(str::parse).collect::<Result<Vec<Transport>, _>>();
    let transports = transports.map_err(|error| format!("{error}; or answer; or h2"))?;
    if transports.is_empty() {
        Err("the section names no transport".to_owned())
    } else {
        Ok(Owner::Requests(transports))
    }
}

fn shared(one: &Owner, other: &Owner) -> bool {
    match (one, other) {
        (Owner::Answers, Owner::Answers) | (Owner::Http2, Owner::Http2) => true,
        (Owner::Requests(ours), Owner::Requests(theirs)) => ours.iter().any(|transport| theirs.contains(transport)),
        _ => false,
    }
}

/// A field line (RFC 9112 section 5), its placeholders known.
fn field(line: &str) -> Result<Field, String> {
    let (line, only_h2) = line.strip_prefix(ONLY_H2).map_or((line, false), |line| (line.trim_start(), true));
    let not_a_field = || format!("\"{line:.60}\" is no header field; write Name: value");
    let (name, value) = line.split_once(':').ok_or_else(not_a_field)?;
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(not_a_field());
    }
    let value = value.trim();
    if value.is_empty() {
        return Err(format!("{name} has no value"));
    }
    if !value.bytes().all(|b| b == b'\t' || (b' '..=b'~').contains(&b)) {
        return Err(format!("the value of {name} is not plain ASCII"));
    }
    Ok(Field { name: name.to_owned(), value: value.to_owned(), only_h2 })
}

/// Which fields a request may have, and with which values.
fn check_request_field(field: &Field, transports: &[Transport]) -> Result<(), String> {
    let Field { name, value, only_h2 } = field;
    let is = |wanted: &str| value.eq_ignore_ascii_case(wanted);
    let only = |wanted: &str, is: bool| if is { Ok(()) } else { Err(format!("{name} can only be {wanted} here")) };
    let opens_websocket = transports.contains(&Transport::WebSocket);
    if *only_h2 && is_of_http1(name) {
        return Err(format!("{name} has no place on HTTP/2"));
    }
    match name.to_ascii_lowercase().as_str() {
        "te" if *only_h2 => only("trailers", is("trailers")),
        "content-length" | "transfer-encoding" | "te" | "trailer" | "expect" => {
            Err(format!("{name} would break the framing of HTTP: the requests have no body"))
        }
        "connection" if opens_websocket => only("Upgrade", has_token(value, "upgrade")),
        "connection" => only("keep-alive (--connection asks for another end)", is("keep-alive")),
        "upgrade" => only("websocket, in a section of its own,", opens_websocket && is("websocket")),
        "sec-websocket-version" => only("13, for websocket,", opens_websocket && is("13")),
        "sec-websocket-key" => only("{key}, for websocket,", opens_websocket && value == "{key}"),
        "sec-websocket-protocol" => Err(format!("{name}: the server speaks no subprotocol")),
        "last-event-id" => only("{last-event-id}: feedbench keeps the client's place", value == "{last-event-id}"),
        "cookie" if value == "{cookie}" => Ok(()),
        _ => only_placeholders(name, value, &["{host}", "{origin}"]),
    }
}

fn has_token(list: &str, token: &str) -> bool {
    list.split(',').any(|item| item.trim().eq_ignore_ascii_case(token))
}

/// Which fields an answer may have, and with which values.
fn check_answer_field(field: &Field) -> Result<(), String> {
    let Field { name, value, only_h2 } = field;
    if *only_h2 {
        return Err("the fields of an answer are the same on HTTP/1.1 and HTTP/2".to_owned());
    }
    match name.to_ascii_lowercase().as_str() {
        "content-length" if value == "{length}" => Ok(()),
        "content-length" => Err(format!("{name} can only be {{length}}: feedbench counts the body")),
        "transfer-encoding" | "connection" | "upgrade" | "trailer" | "content-encoding" => {
            Err(format!("{name} would break the framing of HTTP: feedbench sets it where it is needed"))
        }
        crate::path::CURSOR_FIELD => Err(format!("{name} is feedbench's own")),
        _ => only_placeholders(name, value, &[]),
    }
}

fn only_placeholders(name: &str, value: &str, known: &[&str]) -> Result<(), String> {
    let rest = known.iter().fold(value.to_owned(), |rest, placeholder| rest.replace(placeholder, ""));
    match rest.find('{') {
        None => Ok(()),
        Some(at) => {
            let end = rest[at..].find('}').map_or(rest.len(), |end| at + end + 1);
            Err(format!("{name} cannot have the placeholder {}", &rest[at..end]))
        }
    }
}

/// What the protocol requires (RFC 9112 section 3.2, RFC 6455 section 4.1).
fn check_complete(fields: &[Field], transports: &[Transport]) -> Result<(), String> {
    let handshake = ["Connection", "Upgrade", "Sec-WebSocket-Version", "Sec-WebSocket-Key"];
    let handshake = handshake.iter().filter(|_| transports.contains(&Transport::WebSocket));
    for required in std::iter::once(&"Host").chain(handshake) {
        if !fields.iter().any(|field| field.name.eq_ignore_ascii_case(required)) {
            return Err(format!("the section has no {required}, which every such request needs"));
        }
    }
    Ok(())
}

/// The server writes all names in one manner.
fn check_one_case(fields: &[Field]) -> Result<(), String> {
    let all_are = |manner: fn(&str) -> String| fields.iter().all(|field| manner(&field.name) == field.name);
    if all_are(str::to_ascii_lowercase) || all_are(title_case) {
        return Ok(());
    }
    Err("the names of an answer's fields are all written as Content-Type or all as content-type".to_owned())
}

fn title_case(name: &str) -> String {
    let mut begins = true;
    let mut letter = |c: char| {
        let written = if begins { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
        begins = c == '-';
        written
    };
    name.chars().map(&mut letter).collect()
}
