//! Objects of an answer: JSON as the typed path spells it, of which the selected fields are projected.
//!
//! A field that the JSON lacks is looked up by the object's id (`records`) or derived from it. Not here: rules of
//! orders, stock or money, which the twin's own functions keep.

use std::cell::{Cell, RefCell};

use apollo_compiler::Schema;
use apollo_compiler::ast::Type;
use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;
use serde_json::{Map, Value, json};

use super::super::super::ShopifyTwin;
use super::bulk::Staged;
use super::page::{self, CURSORS, Window};
use super::refusal::{Place, Refusal};
use crate::domain::Timestamp;
use crate::platforms::shopify::operation::SearchReport;

/// One operation that runs.
pub(super) struct Session<'t> {
    pub(super) twin: RefCell<&'t mut ShopifyTwin>,
    pub(super) staged: RefCell<&'t mut Staged>,
    /// Position of the shop.
    pub(super) at: usize,
    pub(super) now: Timestamp,
    pub(super) schema: &'t Valid<Schema>,
    pub(super) variables: Map<String, Value>,
    pub(super) scopes: &'t str,
    /// The version of the API that answers.
    pub(super) version: &'t str,
    /// Where this server is reached for what it wrote to a file.
    pub(super) base: &'t str,
    /// A bulk operation runs: connections have no pages.
    pub(super) is_bulk: bool,
    pub(super) refusals: RefCell<Vec<(Refusal, Option<Place>)>>,
    pub(super) search: RefCell<Vec<SearchReport>>,
}

impl Session<'_> {
    /// An operation that runs inside this one, over the same shop and by the same rights.
    pub(super) fn inside<'n>(
        &'n self,
        twin: &'n mut ShopifyTwin,
        staged: &'n mut Staged,
        variables: Map<String, Value>,
        is_bulk: bool,
    ) -> Session<'n> {
        Session {
            twin: RefCell::new(twin),
            staged: RefCell::new(staged),
            at: self.at,
            now: self.now,
            schema: self.schema,
            variables,
            scopes: self.scopes,
            version: self.version,
            base: self.base,
            is_bulk,
            refusals: RefCell::default(),
            search: RefCell::default(),
        }
    }
}

/// What a field was found to be.
pub(super) enum Found {
    /// A connection in it has all its rows.
    Whole(Value),
    /// A connection in it is a page already.
    Paged(Value),
}

pub(super) struct Object<'s, 't> {
    pub(super) session: &'s Session<'t>,
    pub(super) type_name: String,
    fields: RefCell<Map<String, Value>>,
    /// The order that amounts below are converted by.
    pub(super) order: Cell<Option<usize>>,
    is_complete: Cell<bool>,
}

impl<'s, 't> Object<'s, 't> {
    pub(super) fn root(session: &'s Session<'t>, type_name: &str) -> Object<'s, 't> {
        Object::new(session, type_name.to_owned(), Map::new(), None)
    }

    fn new(
        session: &'s Session<'t>,
        type_name: String,
        mut fields: Map<String, Value>,
        mut order: Option<usize>,
    ) -> Object<'s, 't> {
        match type_name.as_str() {
            "Order" => order = order.or_else(|| session.order_of(&fields)),
            "MoneyBag" => session.complete_bag(&mut fields, order),
            "MoneyV2" => session.complete_money(&mut fields),
            _ => {}
        }
        let fields = RefCell::new(fields);
        Object { session, type_name, fields, order: Cell::new(order), is_complete: Cell::new(false) }
    }

    pub(super) fn id(&self) -> Option<String> {
        self.fields.borrow().get("id")?.as_str().map(str::to_owned)
    }

    /// A field as it stands in the JSON.
    pub(super) fn value(&self, name: &str) -> Option<Value> {
        self.fields.borrow().get(name).cloned()
    }

    /// The number of the id.
    pub(super) fn number(&self) -> Option<u64> {
        page::number_of(&self.id()?)
    }

    fn field(
        &self,
        name: &str,
        arguments: &Map<String, Value>,
        info: &ResolveInfo<'_>,
    ) -> Result<Found, Refusal> {
        match self.type_name.as_str() {
            "QueryRoot" => return self.session.query(name, arguments),
            "Mutation" => return self.session.mutation(name, arguments, info),
            _ => {}
        }
        if let Some(found) = self.derived(name, arguments)? {
            return Ok(found);
        }
        if let Some(value) = self.fields.borrow().get(name) {
            return Ok(Found::Whole(value.clone()));
        }
        self.complete();
        match self.fields.borrow().get(name) {
            Some(value) => Ok(Found::Whole(value.clone())),
            None => Err(Refusal::not_modelled(&format!("{}.{name}", self.type_name))),
        }
    }

    /// Reads the whole record behind the id, once.
    pub(super) fn complete(&self) {
        if self.is_complete.replace(true) {
            return;
        }
        let Some(record) = self.id().and_then(|id| self.session.record(&id)) else { return };
        if self.order.get().is_none() {
            self.order.set(record.order);
        }
        let mut fields = self.fields.borrow_mut();
        if let Value::Object(read) = record.fields {
            for (name, value) in read {
                fields.entry(name).or_insert(value);
            }
        }
    }

    /// Fields that follow from others.
    fn derived(&self, name: &str, arguments: &Map<String, Value>) -> Result<Option<Found>, Refusal> {
        let whole = |value: Value| Ok(Some(Found::Whole(value)));
        match (self.type_name.as_str(), name) {
            (_, "legacyResourceId") => whole(json!(self.number().map(|number| number.to_string()))),
            (connection, "edges") if connection.ends_with("Connection") => {
                let fields = self.fields.borrow();
                let nodes = fields.get("nodes").and_then(Value::as_array);
                let cursors = fields.get(CURSORS).and_then(Value::as_array);
                let pairs = nodes.into_iter().flatten().zip(cursors.into_iter().flatten());
                whole(pairs.map(|(node, cursor)| json!({ "cursor": cursor, "node": node })).collect())
            }
            _ => self.session.derived(self, name, arguments),
        }
    }

    fn shape(
        &self,
        found: Found,
        ty: &Type,
        arguments: &Map<String, Value>,
    ) -> Result<Shaped<'s, 't>, Refusal> {
        let (mut value, is_paged) = match found {
            Found::Whole(value) => (value, false),
            Found::Paged(value) => (value, true),
        };
        let named = ty.inner_named_type().as_str();
        if named.ends_with("Connection") && value.is_object() && !is_paged {
            let nodes = value.get_mut("nodes").and_then(Value::as_array_mut).map(std::mem::take);
            let nodes = nodes.unwrap_or_default();
            value = self.session.window(arguments)?.page(page::keys(&nodes), |at| nodes[at].clone());
        }
        if let (Value::Array(entries), Some(first)) =
            (&mut value, arguments.get("first").and_then(Value::as_u64))
        {
            entries.truncate(usize::try_from(first).unwrap_or(usize::MAX));
        }
        Ok(self.session.shape(value, ty, self.order.get()))
    }
}

/// A value with the type that it has in the schema.
pub(super) enum Shaped<'s, 't> {
    Leaf(Value),
    Object(Object<'s, 't>),
    List(Vec<Shaped<'s, 't>>),
}

impl<'t> Session<'t> {
    pub(super) fn window(&self, arguments: &Map<String, Value>) -> Result<Window, Refusal> {
        if self.is_bulk { Ok(Window::ALL) } else { Window::read(arguments) }
    }

    fn shape<'s>(&'s self, value: Value, ty: &Type, order: Option<usize>) -> Shaped<'s, 't> {
        match value {
            Value::Array(entries) if ty.is_list() => {
                let shaped = entries.into_iter().map(|entry| self.shape(entry, ty.item_type(), order));
                Shaped::List(shaped.collect())
            }
            Value::Object(fields) => {
                let named = ty.inner_named_type();
                match self.schema.types.get(named) {
                    Some(ExtendedType::Object(_)) => {
                        Shaped::Object(Object::new(self, named.to_string(), fields, order))
                    }
                    Some(ExtendedType::Interface(_) | ExtendedType::Union(_)) => {
                        let stated = fields.get("__typename").and_then(Value::as_str);
                        let by_id = || page::kind_of(fields.get("id")?.as_str()?);
                        let concrete = stated.or_else(by_id).unwrap_or_default().to_owned();
                        Shaped::Object(Object::new(self, concrete, fields, order))
                    }
                    _ => Shaped::Leaf(Value::Object(fields)),
                }
            }
            leaf => Shaped::Leaf(leaf),
        }
    }
}

impl<'s, 't> Shaped<'s, 't> {
    fn resolved<'a>(self) -> ResolvedValue<'a>
    where
        's: 'a,
        't: 'a,
    {
        match self {
            Shaped::Leaf(value) => ResolvedValue::Leaf(value.into()),
            Shaped::Object(object) => ResolvedValue::Object(Box::new(object)),
            Shaped::List(entries) => {
                ResolvedValue::List(Box::new(entries.into_iter().map(|entry| Ok(entry.resolved()))))
            }
        }
    }
}

impl ObjectValue for Object<'_, '_> {
    fn type_name(&self) -> &str {
        &self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let arguments = match serde_json::to_value(info.arguments()) {
            Ok(Value::Object(arguments)) => arguments,
            _ => Map::new(),
        };
        let shaped = self
            .field(info.field_name(), &arguments, info)
            .and_then(|found| self.shape(found, &info.field_definition().ty, &arguments));
        shaped.map(Shaped::resolved).map_err(|refusal| {
            let field = info.field_selections()[0];
            let span = field.alias.as_ref().unwrap_or(&field.name).location();
            let place = super::check::place(&info.document().sources, span);
            let message = refusal.message.clone();
            self.session.refusals.borrow_mut().push((refusal, place));
            FieldError { message }
        })
    }
}
