//! What a bulk query may be.
//!
//! Source: recorded exchanges and shopify.md §d.5. A field that selects `edges` or `nodes` is taken for a connection,
//! so that a query is judged by its form before it is read against the schema.

use apollo_compiler::Schema;
use apollo_compiler::ast::{self, Definition, Field, OperationType, Selection};

const CONNECTIONS_MAX: usize = 5;
const DEPTH_MAX: usize = 2;

/// The form of what is to run.
pub(super) struct Form<'a> {
    schema: &'a Schema,
    document: &'a ast::Document,
    /// `None` for a document without an operation, which the compiler refuses.
    is_query: Option<bool>,
    top_nodes: Vec<String>,
    by_nodes: Vec<String>,
    without_id: Vec<String>,
    count: usize,
    nested: usize,
    depth: usize,
    is_in_list: bool,
}

/// What stands around a selection.
#[derive(Clone, Default)]
struct Around {
    /// Connections that it is nested in.
    depth: usize,
    is_in_list: bool,
    /// The innermost connection, and whether its rows select their id.
    parent: Option<(String, bool)>,
    is_below_root: bool,
}

impl<'a> Form<'a> {
    pub(super) fn of(schema: &'a Schema, document: &'a ast::Document) -> Form<'a> {
        let operation = document.definitions.iter().find_map(|definition| match definition {
            Definition::OperationDefinition(operation) => Some(operation),
            _ => None,
        });
        let is_query = operation.map(|it| it.operation_type == OperationType::Query);
        let mut form = Form::empty(schema, document, is_query);
        if let Some(operation) = operation.filter(|_| is_query == Some(true)) {
            form.walk(&operation.selection_set, "QueryRoot", &Around::default());
        }
        form
    }

    /// Connections below another one.
    pub(super) fn nested(&self) -> usize {
        self.nested
    }

    fn empty(schema: &'a Schema, document: &'a ast::Document, is_query: Option<bool>) -> Form<'a> {
        Form {
            schema,
            document,
            is_query,
            nested: 0,
            top_nodes: Vec::new(),
            by_nodes: Vec::new(),
            without_id: Vec::new(),
            count: 0,
            depth: 0,
            is_in_list: false,
        }
    }

    /// Everything that is wrong with the form of a query.
    pub(super) fn refusals(&self) -> Vec<String> {
        match self.is_query {
            None => return Vec::new(),
            Some(false) => {
                return vec!["Invalid operation type. Only `query` operations are supported.".to_owned()];
            }
            Some(true) => {}
        }
        let mut found = Vec::new();
        for name in &self.top_nodes {
            found.push(format!("Bulk queries cannot contain a top level `{name}` field."));
        }
        if self.count == 0 {
            found.push("Bulk queries must contain at least one connection.".to_owned());
        }
        if self.count > CONNECTIONS_MAX {
            found.push(format!("Bulk queries cannot contain more than {CONNECTIONS_MAX} connections."));
        }
        if self.depth > DEPTH_MAX {
            found.push(format!(
                "Bulk queries cannot contain connections with a nesting depth greater than {DEPTH_MAX}."
            ));
        }
        if let Some(first) = self.by_nodes.first() {
            let all: Vec<String> = self.by_nodes.iter().map(|name| format!("'{name}'")).collect();
            found.push(format!(
                "All connection fields in a bulk query must select their contents using 'edges' > 'node', e.g: \
                 '{first} {{ edges {{ node {{'. Selecting via 'nodes' is not supported. Invalid connection fields: {}.",
                all.join(", ")
            ));
        }
        if !self.without_id.is_empty() {
            found.push(format!(
                "The parent 'node' field for a nested connection must select the 'id' field without an alias and must \
                 be of 'ID' return type. Connection fields without 'id': {}.",
                self.without_id.join(", ")
            ));
        }
        if self.is_in_list {
            let message =
                "Queries that contain a connection field within a list field are not currently supported.";
            found.push(message.to_owned());
        }
        found
    }

    fn walk(&mut self, selections: &[Selection], on: &str, around: &Around) {
        for field in self.fields(selections) {
            let name = field.name.to_string();
            if !around.is_below_root && matches!(name.as_str(), "node" | "nodes") {
                self.top_nodes.push(name.clone());
            }
            let returns = self.schema.type_field(on, &field.name).ok().map(|known| known.ty.clone());
            let below = returns.as_ref().map_or("", |ty| ty.inner_named_type().as_str()).to_owned();
            let mut around = Around { is_below_root: true, ..around.clone() };
            if returns.as_ref().is_some_and(|ty| ty.is_list()) && !matches!(name.as_str(), "edges" | "nodes")
            {
                around.is_in_list = true;
            }
            let inside = self.fields(&field.selection_set);
            let edges = inside.iter().find(|field| field.name == "edges");
            if edges.is_some() || inside.iter().any(|field| field.name == "nodes") {
                self.connection(&field, edges, &mut around);
            }
            self.walk(&field.selection_set, &below, &around);
        }
    }

    fn connection(&mut self, field: &Field, edges: Option<&Field>, around: &mut Around) {
        let name = field.name.to_string();
        self.count += 1;
        self.nested += usize::from(around.depth > 0);
        around.depth += 1;
        self.depth = self.depth.max(around.depth);
        self.is_in_list |= around.is_in_list;
        if let Some((parent, false)) = &around.parent
            && !self.without_id.contains(parent)
        {
            self.without_id.push(parent.clone());
        }
        let Some(edges) = edges else {
            self.by_nodes.push(name);
            return;
        };
        let rows = self.fields(&edges.selection_set).into_iter().filter(|field| field.name == "node");
        let has_id = rows
            .flat_map(|node| self.fields(&node.selection_set))
            .any(|field| field.name == "id" && field.alias.is_none());
        around.parent = Some((name, has_id));
    }

    /// Fields of a selection, those of fragments among them.
    fn fields(&self, selections: &[Selection]) -> Vec<Field> {
        let mut fields = Vec::new();
        for selection in selections {
            match selection {
                Selection::Field(field) => fields.push((**field).clone()),
                Selection::InlineFragment(inline) => fields.extend(self.fields(&inline.selection_set)),
                Selection::FragmentSpread(spread) => {
                    let fragment = self.document.definitions.iter().find_map(|definition| match definition {
                        Definition::FragmentDefinition(known) if known.name == spread.fragment_name => {
                            Some(known)
                        }
                        _ => None,
                    });
                    // A fragment that spreads itself is refused by the compiler behind this.
                    let spreads = |it: &Selection| matches!(it, Selection::FragmentSpread(_));
                    if let Some(fragment) = fragment.filter(|it| !it.selection_set.iter().any(spreads)) {
                        fields.extend(self.fields(&fragment.selection_set));
                    }
                }
            }
        }
        fields
    }
}
