//! Where a request is addressed: the origin that links repeat, the path by its parts, the query by its pairs.
//!
//! Source: netsuite.md §2 (hosts), §5.2 (links are built with the host of the request), §9.2 (blanks).

use super::FaceSettings;
use super::encoding::{pairs, unescaped};
use super::problem::{self, Problem};
use crate::mocks::http::Asked;
use crate::platforms::netsuite::auth::signature::escaped;

#[derive(Debug, Default)]
pub(super) struct Address {
    /// Scheme and host: `https://1234567-sb1.suitetalk.api.netsuite.com`.
    pub origin: String,
    /// In lower case, with its port unless that is the default one.
    pub host: String,
    /// Escapes undone; a slash at the end leaves no empty part.
    pub parts: Vec<String>,
    pub query: Vec<(String, String)>,
}

const NETSUITE: &str = ".netsuite.com";

impl Address {
    pub fn of(asked: &Asked, settings: &FaceSettings) -> Result<Address, Problem> {
        if asked.path.contains(' ') || asked.query.contains(' ') {
            return Err(problem::blank_in_url());
        }
        let host = asked.header("host").unwrap_or_default().to_ascii_lowercase();
        let is_netsuite = host.split(':').next().is_some_and(|name| name.ends_with(NETSUITE));
        let scheme = if is_netsuite { "https" } else { settings.scheme };
        let default_port = if scheme == "https" { ":443" } else { ":80" };
        let host = host.strip_suffix(default_port).unwrap_or(&host).to_owned();
        let broken = || problem::invalid_url("The URL holds a broken escape.");
        let parts = asked.path.split('/').filter(|part| !part.is_empty()).map(unescaped);
        let parts: Vec<String> = parts.collect::<Option<_>>().ok_or_else(broken)?;
        let query = pairs(&asked.query).ok_or_else(broken)?;
        Ok(Address { origin: format!("{scheme}://{host}"), host, parts, query })
    }

    /// The first value of a parameter; names are matched as they are written.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Parameters that are not those of a page, as links to other pages repeat them: each with `&` before it.
    pub fn other_parameters(&self) -> String {
        let others = self.query.iter().filter(|(name, _)| name != "limit" && name != "offset");
        others.map(|(name, value)| format!("&{}={}", escaped(name), escaped(value))).collect()
    }

    /// The account that the host names; `None` for hosts that are not NetSuite's.
    pub fn account(&self) -> Option<String> {
        let name = self.host.split(':').next()?.strip_suffix(NETSUITE)?;
        let account = name.split('.').next()?;
        Some(account.to_ascii_uppercase().replace('-', "_"))
    }
}
