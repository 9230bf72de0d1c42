//! JSON as it was sent: numbers keep their digits, properties their order.
//!
//! Written here because no amount may pass through a float on its way.

use std::fmt::{self, Write};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    /// As it is written.
    Number(String),
    Text(String),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

/// Lists and objects inside each other.
const DEPTH_MAX: usize = 40;

impl Json {
    pub fn text(text: impl fmt::Display) -> Json {
        Json::Text(text.to_string())
    }

    pub fn number(number: impl fmt::Display) -> Json {
        Json::Number(number.to_string())
    }

    pub fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Map(pairs) => pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// # Errors
    /// What is wrong, and at which byte.
    pub fn read(bytes: &[u8]) -> Result<Json, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "The body is not UTF-8.".to_owned())?;
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0)?;
        reader.blanks();
        if reader.at == text.len() { Ok(value) } else { Err(reader.wrong("nothing more")) }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn wrong(&self, wanted: &str) -> String {
        format!("The body is no JSON: {wanted} expected at byte {}.", self.at)
    }

    fn take(&mut self, sign: char) -> bool {
        self.blanks();
        let is = self.rest().starts_with(sign);
        self.at += usize::from(is);
        is
    }

    fn value(&mut self, depth: usize) -> Result<Json, String> {
        if depth > DEPTH_MAX {
            return Err(self.wrong("less nesting"));
        }
        self.blanks();
        for (word, value) in [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))]
        {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        match self.rest().as_bytes().first() {
            Some(b'"') => self.string().map(Json::Text),
            Some(b'[') => {
                self.at += 1;
                let mut list = Vec::new();
                if self.take(']') {
                    return Ok(Json::List(list));
                }
                loop {
                    list.push(self.value(depth + 1)?);
                    if self.take(']') {
                        return Ok(Json::List(list));
                    }
                    if !self.take(',') {
                        return Err(self.wrong("`,` or `]`"));
                    }
                }
            }
            Some(b'{') => {
                self.at += 1;
                let mut pairs = Vec::new();
                if self.take('}') {
                    return Ok(Json::Map(pairs));
                }
                loop {
                    self.blanks();
                    let name = self.string()?;
                    if !self.take(':') {
                        return Err(self.wrong("`:`"));
                    }
                    pairs.push((name, self.value(depth + 1)?));
                    if self.take('}') {
                        return Ok(Json::Map(pairs));
                    }
                    if !self.take(',') {
                        return Err(self.wrong("`,` or `}`"));
                    }
                }
            }
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.wrong("a value")),
        }
    }

    fn number(&mut self) -> Result<Json, String> {
        let rest = self.rest();
        let end = rest
            .find(|sign: char| !matches!(sign, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'))
            .unwrap_or(rest.len());
        let token = &rest[..end];
        // The grammar of numbers is left to who reads JSON for a living.
        if serde_json::from_str::<&serde_json::value::RawValue>(token).is_err() {
            return Err(self.wrong("a number"));
        }
        self.at += end;
        Ok(Json::Number(token.to_owned()))
    }

    fn string(&mut self) -> Result<String, String> {
        let rest = self.rest();
        if !rest.starts_with('"') {
            return Err(self.wrong("a text"));
        }
        let mut is_escaped = false;
        let end = rest.bytes().enumerate().skip(1).find(|(_, byte)| {
            let ends = *byte == b'"' && !is_escaped;
            is_escaped = *byte == b'\\' && !is_escaped;
            ends
        });
        let Some((end, _)) = end else { return Err(self.wrong("a closing quote")) };
        let text = serde_json::from_str(&rest[..=end]).map_err(|_| self.wrong("a text"))?;
        self.at += end + 1;
        Ok(text)
    }
}

/// A text as JSON has it, in quotes.
pub(super) fn string(text: &str) -> String {
    serde_json::to_string(text).expect("any text can be written")
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(is) => write!(f, "{is}"),
            Json::Number(number) => f.write_str(number),
            Json::Text(text) => f.write_str(&string(text)),
            Json::List(values) => {
                f.write_char('[')?;
                for (at, value) in values.iter().enumerate() {
                    if at > 0 {
                        f.write_char(',')?;
                    }
                    write!(f, "{value}")?;
                }
                f.write_char(']')
            }
            Json::Map(pairs) => {
                f.write_char('{')?;
                for (at, (name, value)) in pairs.iter().enumerate() {
                    if at > 0 {
                        f.write_char(',')?;
                    }
                    write!(f, "{}:{value}", string(name))?;
                }
                f.write_char('}')
            }
        }
    }
}
