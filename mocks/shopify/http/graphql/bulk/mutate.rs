//! Bulk mutations: one mutation, run with the variables of each line of a file that was handed in.
//!
//! Source: shopify.md §d.5 and recorded refusals, in their order: size, client identifier, text, file, too many at a time. Which
//! mutations are allowed is not published as a list that is kept; that none which starts or stops bulk operations is,
//! was recorded, and is all that is refused here. A mutation that the twin does not have is answered so in the
//! line of the result, and counted.

use apollo_compiler::ast::{self, Definition, OperationType, Selection};
use serde_json::{Map, Value, json};

use super::super::super::super::bulk::{Kind, TAKES_A_MUTATION, TEXT_BYTES_MAX};
use super::super::documents;
use super::super::object::Session;
use super::super::records::json;
use super::super::refusal::{Invalid, Refusal};
use super::super::variables::{self, Given};
use super::Staged;
use super::run::Lines;

/// Characters of the name that an app gives an operation.
const IDENTIFIER_MIN: usize = 10;
const IDENTIFIER_MAX: usize = 255;

/// Field, message and code of a refusal.
type Refused = (Option<&'static str>, String, Option<&'static str>);

impl Session<'_> {
    pub(in super::super) fn run_bulk_mutation(&self, arguments: &Map<String, Value>) -> Value {
        match self.begin_mutation(arguments) {
            Ok(payload) => payload,
            Err((field, message, code)) => {
                let field = field.map(|field| [field]);
                let error = json!([{ "field": field, "message": message, "code": code }]);
                json!({ "bulkOperation": null, "userErrors": error })
            }
        }
    }

    fn begin_mutation(&self, arguments: &Map<String, Value>) -> Result<Value, Refused> {
        let text = |name: &str| arguments.get(name).and_then(Value::as_str);
        let source = text("mutation").unwrap_or_default();
        let invalid = Some("INVALID_MUTATION");
        if source.len() > TEXT_BYTES_MAX {
            let size = source.len();
            let message = format!("is too large ({size} bytes; maximum is {TEXT_BYTES_MAX} bytes)");
            return Err((Some("query"), message, invalid));
        }
        if let Some(identifier) = text("clientIdentifier") {
            let refused = |message: String| Err((Some("clientIdentifier"), message, invalid));
            match identifier.chars().count() {
                ..IDENTIFIER_MIN => {
                    return refused(format!("is too short (minimum is {IDENTIFIER_MIN} characters)"));
                }
                IDENTIFIER_MIN..=IDENTIFIER_MAX => {}
                _ => return refused(format!("is too long (maximum is {IDENTIFIER_MAX} characters)")),
            }
        }
        let parsed = documents::parse(source)
            .map_err(|error| (None, format!("Failed to parse the mutation - {}", error.message), invalid))?;
        check(&parsed)?;
        let lines = self.lines_of(text("stagedUploadPath").unwrap_or_default())?;
        let busy = self.twin.borrow().shops[self.at].bulk.busy(Kind::Mutation, self.version, self.now);
        if let Some(busy) = busy {
            return Err((None, busy.message.into(), Some("OPERATION_IN_PROGRESS")));
        }
        let mut result = Lines::default();
        for (at, line) in lines.iter().enumerate() {
            let mut row = self.run_line(source, line);
            row["__lineNumber"] = json!(at);
            result.line(&row);
            result.roots += 1;
        }
        Ok(self.begin_bulk((Kind::Mutation, source), result.found(), TAKES_A_MUTATION))
    }

    /// The lines of the file behind a path.
    fn lines_of(&self, path: &str) -> Result<Vec<String>, Refused> {
        let staged = self.staged.borrow();
        let Some(content) = staged.file(path) else {
            let message = "The JSONL file could not be found. Try uploading the file again, and check that you've \
                           entered the URL correctly for the stagedUploadPath mutation argument.";
            return Err((None, message.to_owned(), Some("NO_SUCH_FILE")));
        };
        let lines = content.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned);
        let lines: Vec<String> = lines.collect();
        match lines.is_empty() {
            true => Err((None, "The input file is empty.".to_owned(), Some("INVALID_STAGED_UPLOAD_FILE"))),
            false => Ok(lines),
        }
    }

    /// The answer to the mutation with the variables of one line.
    fn run_line(&self, source: &str, line: &str) -> Value {
        let refused = |errors: &[Invalid]| {
            let mut unknown = self.refusals.borrow_mut();
            for error in errors.iter().filter(|error| error.extensions["code"] == "undefinedField") {
                unknown.push((Refusal::not_modelled(&error.message), None));
            }
            json!({ "errors": errors.iter().map(Invalid::to_json).collect::<Vec<_>>() })
        };
        let Some(given) = Given::read(line) else {
            return refused(&[Invalid::plain(format!("invalid JSON: {line}"))]);
        };
        let document = match documents::compile(source) {
            Ok(document) => document,
            Err(errors) => return refused(&errors),
        };
        let Ok(operation) = document.operations.get(None) else {
            return refused(&[Invalid::plain("An operation name is required".to_owned())]);
        };
        let values = match variables::coerce(self.schema, operation, &document.sources, &given) {
            Ok(values) => values,
            Err(errors) => return refused(&errors),
        };
        let mut twin = self.twin.borrow_mut();
        let mut none = Staged::default();
        let session = self.inside(&mut twin, &mut none, values, false);
        let (data, errors) = super::super::execute(&session, &document, operation);
        self.refusals.borrow_mut().extend(session.refusals.take());
        match errors.is_empty() {
            true => json!({ "data": json(data) }),
            false => json!({ "data": json(data), "errors": errors }),
        }
    }
}

/// What may be run.
fn check(document: &ast::Document) -> Result<(), Refused> {
    let operation = document.definitions.iter().find_map(|definition| match definition {
        Definition::OperationDefinition(operation) => Some(operation),
        _ => None,
    });
    let Some(operation) = operation.filter(|it| it.operation_type == OperationType::Mutation) else {
        let message = "Invalid operation type. Only `mutation` operations are supported.";
        return Err((None, message.to_owned(), Some("INVALID_MUTATION")));
    };
    let roots: Vec<_> = operation.selection_set.iter().filter_map(Selection::as_field).collect();
    let of_mutation = |message: &str| Err((Some("mutation"), message.to_owned(), None));
    match roots.as_slice() {
        [root] if root.name.starts_with("bulkOperation") => {
            of_mutation("You must use an allowed mutation name.")
        }
        [_] => Ok(()),
        _ => of_mutation("You must specify a single top level mutation."),
    }
}
