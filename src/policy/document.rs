//! TOML files with places: several files read as one document, each value knowing where it was written.
//!
//! Lives here: reading, merging key by key, and turning every refusal into a [`FileError`]. What a file may
//! say is in the structs that are read out of it; how a short string is read is in [`super::grammar`].

use std::marker::PhantomData;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::file_error::FileError;
use super::grammar::Misread;

/// No file of ours comes near it; beyond it a mistaken path is the likelier explanation.
pub const BYTES_MAX: usize = 64 << 20;

/// How the bytes of a file are come by: from disk, or from memory in tests and for built-in scenarios.
pub type Reader<'r> = &'r dyn Fn(&Path) -> std::io::Result<Vec<u8>>;

/// Reads from disk, refusing what is larger than [`BYTES_MAX`] before reading it.
pub fn from_disk(path: &Path) -> std::io::Result<Vec<u8>> {
    let size = std::fs::metadata(path)?.len();
    if size > BYTES_MAX as u64 {
        return Err(std::io::Error::new(
            std::io::ErrorKind::FileTooLarge,
            format!("{size} bytes, and {BYTES_MAX} is the most"),
        ));
    }
    std::fs::read(path)
}

pub type Refused = Box<FileError>;

/// The files of one document. Their texts share one address space, so that a span names its file too.
#[derive(Default)]
pub struct Sources {
    files: Vec<Source>,
}

struct Source {
    path: PathBuf,
    name: Arc<str>,
    text: Arc<str>,
    /// Address of the first byte.
    base: usize,
}

/// A value and where it was written.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(transparent)]
pub struct Placed<T>(Spanned<T>);

impl<T> Placed<T> {
    /// A value of a place that is known, e.g. the short form of a table.
    pub fn at(span: Range<usize>, value: T) -> Placed<T> {
        Placed(Spanned::new(span, value))
    }

    pub fn get(&self) -> &T {
        self.0.get_ref()
    }

    pub fn span(&self) -> Range<usize> {
        self.0.span()
    }
}

/// A table with keys of the person's choosing, in the order in which they were first written.
#[derive(Debug, Clone)]
pub struct Keyed<T>(pub Vec<(Placed<String>, T)>);

impl<T> Default for Keyed<T> {
    fn default() -> Self {
        Keyed(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Keyed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Keyed<T>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a table")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keyed<T>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry::<Placed<String>, T>()? {
                    entries.push(entry);
                }
                entries.sort_by_key(|(key, _)| key.span().start);
                Ok(Keyed(entries))
            }
        }

        deserializer.deserialize_map(Entries(PhantomData))
    }
}

/// A short string, or the table that says the same at length.
#[derive(Debug, Clone)]
pub enum ShortOr<T> {
    Short(String),
    Long(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for ShortOr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = ShortOr<T>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a short string or a table")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<ShortOr<T>, E> {
                Ok(ShortOr::Short(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ShortOr<T>, A::Error> {
                T::deserialize(serde::de::value::MapAccessDeserializer::new(map)).map(ShortOr::Long)
            }
        }

        deserializer.deserialize_any(Either(PhantomData))
    }
}

impl Sources {
    /// Takes in one more file.
    ///
    /// # Errors
    /// A file that cannot be read, is too large, or is not UTF-8.
    pub fn add(&mut self, path: &Path, reader: Reader<'_>) -> Result<usize, Refused> {
        let name = path.display().to_string();
        let bytes = reader(path).map_err(|error| {
            FileError::unreadable(
                format!("`{name}` cannot be read: {error}"),
                "give the path of a file that exists, relative to the file that names it",
            )
        })?;
        if bytes.len() > BYTES_MAX {
            return Err(FileError::unreadable(
                format!("`{name}` has {} bytes, and {BYTES_MAX} is the most", bytes.len()),
                "check the path; long traffic belongs into a recorded file beside it",
            ));
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            FileError::unreadable(format!("`{name}` is not UTF-8 at byte {at}"), "save the file as UTF-8")
        })?;
        Ok(self.add_text(path, text))
    }

    /// Takes in a text under a name.
    pub fn add_text(&mut self, path: &Path, text: String) -> usize {
        let base = self.files.last().map_or(0, |last| last.base + last.text.len() + 1);
        self.files.push(Source {
            path: path.to_owned(),
            name: path.display().to_string().into(),
            text: text.into(),
            base,
        });
        self.files.len() - 1
    }

    pub fn text(&self, file: usize) -> Arc<str> {
        self.files[file].text.clone()
    }

    pub fn path(&self, file: usize) -> &Path {
        &self.files[file].path
    }

    /// Name of the file, line from 1, and the text of that line.
    pub fn line(&self, span: &Range<usize>) -> (Arc<str>, usize, Box<str>) {
        let file = self.file_of(span);
        let at = (span.start - file.base).min(file.text.len());
        let line = file.text[..at].matches('\n').count();
        let text = file.text.lines().nth(line).unwrap_or_default();
        (file.name.clone(), line + 1, text.trim_end().into())
    }

    /// A path written in a file means: beside that file.
    pub fn beside(&self, written: &Placed<String>) -> PathBuf {
        let folder = self.file_of(&written.span()).path.parent().unwrap_or(Path::new(""));
        tidy(&folder.join(written.get()))
    }

    pub fn error(&self, span: Range<usize>, code: &'static str, cause: impl Into<String>) -> Refused {
        let file = self.file_of(&span);
        let local = |at: usize| at.saturating_sub(file.base).min(file.text.len());
        let (start, end) = (local(span.start), local(span.end));
        // A missing key is the fault of a table that may go on for pages: its first line says which.
        let first_line = file.text[start..end].find('\n').map_or(end, |length| start + length);
        FileError::in_file(&file.name, file.text.clone(), start..first_line.max(start), code, cause.into())
    }

    /// Reads a short string by its grammar; a refusal points inside the string.
    ///
    /// # Errors
    /// As the grammar says.
    pub fn read<T>(
        &self,
        written: &Placed<String>,
        grammar: impl FnOnce(&str) -> Result<T, Misread>,
    ) -> Result<T, Refused> {
        grammar(written.get()).map_err(|misread| self.misread(written, misread))
    }

    fn misread(&self, written: &Placed<String>, misread: Misread) -> Refused {
        let span = written.span();
        let file = self.file_of(&span);
        // With escapes inside, offsets of the value are not offsets of the text: then point at all of it.
        let inner = span.start - file.base + 1;
        let verbatim = file.text.get(inner..).is_some_and(|text| text.starts_with(written.get().as_str()));
        let place = if verbatim && !misread.at.is_empty() {
            span.start + 1 + misread.at.start..span.start + 1 + misread.at.end
        } else {
            span
        };
        self.error(place, misread.code, misread.cause).remedy(misread.remedy)
    }

    /// A name that refers to something defined elsewhere.
    ///
    /// # Errors
    /// No such name, with the most similar one.
    pub fn refer<'k>(
        &self,
        written: &Placed<String>,
        what: &str,
        mut known: impl Iterator<Item = &'k str> + Clone,
    ) -> Result<usize, Refused> {
        known.clone().position(|name| name == written.get()).ok_or_else(|| {
            let error = self.error(
                written.span(),
                "unknown-reference",
                format!("there is no {what} `{}`", written.get()),
            );
            match nearest(written.get(), known.clone()) {
                Some(name) => error.remedy(format!("did you mean `{name}`?")),
                None => {
                    let names: Vec<&str> = known.by_ref().take(12).collect();
                    match names.is_empty() {
                        true => error.remedy(format!("define one, for none is defined as {what}")),
                        false => error.remedy(format!("known: {}", names.join(", "))),
                    }
                }
            }
        })
    }

    /// Reads the files, later ones overriding earlier ones key by key, into the struct that describes them.
    /// Each file must state `version_key = version`.
    ///
    /// # Errors
    /// TOML that does not parse, keys that the struct does not know, values of the wrong type.
    pub fn document<T: DeserializeOwned>(&self, order: &[usize], version: Version) -> Result<T, Refused> {
        let mut whole = DeTable::new();
        let mut span = 0..0;
        for &number in order {
            let file = &self.files[number];
            let parsed = DeTable::parse(&file.text).map_err(|error| self.parse_error(file, &error))?;
            let table = relocated_table(parsed.into_inner(), file.base);
            self.check_version(file, &table, version)?;
            merge(&mut whole, table);
            span = file.base..file.base + file.text.len();
        }
        let document = toml::de::Deserializer::from(Spanned::new(span.clone(), whole));
        T::deserialize(document).map_err(|error| self.shape_error(&error, span))
    }

    /// The strings of an array at the top of one file, before the file is read as a whole.
    ///
    /// # Errors
    /// TOML that does not parse, or an array of something else.
    pub fn strings_at_top(&self, number: usize, key: &str) -> Result<Vec<Placed<String>>, Refused> {
        let file = &self.files[number];
        let parsed = DeTable::parse(&file.text).map_err(|error| self.parse_error(file, &error))?;
        let mut table = relocated_table(parsed.into_inner(), file.base);
        let Some(value) = table.remove(key) else { return Ok(Vec::new()) };
        let span = value.span();
        Vec::deserialize(toml::de::ValueDeserializer::from(value))
            .map_err(|error| self.shape_error(&error, span))
    }

    fn check_version(&self, file: &Source, table: &DeTable<'_>, version: Version) -> Result<(), Refused> {
        let Version { key, number } = version;
        let start = file.base..file.base;
        let Some(value) = table.get(key) else {
            return Err(self
                .error(start, "missing-version", format!("the file does not say `{key} = {number}`"))
                .remedy(format!("write `{key} = {number}` at the top: it names the format of the file")));
        };
        let said = value.get_ref().as_integer().and_then(|said| said.as_str().parse::<u64>().ok());
        if said == Some(number) {
            return Ok(());
        }
        Err(self
            .error(value.span(), "unknown-version", format!("format `{key}` of this version is not known"))
            .remedy(format!("this program reads `{key} = {number}`")))
    }

    fn parse_error(&self, file: &Source, error: &toml::de::Error) -> Refused {
        let span = error.span().unwrap_or(0..0);
        let message = error.message().lines().collect::<Vec<_>>().join("; ");
        let code = if message.contains("duplicate key") { "duplicate-key" } else { "not-toml" };
        let remedy = match code {
            "duplicate-key" => "keep one of the two, or give the second another key",
            _ => "write TOML 1.0; texts, amounts and lengths of time stand in double quotes",
        };
        self.error(file.base + span.start..file.base + span.end, code, message).remedy(remedy)
    }

    /// Serde says in fixed phrases what it did not find; the place comes with it.
    fn shape_error(&self, error: &toml::de::Error, whole: Range<usize>) -> Refused {
        let span = error.span().unwrap_or(whole.start..whole.start);
        let message = error.message();
        let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
        if message.starts_with("unknown field") {
            let (unknown, known) = quoted.split_first().map_or(("", &[][..]), |(first, rest)| (*first, rest));
            let error =
                self.error(span, "unknown-key", format!("`{unknown}` is not a key that is known here"));
            return match nearest(unknown, known.iter().copied()) {
                Some(name) => error.remedy(format!("did you mean `{name}`?")),
                None => error.remedy(format!("known here: {}", known.join(", "))),
            };
        }
        if let Some(key) = message.strip_prefix("missing field").and(quoted.first()) {
            return self
                .error(span, "missing-key", format!("`{key}` is missing"))
                .remedy(format!("add `{key} = …` to this table"));
        }
        if let Some(number) = quoted.first().filter(|number| number.starts_with('-')) {
            let cause = format!("`{number}` is negative");
            return self.error(span, "negative", cause).remedy("write zero or more");
        }
        let remedy = match message.ends_with("expected a string") {
            true => "put the value in double quotes, with its unit",
            false => "write a value of the type that is expected",
        };
        self.error(span, "wrong-type", message.to_owned()).remedy(remedy)
    }

    fn file_of(&self, span: &Range<usize>) -> &Source {
        let after = self.files.partition_point(|file| file.base <= span.start);
        &self.files[after.saturating_sub(1)]
    }
}

/// The key that names a file's format, and the number that is read.
#[derive(Debug, Clone, Copy)]
pub struct Version {
    pub key: &'static str,
    pub number: u64,
}

/// The most similar name, if one is similar enough to be a slip of the finger.
pub fn nearest<'k>(written: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    known
        .map(|name| (strsim::osa_distance(written, name), name))
        .filter(|(distance, name)| *distance <= 1 + name.chars().count() / 4)
        .min()
        .map(|(_, name)| name)
}

/// Later values replace earlier ones; tables are merged key by key and keep their first place in the order.
fn merge<'i>(base: &mut DeTable<'i>, over: DeTable<'i>) {
    for (key, value) in over {
        let Some(slot) = base.get_mut(&key) else {
            base.insert(key, value);
            continue;
        };
        let span = value.span();
        match (slot.get_mut(), value.into_inner()) {
            (DeValue::Table(old), DeValue::Table(new)) => merge(old, new),
            (_, new) => *slot = Spanned::new(span, new),
        }
    }
}

fn relocated_table<'i>(table: DeTable<'i>, by: usize) -> DeTable<'i> {
    table
        .into_iter()
        .map(|(key, value)| {
            let span = key.span();
            (Spanned::new(span.start + by..span.end + by, key.into_inner()), relocated(value, by))
        })
        .collect()
}

fn relocated<'i>(value: Spanned<DeValue<'i>>, by: usize) -> Spanned<DeValue<'i>> {
    let span = value.span();
    let inner = match value.into_inner() {
        DeValue::Table(table) => DeValue::Table(relocated_table(table, by)),
        DeValue::Array(array) => {
            DeValue::Array(array.into_iter().map(|item| relocated(item, by)).collect::<DeArray<'i>>())
        }
        plain => plain,
    };
    Spanned::new(span.start + by..span.end + by, inner)
}

/// Resolves `..` and `.` in the text of a path, so that messages show the short form.
fn tidy(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut tidied = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(tidied.components().next_back(), Some(Component::Normal(_))) => {
                tidied.pop();
            }
            other => tidied.push(other),
        }
    }
    tidied
}

#[cfg(test)]
mod schema {
    //! A placed value looks like the value, a keyed table like a table of its values.

    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    use super::{Keyed, Placed, ShortOr};

    impl<T: JsonSchema> JsonSchema for ShortOr<T> {
        fn inline_schema() -> bool {
            true
        }

        fn schema_name() -> Cow<'static, str> {
            format!("ShortOr{}", T::schema_name()).into()
        }

        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            let long = generator.subschema_for::<T>();
            json_schema!({ "anyOf": [{ "type": "string" }, long] })
        }
    }

    impl<T: JsonSchema> JsonSchema for Placed<T> {
        fn inline_schema() -> bool {
            true
        }

        fn schema_name() -> Cow<'static, str> {
            T::schema_name()
        }

        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            T::json_schema(generator)
        }
    }

    impl<T: JsonSchema> JsonSchema for Keyed<T> {
        fn inline_schema() -> bool {
            true
        }

        fn schema_name() -> Cow<'static, str> {
            format!("TableOf{}", T::schema_name()).into()
        }

        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            let values = generator.subschema_for::<T>();
            json_schema!({ "type": "object", "additionalProperties": values })
        }
    }
}
