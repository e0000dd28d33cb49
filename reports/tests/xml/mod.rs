//! A reader of well-formed XML, as strict as the tests need: it refuses what a browser would mend.

/// One element, in the order of its start.
#[derive(Debug, Default)]
pub struct Element {
    pub name: String,
    attributes: Vec<(String, String)>,
    /// The text directly inside.
    pub text: String,
}

impl Element {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Elements of HTML that have no end.
const VOID: [&str; 3] = ["meta", "br", "hr"];

/// Every element of a document, or what is wrong with it.
pub fn elements(text: &str) -> Result<Vec<Element>, String> {
    let mut elements: Vec<Element> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let (content, from) = rest.split_at(start);
        characters(content)?;
        if let Some(&inside) = open.last() {
            elements[inside].text.push_str(content);
        } else if !content.trim().is_empty() {
            return Err(format!("text outside of the root: {content:?}"));
        }
        let end = from.find('>').ok_or("a tag without an end")?;
        let tag = &from[1..end];
        rest = &from[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            let index = open.pop().ok_or_else(|| format!("</{name}> without a start"))?;
            if elements[index].name != name {
                return Err(format!("<{}> ended by </{name}>", elements[index].name));
            }
            continue;
        }
        let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let element = element(tag)?;
        if !empty && !VOID.contains(&element.name.as_str()) {
            open.push(elements.len());
        }
        elements.push(element);
    }
    if !open.is_empty() || !rest.trim().is_empty() {
        return Err(format!("{} elements without an end, {rest:?} behind them", open.len()));
    }
    Ok(elements)
}

fn element(tag: &str) -> Result<Element, String> {
    let (name, mut rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err(format!("no name: <{tag}>"));
    }
    let mut element = Element { name: name.to_owned(), ..Element::default() };
    while !rest.trim_start().is_empty() {
        let (key, value) = rest.trim_start().split_once("=\"").ok_or_else(|| format!("no attribute: {rest:?}"))?;
        let (value, behind) = value.split_once('"').ok_or_else(|| format!("{key} has no end"))?;
        if element.attribute(key).is_some() || key.contains(char::is_whitespace) {
            return Err(format!("attribute {key:?} of <{name}>"));
        }
        characters(value)?;
        element.attributes.push((key.to_owned(), value.to_owned()));
        rest = behind;
    }
    Ok(element)
}

/// An ampersand always begins an entity.
fn characters(text: &str) -> Result<(), String> {
    for (index, _) in text.match_indices('&') {
        let entity = text[index + 1..].split_once(';').map(|(name, _)| name).unwrap_or_default();
        let number = entity.strip_prefix('#').is_some_and(|digits| digits.parse::<u32>().is_ok());
        if !number && !["amp", "lt", "gt", "quot", "apos"].contains(&entity) {
            return Err(format!("a bare ampersand: {:?}", &text[index..(index + 12).min(text.len())]));
        }
    }
    Ok(())
}
