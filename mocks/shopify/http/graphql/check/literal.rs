//! Arguments and the literals that they are given.

use apollo_compiler::Node;
use apollo_compiler::ast::{self, InputValueDefinition, Selection, Type, Value};
use apollo_compiler::schema::ExtendedType;

use super::super::variables::is_global_id;
use super::Check;

impl Check<'_> {
    pub(super) fn arguments(
        &mut self,
        field: &Node<ast::Field>,
        known: &[Node<InputValueDefinition>],
        path: &mut Vec<String>,
    ) {
        let name = field.name.as_str();
        for argument in &field.arguments {
            let given = argument.name.as_str();
            path.push(given.to_owned());
            match known.iter().find(|known| known.name == argument.name) {
                None => {
                    let message = format!("Field '{name}' doesn't accept argument '{given}'");
                    let details = [("name", name), ("typeName", "Field"), ("argumentName", given)];
                    self.refuse("argumentNotAccepted", message, argument.location(), path, &details);
                }
                Some(known) => {
                    // A variable in an argument that is not there is not used. Source: a recorded refusal.
                    variables_of(&argument.value, &mut self.used.variables);
                    let holder = Holder { kind: "Field", name, node: field.location() };
                    self.literal(&argument.value, &known.ty, given, &holder, path);
                }
            }
            path.pop();
        }
        let is_given = |name: &str| field.arguments.iter().any(|argument| argument.name == name);
        let missing: Vec<&str> = known
            .iter()
            .filter(|known| known.is_required() && !is_given(&known.name))
            .map(|known| known.name.as_str())
            .collect();
        if !missing.is_empty() {
            let missing = missing.join(", ");
            let message = format!("Field '{name}' is missing required arguments: {missing}");
            let details = [("className", "Field"), ("name", name), ("arguments", missing.as_str())];
            self.refuse("missingRequiredArguments", message, field.location(), path, &details);
        }
    }

    fn literal(
        &mut self,
        value: &Node<Value>,
        ty: &Type,
        argument: &str,
        holder: &Holder<'_>,
        path: &mut Vec<String>,
    ) {
        match (&**value, ty) {
            (Value::Variable(_), _) => {}
            (Value::Null, _) if ty.is_non_null() => self.incompatible(value, ty, argument, holder, path),
            (Value::Null, _) => {}
            (Value::List(entries), _) if ty.is_list() => {
                let fits = |entry: &Node<Value>| self.fits(entry, ty.item_type());
                if entries.iter().all(fits) {
                    for (at, entry) in entries.iter().enumerate() {
                        path.push(at.to_string());
                        self.literal(entry, ty.item_type(), argument, holder, path);
                        path.pop();
                    }
                } else {
                    self.incompatible(value, ty, argument, holder, path);
                }
            }
            (_, _) if ty.is_list() => self.literal(value, ty.item_type(), argument, holder, path),
            (Value::Object(entries), _) => self.object(value, entries, ty, argument, holder, path),
            (Value::String(text), _) if ty.inner_named_type() == "ID" && !is_global_id(text) => {
                let details = [("typeName", "CoercionError")];
                let message = format!("Invalid global id '{text}'");
                self.refuse("argumentLiteralsIncompatible", message, holder.node, path, &details);
            }
            _ if !self.fits(value, ty) => self.incompatible(value, ty, argument, holder, path),
            _ => {}
        }
    }

    fn object(
        &mut self,
        value: &Node<Value>,
        entries: &[(apollo_compiler::Name, Node<Value>)],
        ty: &Type,
        argument: &str,
        holder: &Holder<'_>,
        path: &mut Vec<String>,
    ) {
        let named = ty.inner_named_type().clone();
        let Some(ExtendedType::InputObject(input)) = self.schema.types.get(&named).cloned() else {
            return self.incompatible(value, ty, argument, holder, path);
        };
        for (key, entry) in entries {
            path.push(key.to_string());
            match input.fields.get(key) {
                None => {
                    let message = format!("InputObject '{named}' doesn't accept argument '{key}'");
                    let details = [
                        ("name", named.as_str()),
                        ("typeName", "InputObject"),
                        ("argumentName", key.as_str()),
                    ];
                    self.refuse("argumentNotAccepted", message, key.location(), path, &details);
                }
                Some(known) => {
                    let holder = Holder { kind: "InputObject", name: &named, node: value.location() };
                    self.literal(entry, &known.ty, key, &holder, path);
                }
            }
            path.pop();
        }
        for (key, known) in &input.fields {
            if known.is_required() && !entries.iter().any(|(given, _)| given == key) {
                let expected = known.ty.to_string();
                let message = format!(
                    "Argument '{key}' on InputObject '{named}' is required. Expected type {expected}"
                );
                let details = [
                    ("argumentName", key.as_str()),
                    ("argumentType", expected.as_str()),
                    ("inputObjectType", named.as_str()),
                ];
                path.push(key.to_string());
                let code = "missingRequiredInputObjectAttribute";
                self.refuse(code, message, value.location(), path, &details);
                path.pop();
            }
        }
    }

    fn incompatible(
        &mut self,
        value: &Node<Value>,
        ty: &Type,
        argument: &str,
        holder: &Holder<'_>,
        path: &[String],
    ) {
        let message = format!(
            "Argument '{argument}' on {} '{}' has an invalid value ({}). Expected type '{ty}'.",
            holder.kind,
            holder.name,
            value.serialize().no_indent()
        );
        let details = [("typeName", holder.kind), ("argumentName", argument)];
        self.refuse("argumentLiteralsIncompatible", message, holder.node, path, &details);
    }

    /// Whether a literal that is no object can be of the type.
    fn fits(&self, value: &Value, ty: &Type) -> bool {
        if ty.is_list() {
            return match value {
                Value::List(entries) => entries.iter().all(|entry| self.fits(entry, ty.item_type())),
                _ => self.fits(value, ty.item_type()),
            };
        }
        let named = ty.inner_named_type();
        match (self.schema.types.get(named), value) {
            (_, Value::Variable(_)) => true,
            (_, Value::Null) => !ty.is_non_null(),
            (Some(ExtendedType::Enum(known)), Value::Enum(name)) => known.values.contains_key(name),
            (Some(ExtendedType::InputObject(_)), Value::Object(_)) => true,
            (Some(ExtendedType::Scalar(_)), _) => match named.as_str() {
                "Int" => matches!(value, Value::Int(number) if number.try_to_i32().is_ok()),
                "Float" => matches!(value, Value::Int(_) | Value::Float(_)),
                "Boolean" => matches!(value, Value::Boolean(_)),
                "String" | "ID" | "DateTime" | "Date" | "URL" => matches!(value, Value::String(_)),
                _ => matches!(value, Value::String(_) | Value::Int(_) | Value::Float(_)),
            },
            _ => false,
        }
    }
}

/// What an argument belongs to.
struct Holder<'a> {
    kind: &'static str,
    name: &'a str,
    node: Option<apollo_compiler::parser::SourceSpan>,
}

/// Variables that a selection uses in arguments and directives, spreads left out.
pub(super) fn variables(selections: &[Selection], into: &mut Vec<String>) {
    for selection in selections {
        let directives = match selection {
            Selection::Field(field) => &field.directives,
            Selection::InlineFragment(inline) => &inline.directives,
            Selection::FragmentSpread(spread) => &spread.directives,
        };
        for directive in directives.iter() {
            directive.arguments.iter().for_each(|argument| variables_of(&argument.value, into));
        }
        match selection {
            Selection::Field(field) => {
                field.arguments.iter().for_each(|argument| variables_of(&argument.value, into));
                variables(&field.selection_set, into);
            }
            Selection::InlineFragment(inline) => variables(&inline.selection_set, into),
            Selection::FragmentSpread(_) => {}
        }
    }
}

pub(super) fn variables_of(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Variable(name) => into.push(name.to_string()),
        Value::List(entries) => entries.iter().for_each(|entry| variables_of(entry, into)),
        Value::Object(entries) => entries.iter().for_each(|(_, entry)| variables_of(entry, into)),
        _ => {}
    }
}
