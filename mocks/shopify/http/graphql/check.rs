//! Validation of a document, in Shopify's words, codes and order.
//!
//! Source: shopify.md §b.3 and recorded exchanges. What is refused for other reasons is found by the compiler behind
//! this (`document`). Not here: values of variables (`variables`).

mod literal;

use apollo_compiler::Schema;
use apollo_compiler::ast::{self, Definition, Selection, Type};
use apollo_compiler::parser::{SourceMap, SourceSpan};
use apollo_compiler::schema::ExtendedType;
use serde_json::{Map, Value, json};

use super::refusal::{Invalid, Place};

/// Everything that is wrong with the document, in the order in which it is read.
pub(super) fn check(schema: &Schema, document: &ast::Document) -> Vec<Invalid> {
    let mut check = Check { schema, document, found: Vec::new(), used: Used::default() };
    for definition in &document.definitions {
        match definition {
            Definition::OperationDefinition(operation) => check.operation(operation),
            Definition::FragmentDefinition(fragment) => {
                let mut path = vec![format!("fragment {}", fragment.name)];
                check.selections(&fragment.selection_set, &fragment.type_condition, &mut path);
            }
            _ => {}
        }
    }
    check.fragments();
    check.found
}

/// Names that selections have used.
#[derive(Default)]
struct Used {
    variables: Vec<String>,
    fragments: Vec<String>,
}

struct Check<'a> {
    schema: &'a Schema,
    document: &'a ast::Document,
    found: Vec<Invalid>,
    used: Used,
}

pub(super) fn place(sources: &SourceMap, span: Option<SourceSpan>) -> Option<Place> {
    let at = span?.line_column(sources)?;
    Some((at.line, at.column))
}

impl Check<'_> {
    fn refuse(
        &mut self,
        code: &str,
        message: String,
        span: Option<SourceSpan>,
        path: &[String],
        details: &[(&str, &str)],
    ) {
        let mut extensions = Map::new();
        extensions.insert("code".into(), json!(code));
        extensions.extend(details.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))));
        let place = place(&self.document.sources, span);
        self.found.push(Invalid { message, place, path: path.to_vec(), extensions });
    }

    fn operation(&mut self, operation: &apollo_compiler::Node<ast::OperationDefinition>) {
        let kind = operation.operation_type.name();
        let root = match &operation.name {
            Some(name) => format!("{kind} {name}"),
            None => kind.to_owned(),
        };
        let mut path = vec![root];
        let Some(root_type) = self.schema.root_operation(operation.operation_type).cloned() else {
            let message = format!("Schema is not configured for {kind}s");
            let code = format!("missing{}Configuration", capitalised(kind));
            return self.refuse(&code, message, operation.location(), &path, &[]);
        };
        for directive in operation.directives.iter() {
            let name = directive.name.to_string();
            if self.schema.directive_definitions.contains_key(name.as_str()) {
                let message = format!("'@{name}' can't be applied to {kind}s (allowed: fields)");
                let details = [("targetName", kind), ("name", name.as_str())];
                self.refuse("directiveCannotBeApplied", message, directive.location(), &path, &details);
            }
        }
        for variable in &operation.variables {
            let named = variable.ty.inner_named_type();
            if !self.schema.types.get(named).is_some_and(ExtendedType::is_input_type) {
                let message = format!("{named} isn't a defined input type (on ${})", variable.name);
                let details = [("typeName", named.as_str()), ("variableName", variable.name.as_str())];
                let code = "variableRequiresValidType";
                self.refuse(code, message, variable.location(), &path, &details);
            }
        }
        self.used.variables.clear();
        self.selections(&operation.selection_set, &root_type, &mut path);
        let mut seen = Vec::new();
        self.variables_of_fragments(&operation.selection_set, &mut seen);
        let called =
            operation.name.as_ref().map_or_else(|| "anonymous query".to_owned(), ToString::to_string);
        for variable in &operation.variables {
            if !self.used.variables.iter().any(|used| *used == *variable.name) {
                let message = format!("Variable ${} is declared by {called} but not used", variable.name);
                let details = [("variableName", variable.name.as_str())];
                self.refuse("variableNotUsed", message, operation.location(), &path, &details);
            }
        }
        for used in std::mem::take(&mut self.used.variables) {
            if !operation.variables.iter().any(|known| *known.name == *used) {
                let message = format!("Variable ${used} is used by {called} but not declared");
                let details = [("variableName", used.as_str())];
                self.refuse("variableNotDefined", message, operation.location(), &path, &details);
            }
        }
    }

    /// Variables that fragments use on behalf of the operation that spreads them.
    fn variables_of_fragments(&mut self, selections: &[Selection], seen: &mut Vec<String>) {
        for selection in selections {
            match selection {
                Selection::Field(field) => self.variables_of_fragments(&field.selection_set, seen),
                Selection::InlineFragment(inline) => self.variables_of_fragments(&inline.selection_set, seen),
                Selection::FragmentSpread(spread) => {
                    let name = spread.fragment_name.to_string();
                    if seen.contains(&name) {
                        continue;
                    }
                    seen.push(name.clone());
                    let Some(fragment) = self.fragment(&name).cloned() else { continue };
                    literal::variables(&fragment.selection_set, &mut self.used.variables);
                    self.variables_of_fragments(&fragment.selection_set, seen);
                }
            }
        }
    }

    fn fragment(&self, name: &str) -> Option<&apollo_compiler::Node<ast::FragmentDefinition>> {
        self.document.definitions.iter().find_map(|definition| match definition {
            Definition::FragmentDefinition(fragment) if fragment.name == name => Some(fragment),
            _ => None,
        })
    }

    fn fragments(&mut self) {
        let document = self.document;
        for definition in &document.definitions {
            let Definition::FragmentDefinition(fragment) = definition else { continue };
            if !self.used.fragments.iter().any(|used| *used == *fragment.name) {
                let message = format!("Fragment {} was defined, but not used", fragment.name);
                let path = [format!("fragment {}", fragment.name)];
                let details = [("fragmentName", fragment.name.as_str())];
                self.refuse("useAndDefineFragment", message, fragment.location(), &path, &details);
            }
        }
    }

    fn selections(&mut self, selections: &[Selection], on: &str, path: &mut Vec<String>) {
        for selection in selections {
            match selection {
                Selection::Field(field) => self.field(field, on, path),
                Selection::InlineFragment(inline) => {
                    self.directives(&inline.directives, path);
                    let on = inline.type_condition.as_ref().map_or(on, |named| named.as_str());
                    path.push(format!("... on {on}"));
                    if self.schema.types.contains_key(on) {
                        self.selections(&inline.selection_set, on, path);
                    } else {
                        let message = format!("No such type {on}, so it can't be a fragment condition");
                        self.refuse("undefinedType", message, inline.location(), path, &[("typeName", on)]);
                    }
                    path.pop();
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.directives, path);
                    let name = spread.fragment_name.as_str();
                    self.used.fragments.push(name.to_owned());
                    if self.fragment(name).is_none() {
                        let message = format!("Fragment {name} was used, but not defined");
                        let details = [("fragmentName", name)];
                        self.refuse("useAndDefineFragment", message, spread.location(), path, &details);
                    }
                }
            }
        }
    }

    fn field(&mut self, field: &apollo_compiler::Node<ast::Field>, on: &str, path: &mut Vec<String>) {
        let name = field.name.as_str();
        path.push(field.alias.as_ref().unwrap_or(&field.name).to_string());
        match self.schema.type_field(on, name).cloned() {
            Err(_) => {
                let message = format!("Field '{name}' doesn't exist on type '{on}'");
                let details = [("typeName", on), ("fieldName", name)];
                self.refuse("undefinedField", message, field.location(), path, &details);
            }
            Ok(definition) => {
                self.directives(&field.directives, path);
                self.arguments(field, &definition.arguments, path);
                self.below(field, &definition.ty, path);
            }
        }
        path.pop();
    }

    fn directives(&mut self, directives: &ast::DirectiveList, path: &[String]) {
        for directive in directives.iter() {
            let name = directive.name.as_str();
            for argument in &directive.arguments {
                literal::variables_of(&argument.value, &mut self.used.variables);
            }
            if !self.schema.directive_definitions.contains_key(name) {
                let message = format!("Directive @{name} is not defined");
                let details = [("directiveName", name)];
                self.refuse("undefinedDirective", message, directive.location(), path, &details);
            }
        }
    }

    /// Objects need a selection, scalars have none.
    fn below(&mut self, field: &apollo_compiler::Node<ast::Field>, ty: &Type, path: &mut Vec<String>) {
        let returns = ty.inner_named_type().clone();
        let name = field.name.as_str();
        let is_composite = matches!(
            self.schema.types.get(&returns),
            Some(ExtendedType::Object(_) | ExtendedType::Interface(_) | ExtendedType::Union(_))
        );
        let node = format!("field '{name}'");
        let details = [("nodeName", node.as_str()), ("typeName", returns.as_str())];
        if is_composite && field.selection_set.is_empty() {
            let message = format!(
                "Field must have selections (field '{name}' returns {returns} but has no selections. Did you mean \
                 '{name} {{ ... }}'?)"
            );
            self.refuse("selectionMismatch", message, field.location(), path, &details);
        } else if !is_composite && !field.selection_set.is_empty() {
            let kept = field.selection_set.iter().filter_map(Selection::as_field);
            let chosen: Vec<String> = kept.map(|field| format!("\"{}\"", field.name)).collect();
            let message = format!(
                "Selections can't be made on scalars (field '{name}' returns {returns} but has selections [{}])",
                chosen.join(", ")
            );
            self.refuse("selectionMismatch", message, field.location(), path, &details);
        } else {
            self.selections(&field.selection_set, &returns, path);
        }
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
