//! What a query costs before it runs: Shopify's published formula, applied to the document's text.
//!
//! Source: shopify.md §b.2. The field types come from `documents/schema.graphql`, the slice of the schema that
//! our documents touch. Not here: the bucket (the governor's), or the actual cost, which only Shopify knows.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use apollo_parser::Parser;
use apollo_parser::cst::{self, CstNode};

use super::operation::Operation;

/// A query that costs more is refused, on every plan. Source: shopify.md §b.1.
pub const SINGLE_QUERY_COST_MAX: u32 = 1_000;
/// The largest page of a connection. Source: shopify.md §b.1.
pub const PAGE_SIZE_MAX: u16 = 250;

/// Fields within fields, and fragments within fragments. No document of ours has a dozen.
const DEPTH_MAX: u32 = 100;
/// Fields of a document with its fragments written out, which a few lines can make billions.
const STEPS_MAX: u32 = 100_000;

/// Points that a mutation costs in itself.
const MUTATION_COST: u32 = 10;
/// Any field that returns a `Count`.
const COUNT_COST: u32 = 10;
/// Points of a connection, whatever its page size.
const CONNECTION_COST: u32 = 2;

/// The requested cost of one of our documents, computed once for all page sizes.
pub fn of_operation(operation: Operation, page_size: u16) -> u32 {
    static PRICES: [OnceLock<Box<[u32]>>; Operation::ALL.len()] =
        [const { OnceLock::new() }; Operation::ALL.len()];
    let prices = PRICES[operation as usize].get_or_init(|| {
        let schema = Schema::parse(include_str!("documents/schema.graphql"))
            .expect("a test prices every document by this schema");
        (0..=PAGE_SIZE_MAX)
            .map(|page_size| {
                requested(&schema, operation.document(), &|_| Some(u32::from(page_size)))
                    .expect("a test prices every document by this schema")
            })
            .collect()
    });
    prices[usize::from(page_size.min(PAGE_SIZE_MAX))]
}

/// Twice the natural logarithm of a page size, rounded down: what each point below a connection is multiplied by.
///
/// Written as thresholds, e^(k/2) rounded up, so that no float decides a price.
pub fn multiplier(page_size: u32) -> u32 {
    const THRESHOLDS: [u32; 11] = [2, 3, 5, 8, 13, 21, 34, 55, 91, 149, 245];
    let size = page_size.max(2);
    THRESHOLDS.iter().take_while(|threshold| **threshold <= size).count() as u32
}

/// Why a document has no price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CostError {
    #[error("syntax error: {0}")]
    Syntax(String),
    #[error("type `{type_name}` has no field `{field}` in our slice of the schema")]
    UnknownField { type_name: String, field: String },
    #[error("the document has no operation")]
    NoOperation,
    #[error("the document is nested, or leads through fragments, deeper than {DEPTH_MAX}")]
    TooDeep,
    #[error("the document has more than {STEPS_MAX} fields when its fragments are written out")]
    TooLarge,
    #[error("the document costs more than can be counted")]
    OutOfRange,
}

/// Field types by type name, and possible types of interfaces and unions.
#[derive(Debug)]
pub struct Schema {
    fields: BTreeMap<String, BTreeMap<String, String>>,
    /// Interfaces and unions, whose selection costs the dearest of its possible types.
    abstract_types: BTreeMap<String, Vec<String>>,
}

impl Schema {
    /// # Errors
    /// Text that is no schema.
    pub fn parse(text: &str) -> Result<Schema, CostError> {
        let tree = Parser::new(text).parse();
        if let Some(error) = tree.errors().next() {
            return Err(CostError::Syntax(error.message().to_owned()));
        }
        let mut schema = Schema { fields: BTreeMap::new(), abstract_types: BTreeMap::new() };
        for definition in tree.document().definitions() {
            match definition {
                cst::Definition::ObjectTypeDefinition(object) => {
                    let name = name_text(object.name());
                    for interface in object.implements_interfaces().iter().flat_map(|it| it.named_types()) {
                        let possible = schema.abstract_types.entry(name_text(interface.name())).or_default();
                        possible.push(name.clone());
                    }
                    schema.add_fields(name, object.fields_definition());
                }
                cst::Definition::ObjectTypeExtension(object) => {
                    schema.add_fields(name_text(object.name()), object.fields_definition());
                }
                cst::Definition::InterfaceTypeDefinition(interface) => {
                    let name = name_text(interface.name());
                    schema.abstract_types.entry(name.clone()).or_default();
                    schema.add_fields(name, interface.fields_definition());
                }
                cst::Definition::UnionTypeDefinition(union) => {
                    let members = union.union_member_types().into_iter().flat_map(|it| it.named_types());
                    let members = members.map(|member| name_text(member.name())).collect();
                    schema.abstract_types.insert(name_text(union.name()), members);
                }
                _ => {}
            }
        }
        Ok(schema)
    }

    fn add_fields(&mut self, type_name: String, definitions: Option<cst::FieldsDefinition>) {
        let fields = self.fields.entry(type_name).or_default();
        for field in definitions.into_iter().flat_map(|it| it.field_definitions()) {
            fields.insert(name_text(field.name()), field.ty().map(base_type).unwrap_or_default());
        }
    }

    fn field_type(&self, type_name: &str, field: &str) -> Result<&str, CostError> {
        self.fields.get(type_name).and_then(|fields| fields.get(field)).map(String::as_str).ok_or_else(|| {
            CostError::UnknownField { type_name: type_name.to_owned(), field: field.to_owned() }
        })
    }

    fn is_composite(&self, type_name: &str) -> bool {
        self.fields.contains_key(type_name) || self.abstract_types.contains_key(type_name)
    }
}

/// The points that Shopify charges before it runs the first operation of `document`. `variable` gives the
/// value of an integer variable by its name without `$`.
///
/// # Errors
/// A document that does not parse, or selects what the schema does not have.
pub fn requested(
    schema: &Schema,
    document: &str,
    variable: &dyn Fn(&str) -> Option<u32>,
) -> Result<u32, CostError> {
    let tree = Parser::new(document).parse();
    if let Some(error) = tree.errors().next() {
        return Err(CostError::Syntax(error.message().to_owned()));
    }
    let mut operation = None;
    let mut fragments = BTreeMap::new();
    for definition in tree.document().definitions() {
        match definition {
            cst::Definition::OperationDefinition(found) if operation.is_none() => operation = Some(found),
            cst::Definition::FragmentDefinition(fragment) => {
                let name = fragment.fragment_name().and_then(|name| name.name());
                fragments.insert(name_text(name), fragment);
            }
            _ => {}
        }
    }
    let operation = operation.ok_or(CostError::NoOperation)?;
    let pricing = Pricing { schema, fragments, variable, depth: Cell::new(0), steps: Cell::new(0) };
    let is_mutation = operation.operation_type().is_some_and(|kind| kind.mutation_token().is_some());
    let Some(selection) = operation.selection_set() else { return Ok(0) };
    if !is_mutation {
        return pricing.selection(&selection, "QueryRoot");
    }
    let mut total = 0;
    for field in selection.selections() {
        let cst::Selection::Field(field) = field else { continue };
        let payload = schema.field_type("Mutation", &name_text(field.name()))?;
        total = plus(total, plus(MUTATION_COST, pricing.payload(&field, payload)?)?)?;
    }
    Ok(total)
}

struct Pricing<'a> {
    schema: &'a Schema,
    fragments: BTreeMap<String, cst::FragmentDefinition>,
    variable: &'a dyn Fn(&str) -> Option<u32>,
    /// Selections that are open.
    depth: Cell<u32>,
    /// Fields and fragments that were looked at.
    steps: Cell<u32>,
}

fn plus(left: u32, right: u32) -> Result<u32, CostError> {
    left.checked_add(right).ok_or(CostError::OutOfRange)
}

impl Pricing<'_> {
    /// Direct children of a mutation's payload are free, what lies deeper is not.
    fn payload(&self, root: &cst::Field, type_name: &str) -> Result<u32, CostError> {
        let mut total = 0;
        for selection in root.selection_set().iter().flat_map(|set| set.selections()) {
            let cst::Selection::Field(child) = selection else { continue };
            let child_type = self.schema.field_type(type_name, &name_text(child.name()))?;
            if let Some(set) = child.selection_set() {
                total = plus(total, self.selection(&set, child_type)?)?;
            }
        }
        Ok(total)
    }

    /// The dearest of the possible types, each with what is selected on it.
    fn selection(&self, set: &cst::SelectionSet, type_name: &str) -> Result<u32, CostError> {
        match self.schema.abstract_types.get(type_name) {
            None => self.on_type(set, type_name, type_name),
            Some(possible) => {
                let mut dearest = 0;
                for concrete in possible {
                    dearest = dearest.max(self.on_type(set, type_name, concrete)?);
                }
                Ok(dearest)
            }
        }
    }

    /// What the selection costs if the object turns out to be a `concrete`.
    fn on_type(&self, set: &cst::SelectionSet, declared: &str, concrete: &str) -> Result<u32, CostError> {
        // A fragment may lead to itself, or to two that each lead to two.
        self.depth.set(self.depth.get() + 1);
        if self.depth.get() > DEPTH_MAX {
            return Err(CostError::TooDeep);
        }
        let mut total = 0;
        for selection in set.selections() {
            self.steps.set(self.steps.get() + 1);
            if self.steps.get() > STEPS_MAX {
                return Err(CostError::TooLarge);
            }
            let points = match selection {
                cst::Selection::Field(field) => self.field(&field, declared)?,
                cst::Selection::InlineFragment(fragment) => {
                    let condition = fragment.type_condition().and_then(|it| it.named_type());
                    let on = condition.map_or(declared.to_owned(), |named| name_text(named.name()));
                    self.fragment(fragment.selection_set(), &on, concrete)?
                }
                cst::Selection::FragmentSpread(spread) => {
                    let name = name_text(spread.fragment_name().and_then(|it| it.name()));
                    match self.fragments.get(&name) {
                        None => 0,
                        Some(fragment) => {
                            let condition = fragment.type_condition().and_then(|it| it.named_type());
                            let on = name_text(condition.and_then(|named| named.name()));
                            self.fragment(fragment.selection_set(), &on, concrete)?
                        }
                    }
                }
            };
            total = plus(total, points)?;
        }
        self.depth.set(self.depth.get() - 1);
        Ok(total)
    }

    fn fragment(&self, set: Option<cst::SelectionSet>, on: &str, concrete: &str) -> Result<u32, CostError> {
        let applies = on == concrete
            || self.schema.abstract_types.get(on).is_some_and(|types| types.iter().any(|it| it == concrete));
        match set {
            Some(set) if applies => self.on_type(&set, on, concrete),
            _ => Ok(0),
        }
    }

    fn field(&self, field: &cst::Field, parent: &str) -> Result<u32, CostError> {
        let name = name_text(field.name());
        if name == "__typename" {
            return Ok(0);
        }
        let type_name = self.schema.field_type(parent, &name)?;
        let Some(set) = field.selection_set() else { return Ok(0) };
        if type_name.ends_with("Connection") {
            let rows = self.rows(&set, type_name)?;
            let points = match self.page_size(field) {
                0 => 0,
                size => multiplier(size).checked_mul(rows).ok_or(CostError::OutOfRange)?,
            };
            return plus(CONNECTION_COST, points);
        }
        let own = match (parent, name.as_str(), type_name) {
            (_, _, "MoneyBag" | "MoneyV2" | "PricingValue" | "PageInfo") => return Ok(0),
            (_, _, "Count") => return Ok(COUNT_COST),
            ("Customer", "defaultAddress" | "emailMarketingConsent" | "smsMarketingConsent", _)
            | ("Location", "address", _) => 0,
            _ if self.schema.is_composite(type_name) => 1,
            _ => 0,
        };
        plus(own, self.selection(&set, type_name)?)
    }

    /// Costs below `nodes` and below `edges.node`; a node itself counts 1, `edges` and `pageInfo` nothing.
    fn rows(&self, set: &cst::SelectionSet, connection: &str) -> Result<u32, CostError> {
        let mut total = 0;
        for selection in set.selections() {
            let cst::Selection::Field(field) = selection else { continue };
            let Some(below) = field.selection_set() else { continue };
            match name_text(field.name()).as_str() {
                "nodes" => total = plus(total, self.field(&field, connection)?)?,
                "edges" => {
                    let edge = self.schema.field_type(connection, "edges")?.to_owned();
                    total = plus(total, self.selection(&below, &edge)?)?;
                }
                _ => {}
            }
        }
        Ok(total)
    }

    /// The larger of `first` and `last`; 0 when neither is given.
    fn page_size(&self, field: &cst::Field) -> u32 {
        let arguments = field.arguments().into_iter().flat_map(|it| it.arguments());
        let sizes = arguments.filter_map(|argument| {
            let name = name_text(argument.name());
            if name != "first" && name != "last" {
                return None;
            }
            match argument.value()? {
                cst::Value::IntValue(value) => value.syntax().text().to_string().trim().parse().ok(),
                cst::Value::Variable(variable) => (self.variable)(&name_text(variable.name())),
                _ => None,
            }
        });
        sizes.max().unwrap_or(0)
    }
}

fn name_text(name: Option<cst::Name>) -> String {
    name.map(|name| name.text().to_string()).unwrap_or_default()
}

/// The named type below lists and non-null marks: a list of objects costs as much as one.
fn base_type(ty: cst::Type) -> String {
    match ty {
        cst::Type::NamedType(named) => name_text(named.name()),
        cst::Type::ListType(list) => list.ty().map(base_type).unwrap_or_default(),
        cst::Type::NonNullType(inner) => match (inner.named_type(), inner.list_type()) {
            (Some(named), _) => name_text(named.name()),
            (None, Some(list)) => list.ty().map(base_type).unwrap_or_default(),
            (None, None) => String::new(),
        },
    }
}

#[cfg(test)]
mod tests;
