//! Records as they are read: properties first, then what they look like on the wire with links.
//!
//! Source: netsuite.md §5.1 (references, choices, sublists, absent values), §12.1, §13, §14.

use super::json::Json;
use crate::platforms::netsuite::operation::RECORD_ROOT;

mod properties;

pub(super) use properties::{
    account_properties, currency_properties, customer_properties, document_properties, is_locked,
    item_properties, item_record, location_properties, subsidiary_properties,
};

/// One property.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Property {
    Plain(Json),
    Reference { record: &'static str, id: String, external_id: Option<String>, name: Option<String> },
    Choice(String, String),
    Sublist(Vec<Line>),
    Subrecord(Properties),
}

pub(super) type Properties = Vec<(&'static str, Property)>;

/// A line of a sublist, with its key.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub key: String,
    pub properties: Properties,
}

/// How a reader wants a record.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub origin: &'a str,
    pub expands: bool,
    /// Sublists that are expanded by name.
    pub expand: &'a [String],
    pub fields: &'a [String],
    pub simple_choices: bool,
}

fn own_link(href: &str) -> Json {
    let link = vec![("rel".to_owned(), Json::text("self")), ("href".to_owned(), Json::text(href))];
    Json::List(vec![Json::Map(link)])
}

impl View<'_> {
    /// A record at its path, or a line of it.
    pub fn record(&self, path: &str, properties: &Properties) -> Json {
        let mut pairs = vec![("links".to_owned(), own_link(&format!("{}{path}", self.origin)))];
        let wanted = |name: &str| {
            self.fields.is_empty() || self.fields.iter().any(|field| field.eq_ignore_ascii_case(name))
        };
        for (name, property) in properties.iter().filter(|(name, _)| wanted(name)) {
            pairs.push(((*name).to_owned(), self.property(path, name, property)));
        }
        Json::Map(pairs)
    }

    fn property(&self, path: &str, name: &str, property: &Property) -> Json {
        match property {
            Property::Plain(value) => value.clone(),
            Property::Choice(id, _) if self.simple_choices => Json::text(id),
            Property::Choice(id, name) => {
                Json::Map(vec![("id".to_owned(), Json::text(id)), ("refName".to_owned(), Json::text(name))])
            }
            Property::Reference { record, id, external_id, name } => {
                let href = format!("{}{RECORD_ROOT}{record}/{id}", self.origin);
                let mut pairs =
                    vec![("links".to_owned(), own_link(&href)), ("id".to_owned(), Json::text(id))];
                pairs.extend(external_id.as_ref().map(|id| ("externalId".to_owned(), Json::text(id))));
                pairs.extend(name.as_ref().map(|name| ("refName".to_owned(), Json::text(name))));
                Json::Map(pairs)
            }
            Property::Sublist(_) | Property::Subrecord(_) if !self.is_expanded(name) => {
                let href = format!("{}{path}/{name}", self.origin);
                Json::Map(vec![("links".to_owned(), own_link(&href))])
            }
            Property::Subrecord(properties) => self.whole().record(&format!("{path}/{name}"), properties),
            Property::Sublist(lines) => self.sublist(&format!("{path}/{name}"), lines, true),
        }
    }

    fn is_expanded(&self, name: &str) -> bool {
        self.expands || self.expand.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// Restrictions of properties are those of the record, not of its lines.
    fn whole(&self) -> View<'_> {
        View { fields: &[], ..*self }
    }

    pub fn sublist(&self, path: &str, lines: &[Line], is_whole: bool) -> Json {
        let items = lines.iter().map(|line| {
            let path = format!("{path}/{}", line.key);
            let properties = if is_whole { line.properties.clone() } else { Vec::new() };
            self.whole().record(&path, &properties)
        });
        let items: Vec<Json> = items.collect();
        let total = Json::number(items.len());
        Json::Map(vec![
            ("links".to_owned(), own_link(&format!("{}{path}", self.origin))),
            ("items".to_owned(), Json::List(items)),
            ("totalResults".to_owned(), total),
        ])
    }
}
