//! What a document costs before it runs and after: the published formula on the compiled document.
//!
//! Source: shopify.md §b.2. A test holds the first against the calculator of the clients, the second against the bill
//! of the typed path.

use apollo_compiler::ast::Value as Literal;
use apollo_compiler::executable::{ExecutableDocument, Field, Operation, Selection, SelectionSet};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Name, Schema};
use serde_json::{Map, Value, json};

use super::super::super::bill::share;
use crate::platforms::shopify::operation::multiplier;

/// Points that a mutation costs in itself, whether it succeeds or not.
const MUTATION_COST: u32 = 10;
/// Those that cost more. Source: shopify.md §b.2.
const DEARER: [(&str, u32); 1] = [("refundCreate", 20)];
/// Any field that returns a `Count`.
const COUNT_COST: u32 = 10;
/// Points of a connection, whatever its page size.
const CONNECTION_COST: u32 = 2;

pub(super) struct Pricing<'a> {
    pub(super) schema: &'a Schema,
    pub(super) document: &'a ExecutableDocument,
    pub(super) variables: &'a Map<String, Value>,
}

impl Pricing<'_> {
    /// Points that are charged before the operation runs.
    pub(super) fn requested(&self, operation: &Operation) -> u32 {
        let set = &operation.selection_set;
        if !operation.is_mutation() {
            return self.selection(set, &set.ty);
        }
        self.fields(set, &set.ty).iter().map(|field| self.mutation(field)).sum()
    }

    /// The list behind the header `Shopify-GraphQL-Cost-Debug`.
    pub(super) fn fields_debug(&self, operation: &Operation) -> Vec<Value> {
        let mut listed = Vec::new();
        self.list(&operation.selection_set, &mut Vec::new(), operation.is_mutation(), &mut listed);
        listed
    }

    fn list(&self, set: &SelectionSet, path: &mut Vec<String>, is_root: bool, into: &mut Vec<Value>) {
        for field in self.fields(set, &set.ty) {
            path.push(field.response_key().to_string());
            let total = if is_root { self.mutation(field) } else { self.field(field, &set.ty) };
            let defined = if is_root { MUTATION_COST } else { self.own(field, &set.ty) };
            into.push(json!({
                "path": path,
                "definedCost": defined,
                "requestedTotalCost": total,
                "requestedChildrenCost": (!field.selection_set.is_empty()).then(|| total - defined.min(total)),
            }));
            self.list(&field.selection_set, path, false, into);
            path.pop();
        }
    }

    /// Direct children of the payload are free, what lies deeper is not.
    fn mutation(&self, field: &Field) -> u32 {
        let payload = &field.selection_set;
        let deeper = self.fields(payload, &payload.ty);
        let below = deeper.iter().map(|child| self.selection(&child.selection_set, &child.selection_set.ty));
        let dearer = DEARER.iter().find(|(name, _)| *name == field.name.as_str());
        dearer.map_or(MUTATION_COST, |(_, cost)| *cost) + below.sum::<u32>()
    }

    /// The dearest of the possible types, each with what is selected on it.
    fn selection(&self, set: &SelectionSet, on: &Name) -> u32 {
        let possible = self.possible(on);
        possible.iter().map(|concrete| self.on_type(set, concrete)).max().unwrap_or(0)
    }

    fn on_type(&self, set: &SelectionSet, concrete: &Name) -> u32 {
        self.fields(set, concrete).iter().map(|field| self.field(field, concrete)).sum()
    }

    fn possible(&self, on: &Name) -> Vec<Name> {
        match self.schema.types.get(on) {
            Some(ExtendedType::Interface(_)) => {
                let objects = self.schema.types.values().filter_map(|known| known.as_object());
                let of_it = objects.filter(|object| object.implements_interfaces.contains(on));
                of_it.map(|object| object.name.clone()).collect()
            }
            Some(ExtendedType::Union(union)) => union.members.iter().map(|it| it.name.clone()).collect(),
            _ => vec![on.clone()],
        }
    }

    /// Fields that are selected on an object of this type, those left out by a directive not counted.
    fn fields<'s>(&'s self, set: &'s SelectionSet, concrete: &Name) -> Vec<&'s Field> {
        let mut fields = Vec::new();
        for selection in &set.selections {
            if self.is_left_out(selection) {
                continue;
            }
            match selection {
                Selection::Field(field) => fields.push(&**field),
                Selection::InlineFragment(inline) => {
                    let on = inline.type_condition.as_ref();
                    if on.is_none_or(|on| self.possible(on).contains(concrete) || on == concrete) {
                        fields.extend(self.fields(&inline.selection_set, concrete));
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = self.document.fragments.get(&spread.fragment_name) else { continue };
                    let on = fragment.type_condition();
                    if self.possible(on).contains(concrete) || on == concrete {
                        fields.extend(self.fields(&fragment.selection_set, concrete));
                    }
                }
            }
        }
        fields
    }

    fn is_left_out(&self, selection: &Selection) -> bool {
        let condition = |name: &str| {
            let argument = selection.directives().get(name)?.specified_argument_by_name("if")?;
            match &**argument {
                Literal::Boolean(flag) => Some(*flag),
                Literal::Variable(name) => self.variables.get(name.as_str())?.as_bool(),
                _ => None,
            }
        };
        condition("skip") == Some(true) || condition("include") == Some(false)
    }

    /// Points of a field without what lies below it.
    fn own(&self, field: &Field, parent: &Name) -> u32 {
        let returns = field.ty().inner_named_type().as_str();
        if field.selection_set.is_empty() {
            return 0;
        }
        match (parent.as_str(), field.name.as_str(), returns) {
            (_, _, "MoneyBag" | "MoneyV2" | "PricingValue" | "PageInfo") => 0,
            (_, _, "Count") => COUNT_COST,
            ("Customer", "defaultAddress" | "emailMarketingConsent" | "smsMarketingConsent", _)
            | ("Location", "address", _) => 0,
            (_, _, connection) if connection.ends_with("Connection") => CONNECTION_COST,
            _ => 1,
        }
    }

    fn field(&self, field: &Field, parent: &Name) -> u32 {
        let own = self.own(field, parent);
        let returns = field.ty().inner_named_type();
        match returns.as_str() {
            "MoneyBag" | "MoneyV2" | "PricingValue" | "PageInfo" | "Count" => own,
            connection if connection.ends_with("Connection") => match self.page_size(field) {
                0 => own,
                size => own + multiplier(size) * self.rows(field),
            },
            _ if field.selection_set.is_empty() => 0,
            _ => own + self.selection(&field.selection_set, returns),
        }
    }

    /// Costs below `nodes` and below `edges.node`; a node itself counts 1, `edges` and `pageInfo` nothing.
    fn rows(&self, connection: &Field) -> u32 {
        self.row_parts(connection)
            .iter()
            .map(|node| 1 + self.selection(&node.selection_set, &node.selection_set.ty))
            .sum()
    }

    /// The fields `nodes` and `edges.node` below a connection.
    fn row_parts<'s>(&'s self, connection: &'s Field) -> Vec<&'s Field> {
        let set = &connection.selection_set;
        let mut parts = Vec::new();
        for field in self.fields(set, &set.ty) {
            match field.name.as_str() {
                "nodes" => parts.push(field),
                "edges" => {
                    let edge = &field.selection_set;
                    parts
                        .extend(self.fields(edge, &edge.ty).into_iter().filter(|field| field.name == "node"));
                }
                _ => {}
            }
        }
        parts
    }

    /// The larger of `first` and `last`; 0 when neither is given.
    fn page_size(&self, field: &Field) -> u32 {
        let sizes = field.arguments.iter().filter(|it| it.name == "first" || it.name == "last");
        let size = sizes.filter_map(|argument| match &*argument.value {
            Literal::Int(number) => number.try_to_i32().ok().and_then(|size| u32::try_from(size).ok()),
            Literal::Variable(name) => {
                self.variables.get(name.as_str())?.as_u64().and_then(|size| u32::try_from(size).ok())
            }
            _ => None,
        });
        size.max().unwrap_or(0)
    }

    /// Points that an operation came to, by what it answered.
    pub(super) fn actual(&self, operation: &Operation, data: &Map<String, Value>) -> u32 {
        let set = &operation.selection_set;
        if !operation.is_mutation() {
            return self.billed(set, &set.ty, data);
        }
        let payload = |field: &&Field| {
            let set = &field.selection_set;
            let below = match data.get(field.response_key().as_str()) {
                Some(Value::Object(payload)) => self
                    .fields(set, &set.ty)
                    .iter()
                    .filter_map(|child| Some((*child, payload.get(child.response_key().as_str())?)))
                    .map(|(child, value)| self.billed_below(child, value))
                    .sum(),
                _ => 0,
            };
            MUTATION_COST + below
        };
        self.fields(set, &set.ty).iter().map(payload).sum()
    }

    fn billed(&self, set: &SelectionSet, on: &Name, data: &Map<String, Value>) -> u32 {
        let bill = |concrete: &Name| {
            let fields = self.fields(set, concrete);
            let present =
                fields.iter().filter_map(|field| Some((*field, data.get(field.response_key().as_str())?)));
            present.map(|(field, value)| self.billed_field(field, concrete, value)).sum()
        };
        self.possible(on).iter().map(bill).max().unwrap_or(0)
    }

    fn billed_field(&self, field: &Field, parent: &Name, value: &Value) -> u32 {
        let own = self.own(field, parent);
        match field.ty().inner_named_type().as_str() {
            "MoneyBag" | "MoneyV2" | "PricingValue" | "PageInfo" | "Count" => own,
            connection if connection.ends_with("Connection") => match value {
                Value::Object(page) => own + self.billed_rows(field, page),
                _ => own,
            },
            _ => own + self.billed_below(field, value),
        }
    }

    /// A list costs its dearest entry; a null costs nothing more.
    fn billed_below(&self, field: &Field, value: &Value) -> u32 {
        let set = &field.selection_set;
        match value {
            Value::Object(data) if !set.is_empty() => self.billed(set, &set.ty, data),
            Value::Array(entries) => {
                entries.iter().map(|entry| self.billed_below(field, entry)).max().unwrap_or(0)
            }
            _ => 0,
        }
    }

    /// An empty `nodes` is charged its multiplier once, an empty `edges` nothing.
    fn billed_rows(&self, connection: &Field, page: &Map<String, Value>) -> u32 {
        let size = self.page_size(connection);
        let set = &connection.selection_set;
        let mut total = 0;
        for field in self.fields(set, &set.ty) {
            let Some(Value::Array(entries)) = page.get(field.response_key().as_str()) else { continue };
            let (node, rows): (&Field, Vec<&Value>) = match field.name.as_str() {
                "nodes" => (field, entries.iter().collect()),
                _ => {
                    let edge = &field.selection_set;
                    let below = self.fields(edge, &edge.ty);
                    let Some(node) = below.iter().find(|field| field.name == "node") else { continue };
                    let key = node.response_key().as_str();
                    (*node, entries.iter().filter_map(|edge| edge.get(key)).collect())
                }
            };
            let foreseen = 1 + self.selection(&node.selection_set, &node.selection_set.ty);
            let billed = rows.iter().map(|row| 1 + self.billed_below(node, row)).sum();
            total += match (rows.is_empty(), field.name.as_str()) {
                (true, "nodes") => multiplier(size),
                (true, _) => 0,
                (false, _) => share(size, billed).min(multiplier(size) * foreseen),
            };
        }
        total
    }
}
