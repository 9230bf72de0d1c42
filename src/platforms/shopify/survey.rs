//! Questions that are asked before a service starts, and never by a flow: what a shop is, what the app may do, and
//! whether a location exists. None of them changes anything.
//!
//! Source: shopify.md §a (scopes, partial denial), §b.3 (error bodies).

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::client::TransportError;
use super::http::HttpTransport;
use crate::domain::ShopKey;
use crate::ports::Runtime;

const SHOP: &str = "query { shop { myshopifyDomain currencyCode ianaTimezone } }";
const SCOPES: &str = "query { currentAppInstallation { accessScopes { handle } } }";
const LOCATION: &str = "query ($id: ID!) { location(id: $id) { id isActive } }";

/// What a shop says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShopFacts {
    pub myshopify_domain: Box<str>,
    pub currency_code: Box<str>,
    pub iana_timezone: Box<str>,
}

/// Why a question was not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SurveyError {
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// Shopify understood the question and did not answer it.
    #[error("shopify answered: {message}")]
    Denied { message: String },
    #[error("the answer has not the documented shape: {reason}")]
    Unreadable { reason: String },
}

#[derive(Deserialize)]
struct Answer<T> {
    data: Option<T>,
    #[serde(default)]
    errors: Vec<Complaint>,
}

#[derive(Deserialize)]
struct Complaint {
    message: String,
}

#[derive(Deserialize)]
struct OfShop {
    shop: ShopFacts,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfInstallation {
    current_app_installation: Installation,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Installation {
    access_scopes: Vec<Scope>,
}

#[derive(Deserialize)]
struct Scope {
    handle: String,
}

#[derive(Deserialize)]
struct OfLocation {
    location: Option<Location>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    is_active: bool,
}

impl<R: Runtime> HttpTransport<R> {
    /// # Errors
    /// As [`SurveyError`] says; another version of the API than was asked for is one of them.
    pub async fn shop_facts(&self, shop: ShopKey) -> Result<ShopFacts, SurveyError> {
        self.survey::<OfShop>(shop, SHOP, json!({})).await.map(|answer| answer.shop)
    }

    /// Handles such as `read_orders`, as they were granted.
    ///
    /// # Errors
    /// As [`SurveyError`] says.
    pub async fn scopes(&self, shop: ShopKey) -> Result<BTreeSet<String>, SurveyError> {
        let answer: OfInstallation = self.survey(shop, SCOPES, json!({})).await?;
        let scopes = answer.current_app_installation.access_scopes.into_iter();
        Ok(scopes.map(|scope| scope.handle).collect())
    }

    /// Whether the location is active; `None` if there is none of that number.
    ///
    /// # Errors
    /// As [`SurveyError`] says.
    pub async fn location(&self, shop: ShopKey, number: u64) -> Result<Option<bool>, SurveyError> {
        let id = format!("gid://shopify/Location/{number}");
        let answer: OfLocation = self.survey(shop, LOCATION, json!({ "id": id })).await?;
        Ok(answer.location.map(|location| location.is_active))
    }

    async fn survey<T: DeserializeOwned>(
        &self,
        shop: ShopKey,
        query: &'static str,
        variables: Value,
    ) -> Result<T, SurveyError> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let text = self.ask(shop, body).await?;
        let answer: Answer<T> = serde_json::from_str(&text)
            .map_err(|error| SurveyError::Unreadable { reason: error.to_string() })?;
        if let Some(complaint) = answer.errors.into_iter().next() {
            return Err(SurveyError::Denied { message: complaint.message });
        }
        answer.data.ok_or_else(|| SurveyError::Unreadable { reason: "neither data nor errors".to_owned() })
    }
}
