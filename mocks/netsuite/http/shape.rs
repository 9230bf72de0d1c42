//! Which properties records have, and bodies checked against them before a rule of the twin sees them.
//!
//! A property that the platform knows and the twin does not hold is refused as one whose feature is switched off, never
//! silently dropped; a property that nobody knows is refused, warned of or ignored as the client asks.
//!
//! Source: netsuite.md §4 (validation headers), §6.1 (values), §12.1, §13.1–13.2, §14, §16.

use super::json::Json;
use super::problem::{self, Place, Problem};
use super::suiteql::tables::currency_id;
use crate::domain::{BookDate, Currency};

#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Text,
    Number,
    Boolean,
    Date,
    DateTime,
    /// To a record of that type.
    Reference(&'static str),
    Choice,
    Sublist(&'static [Field]),
    Subrecord(&'static [Field]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Write {
    Yes,
    No,
    /// Kept and shown again; nothing in the twin depends on it.
    Inert,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub name: &'static str,
    pub kind: Kind,
    pub write: Write,
}

#[derive(Debug)]
pub(super) struct RecordType {
    /// As the path spells it: `salesOrder`.
    pub name: &'static str,
    pub fields: &'static [Field],
    /// Properties of the platform's record that have effects which the twin does not have.
    pub elsewhere: &'static [&'static str],
    /// Methods, as the metadata names them.
    pub methods: &'static [&'static str],
}

const fn open(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, write: Write::Yes }
}

const fn shown(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, write: Write::No }
}

const fn inert(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, write: Write::Inert }
}

const ID: Field = shown("id", Kind::Text);
const EXTERNAL_ID: Field = open("externalId", Kind::Text);
const SUBSIDIARY: Field = open("subsidiary", Kind::Reference("subsidiary"));
const LOCATION: Field = open("location", Kind::Reference("location"));
const CURRENCY: Field = open("currency", Kind::Reference("currency"));
const TRAN_DATE: Field = open("tranDate", Kind::Date);
const MEMO: Field = open("memo", Kind::Text);
const LATE: Field = open("custbody_plimsoll_date", Kind::Date);
const ORDER: Field = open("custbody_plimsoll_order", Kind::Text);
const EXCHANGE_RATE: Field = shown("exchangeRate", Kind::Number);
const TOTAL: Field = shown("total", Kind::Number);
const CREATED_FROM: Field = shown("createdFrom", Kind::Reference("salesOrder"));
const CREATED: Field = shown("createdDate", Kind::DateTime);
const MODIFIED: Field = shown("lastModifiedDate", Kind::DateTime);
const ITEM: Field = open("item", Kind::Reference("inventoryItem"));
const QUANTITY: Field = open("quantity", Kind::Number);
const AMOUNT: Field = open("amount", Kind::Number);
const RATE: Field = open("rate", Kind::Number);
const PRICE: Field = open("price", Kind::Reference("priceLevel"));
const TAX_REFERENCE: Field = open("taxDetailsReference", Kind::Choice);
const KEY: Field = open("custcol_plimsoll_key", Kind::Text);
const ACCOUNT: Field = open("account", Kind::Reference("account"));
const TAX_OVERRIDE: Field = open("taxDetailsOverride", Kind::Boolean);
const TAX_DETAILS: Field = open(
    "taxDetails",
    Kind::Sublist(&[
        TAX_REFERENCE,
        open("taxCode", Kind::Reference("salesTaxItem")),
        inert("taxType", Kind::Reference("taxType")),
        open("taxBasis", Kind::Number),
        open("taxRate", Kind::Number),
        open("taxAmount", Kind::Number),
    ]),
);
const APPLY_LINE: &[Field] = &[
    open("doc", Kind::Reference("transaction")),
    open("apply", Kind::Boolean),
    open("amount", Kind::Number),
    inert("line", Kind::Number),
];
const APPLY: Field = open("apply", Kind::Sublist(APPLY_LINE));
const BILL_LINE: &[Field] = &[
    open("orderLine", Kind::Number),
    shown("line", Kind::Number),
    ITEM,
    QUANTITY,
    AMOUNT,
    RATE,
    PRICE,
    TAX_REFERENCE,
    KEY,
    open("custcol_plimsoll_sku", Kind::Text),
];
const BILL: &[Field] = &[
    ID,
    EXTERNAL_ID,
    CREATED_FROM,
    SUBSIDIARY,
    LOCATION,
    CURRENCY,
    EXCHANGE_RATE,
    TRAN_DATE,
    MEMO,
    LATE,
    ORDER,
    TOTAL,
    MODIFIED,
    TAX_OVERRIDE,
    TAX_DETAILS,
    APPLY,
    open("entity", Kind::Reference("customer")),
    shown("status", Kind::Choice),
    shown("amountRemaining", Kind::Number),
    open("item", Kind::Sublist(BILL_LINE)),
];

const READ: &[&str] = &["GET"];

pub(super) const TYPES: &[RecordType] = &[
    RecordType {
        name: "customer",
        fields: &[
            ID,
            EXTERNAL_ID,
            SUBSIDIARY,
            CURRENCY,
            MODIFIED,
            shown("entityId", Kind::Text),
            open("isPerson", Kind::Boolean),
            open("companyName", Kind::Text),
            open("firstName", Kind::Text),
            open("lastName", Kind::Text),
            open("email", Kind::Text),
            inert("phone", Kind::Text),
            inert("mobilePhone", Kind::Text),
            inert("altEmail", Kind::Text),
            inert("url", Kind::Text),
            inert("salutation", Kind::Text),
            inert("middleName", Kind::Text),
            inert("title", Kind::Text),
            inert("comments", Kind::Text),
            inert("entityStatus", Kind::Reference("customerStatus")),
            inert("language", Kind::Choice),
            shown("isInactive", Kind::Boolean),
            shown("terms", Kind::Reference("term")),
            shown("priceLevel", Kind::Reference("priceLevel")),
            shown("creditLimit", Kind::Number),
        ],
        elsewhere: &[
            "autoName",
            "currencyList",
            "creditHoldOverride",
            "itemPricing",
            "groupPricing",
            "addressBook",
            "receivablesAccount",
            "taxable",
            "taxItem",
            "taxRegistration",
            "category",
            "parent",
            "salesRep",
            "emailPreference",
            "shippingItem",
            "prefCCProcessor",
            "dateCreated",
            "balance",
        ],
        methods: &["GET", "POST", "PATCH", "PUT", "DELETE"],
    },
    RecordType {
        name: "salesOrder",
        fields: &[
            ID,
            EXTERNAL_ID,
            SUBSIDIARY,
            LOCATION,
            CURRENCY,
            EXCHANGE_RATE,
            TRAN_DATE,
            MEMO,
            TOTAL,
            CREATED,
            MODIFIED,
            TAX_OVERRIDE,
            TAX_DETAILS,
            open("entity", Kind::Reference("customer")),
            open("otherRefNum", Kind::Text),
            open("orderStatus", Kind::Choice),
            shown("status", Kind::Choice),
            shown("taxTotal", Kind::Number),
            shown("custbody_plimsoll_released", Kind::DateTime),
            open(
                "shippingAddress",
                Kind::Subrecord(&[
                    open("addressee", Kind::Text),
                    open("addr1", Kind::Text),
                    open("addr2", Kind::Text),
                    open("city", Kind::Text),
                    open("state", Kind::Text),
                    open("zip", Kind::Text),
                    open("country", Kind::Choice),
                    open("addrPhone", Kind::Text),
                ]),
            ),
            open(
                "item",
                Kind::Sublist(&[
                    open("line", Kind::Number),
                    shown("lineUniqueKey", Kind::Number),
                    ITEM,
                    QUANTITY,
                    AMOUNT,
                    RATE,
                    PRICE,
                    LOCATION,
                    TAX_REFERENCE,
                    KEY,
                    open("description", Kind::Text),
                    open("isClosed", Kind::Boolean),
                    shown("quantityFulfilled", Kind::Number),
                    shown("quantityBilled", Kind::Number),
                ]),
            ),
        ],
        elsewhere: &[
            "email",
            "terms",
            "salesRep",
            "department",
            "class",
            "discountItem",
            "discountRate",
            "promotions",
            "giftCertRedemption",
            "shipMethod",
            "shippingCost",
            "handlingCost",
            "shipDate",
            "shipComplete",
            "billingAddress",
            "taxRegOverride",
            "toBeEmailed",
            "paymentMethod",
            "tranId",
            "isTaxable",
            "taxCode",
            "commitInventory",
            "inventoryLocation",
            "inventoryDetail",
            "createPo",
            "units",
            "giftCertFrom",
            "grossAmt",
        ],
        methods: &["GET", "POST", "PATCH", "PUT"],
    },
    RecordType {
        name: "customerDeposit",
        fields: &[
            ID,
            EXTERNAL_ID,
            SUBSIDIARY,
            CURRENCY,
            EXCHANGE_RATE,
            TRAN_DATE,
            MEMO,
            LATE,
            ACCOUNT,
            MODIFIED,
            open("customer", Kind::Reference("customer")),
            open("salesOrder", Kind::Reference("salesOrder")),
            open("payment", Kind::Number),
            open("undepFunds", Kind::Boolean),
        ],
        elsewhere: &["paymentMethod", "department", "class", "location", "tranId"],
        methods: &["GET", "POST", "PATCH", "PUT"],
    },
    RecordType {
        name: "itemFulfillment",
        fields: &[
            ID,
            CREATED_FROM,
            SUBSIDIARY,
            MODIFIED,
            LOCATION,
            shown("entity", Kind::Reference("customer")),
            shown("tranDate", Kind::Date),
            open("shipStatus", Kind::Choice),
            open(
                "item",
                Kind::Sublist(&[
                    open("orderLine", Kind::Number),
                    shown("line", Kind::Number),
                    shown("item", Kind::Reference("inventoryItem")),
                    QUANTITY,
                    LOCATION,
                    open("itemReceive", Kind::Boolean),
                    shown("custcol_plimsoll_key", Kind::Text),
                ]),
            ),
            open(
                "package",
                Kind::Sublist(&[
                    open("packageTrackingNumber", Kind::Text),
                    open("packageDescr", Kind::Text),
                    inert("packageWeight", Kind::Number),
                ]),
            ),
        ],
        elsewhere: &[
            "externalId",
            "memo",
            "shipMethod",
            "shipCarrier",
            "shippingCost",
            "inventoryLocation",
            "packageUps",
            "packageFedEx",
            "packageUsps",
            "pickedDate",
            "packedDate",
            "shippedDate",
        ],
        methods: &["GET", "PATCH", "DELETE"],
    },
    RecordType {
        name: "invoice",
        fields: BILL,
        elsewhere: &[
            "account",
            "dueDate",
            "terms",
            "shippingCost",
            "department",
            "class",
            "discountItem",
            "tranId",
        ],
        methods: &["GET", "POST"],
    },
    RecordType {
        name: "creditMemo",
        fields: BILL,
        elsewhere: &["account", "shippingCost", "department", "class", "discountItem", "tranId"],
        methods: &["GET", "POST", "PATCH"],
    },
    RecordType {
        name: "journalEntry",
        fields: &[
            ID,
            EXTERNAL_ID,
            SUBSIDIARY,
            CURRENCY,
            EXCHANGE_RATE,
            TRAN_DATE,
            MEMO,
            LATE,
            MODIFIED,
            shown("approved", Kind::Boolean),
            shown("reversalDate", Kind::Date),
            open(
                "line",
                Kind::Sublist(&[
                    ACCOUNT,
                    MEMO,
                    open("debit", Kind::Number),
                    open("credit", Kind::Number),
                    shown("line", Kind::Number),
                ]),
            ),
        ],
        elsewhere: &[
            "postingPeriod",
            "approvalStatus",
            "reversalDefer",
            "toSubsidiary",
            "entity",
            "department",
            "class",
            "location",
            "eliminate",
            "taxCode",
            "tax1Amt",
            "grossAmt",
        ],
        methods: &["GET", "POST"],
    },
    RecordType {
        name: "advInterCompanyJournalEntry",
        fields: &[
            ID,
            EXTERNAL_ID,
            SUBSIDIARY,
            CURRENCY,
            EXCHANGE_RATE,
            TRAN_DATE,
            MEMO,
            LATE,
            MODIFIED,
            open(
                "line",
                Kind::Sublist(&[
                    ACCOUNT,
                    MEMO,
                    open("debit", Kind::Number),
                    open("credit", Kind::Number),
                    open("lineSubsidiary", Kind::Reference("subsidiary")),
                ]),
            ),
        ],
        elsewhere: &[
            "postingPeriod",
            "approvalStatus",
            "dueToFromSubsidiary",
            "eliminate",
            "entity",
            "department",
            "class",
            "location",
        ],
        methods: &["POST"],
    },
    RecordType {
        name: "customerRefund",
        fields: &[
            ID,
            EXTERNAL_ID,
            SUBSIDIARY,
            CURRENCY,
            EXCHANGE_RATE,
            TRAN_DATE,
            MEMO,
            LATE,
            ORDER,
            ACCOUNT,
            TOTAL,
            MODIFIED,
            APPLY,
            open("customer", Kind::Reference("customer")),
            open("deposit", Kind::Sublist(APPLY_LINE)),
        ],
        elsewhere: &["paymentMethod", "arAcct", "department", "class", "location", "tranId"],
        methods: &["GET", "POST"],
    },
    RecordType {
        name: "depositApplication",
        fields: &[ID, EXTERNAL_ID, TRAN_DATE, TOTAL, MODIFIED, APPLY],
        elsewhere: &["memo", "department", "class"],
        methods: &["GET"],
    },
    RecordType {
        name: "inventoryAdjustment",
        fields: &[
            ID,
            EXTERNAL_ID,
            SUBSIDIARY,
            ACCOUNT,
            TRAN_DATE,
            MEMO,
            LATE,
            ORDER,
            MODIFIED,
            open("adjLocation", Kind::Reference("location")),
            open(
                "inventory",
                Kind::Sublist(&[
                    ITEM,
                    LOCATION,
                    open("adjustQtyBy", Kind::Number),
                    open("unitCost", Kind::Number),
                ]),
            ),
        ],
        elsewhere: &["customer", "department", "class", "newQuantity", "inventoryDetail"],
        methods: &["GET", "POST"],
    },
    RecordType {
        name: "subsidiary",
        fields: &[
            ID,
            shown("name", Kind::Text),
            shown("currency", Kind::Reference("currency")),
            shown("isElimination", Kind::Boolean),
        ],
        elsewhere: &[],
        methods: READ,
    },
    RecordType {
        name: "location",
        fields: &[ID, shown("name", Kind::Text), shown("subsidiary", Kind::Reference("subsidiary"))],
        elsewhere: &[],
        methods: READ,
    },
    RecordType {
        name: "account",
        fields: &[
            ID,
            shown("acctNumber", Kind::Text),
            shown("acctType", Kind::Choice),
            shown("currency", Kind::Reference("currency")),
            shown("subsidiary", Kind::Reference("subsidiary")),
        ],
        elsewhere: &[],
        methods: READ,
    },
    RecordType {
        name: "currency",
        fields: &[ID, shown("name", Kind::Text), shown("symbol", Kind::Text)],
        elsewhere: &[],
        methods: READ,
    },
    RecordType { name: "inventoryItem", fields: SOLD, elsewhere: &[], methods: READ },
    RecordType { name: "kitItem", fields: SOLD, elsewhere: &[], methods: READ },
    RecordType { name: "serviceSaleItem", fields: SOLD, elsewhere: &[], methods: READ },
    RecordType { name: "discountItem", fields: SOLD, elsewhere: &[], methods: READ },
];

const SOLD: &[Field] = &[
    ID,
    MODIFIED,
    shown("externalId", Kind::Text),
    shown("itemId", Kind::Text),
    shown("displayName", Kind::Text),
    shown("upcCode", Kind::Text),
    shown("isInactive", Kind::Boolean),
    shown("isOnline", Kind::Boolean),
];

/// Names are matched without regard to case.
pub(super) fn find(name: &str) -> Option<&'static RecordType> {
    TYPES.iter().find(|known| known.name.eq_ignore_ascii_case(name))
}

/// What becomes of properties that nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Validation {
    Error,
    Warning,
    Ignore,
}

impl Validation {
    pub fn read(header: Option<&str>) -> Result<Validation, Problem> {
        match header.map(str::trim).map(str::to_ascii_lowercase).as_deref() {
            None | Some("" | "warning") => Ok(Validation::Warning),
            Some("error") => Ok(Validation::Error),
            Some("ignore") => Ok(Validation::Ignore),
            Some(_) => {
                let name = "X-NetSuite-PropertyNameValidation";
                let text =
                    format!("Invalid value of the header '{name}': Error, Warning or Ignore is expected.");
                Err(Problem::new(400, "INVALID_HEADER", text).at(Place::Header(name)))
            }
        }
    }
}

/// A body as the twin's own types read it.
#[derive(Debug)]
pub(super) struct Checked {
    pub body: Vec<(String, Json)>,
    /// Kept beside the twin.
    pub inert: Vec<(String, Json)>,
    /// Paths of properties that nobody knows.
    pub unknown: Vec<String>,
}

/// A refusal, and the property that it is counted by if the twin is what lacks it.
pub(super) type Refusal = (Problem, Option<String>);

pub(super) fn check(record: &RecordType, body: &Json, validation: Validation) -> Result<Checked, Refusal> {
    let mut checked = Checked { body: Vec::new(), inert: Vec::new(), unknown: Vec::new() };
    let Json::Map(pairs) = body else {
        return Err((problem::invalid_content("An object is expected."), None));
    };
    let known = Known { record, validation };
    checked.body = known.pairs(pairs, record.fields, "", &mut checked.inert, &mut checked.unknown)?;
    Ok(checked)
}

struct Known<'a> {
    record: &'a RecordType,
    validation: Validation,
}

impl Known<'_> {
    fn pairs(
        &self,
        pairs: &[(String, Json)],
        fields: &[Field],
        path: &str,
        inert: &mut Vec<(String, Json)>,
        unknown: &mut Vec<String>,
    ) -> Result<Vec<(String, Json)>, Refusal> {
        let mut given: Vec<(String, Json)> = Vec::with_capacity(pairs.len());
        for (name, value) in pairs {
            let own = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            // Links are what a reader was shown; they are sent back with the rest.
            if name == "links" {
                continue;
            }
            let Some(field) = fields.iter().find(|field| field.name.eq_ignore_ascii_case(name)) else {
                let is_elsewhere = self.record.elsewhere.iter().any(|known| known.eq_ignore_ascii_case(name));
                if is_elsewhere {
                    return Err((
                        not_writable(name, &own),
                        Some(format!("property {} {name}", self.record.name)),
                    ));
                }
                if self.validation == Validation::Error {
                    let text = format!("Unknown property '{name}'.");
                    let refused = problem::invalid_content(&text).at(Place::Body(own));
                    return Err((refused, Some(format!("property {} {name}", self.record.name))));
                }
                unknown.push(own);
                continue;
            };
            if field.write == Write::No {
                return Err((not_writable(field.name, &own), None));
            }
            if given.iter().any(|(known, _)| known == field.name) {
                return Err((
                    problem::invalid_content("A property is given twice.").at(Place::Body(own)),
                    None,
                ));
            }
            let value = self.value(value, field, &own, unknown)?;
            match field.write {
                Write::Inert if path.is_empty() => inert.push((field.name.to_owned(), value)),
                Write::Inert => {}
                _ => given.push((field.name.to_owned(), value)),
            }
        }
        Ok(given)
    }

    fn value(
        &self,
        value: &Json,
        field: &Field,
        path: &str,
        unknown: &mut Vec<String>,
    ) -> Result<Json, Refusal> {
        let wrong = |wanted: &str| {
            let text = format!("Invalid value of the property '{}': {wanted} is expected.", field.name);
            (problem::invalid_content(&text).at(Place::Body(path.to_owned())), None)
        };
        match (field.kind, value) {
            (Kind::Sublist(_), Json::Null) => {
                Ok(Json::Map(vec![("items".to_owned(), Json::List(Vec::new()))]))
            }
            // A cleared text is an empty one.
            (Kind::Text, Json::Null) => Ok(Json::text("")),
            (_, Json::Null) => {
                let problem = not_writable(field.name, path);
                Err((problem, Some(format!("clearing {} {}", self.record.name, field.name))))
            }
            (Kind::Text, Json::Text(_))
            | (Kind::Number, Json::Number(_))
            | (Kind::Boolean, Json::Bool(_)) => Ok(value.clone()),
            (Kind::Text, _) => Err(wrong("a text")),
            (Kind::Number, _) => Err(wrong("a number")),
            (Kind::Boolean, _) => Err(wrong("true or false")),
            (Kind::Date, Json::Text(text)) if text.parse::<BookDate>().is_ok() => Ok(value.clone()),
            (Kind::Date | Kind::DateTime, _) => Err(wrong("a date such as 2026-11-23")),
            (Kind::Reference(to), value) => reference(value, to).ok_or_else(|| wrong("a reference")),
            (Kind::Choice, Json::Text(_)) => Ok(value.clone()),
            (Kind::Choice, Json::Map(_)) => value.get("id").cloned().ok_or_else(|| wrong("an id")),
            (Kind::Choice, _) => Err(wrong("a choice")),
            (Kind::Subrecord(fields), Json::Map(pairs)) => {
                self.pairs(pairs, fields, path, &mut Vec::new(), unknown).map(Json::Map)
            }
            (Kind::Subrecord(_), _) => Err(wrong("an object")),
            (Kind::Sublist(fields), Json::Map(_)) => {
                let items = match value.get("items") {
                    Some(Json::List(items)) => items.as_slice(),
                    Some(Json::Null) => &[],
                    _ => return Err(wrong("an object with 'items'")),
                };
                let mut lines = Vec::with_capacity(items.len());
                for (at, item) in items.iter().enumerate() {
                    let path = format!("{path}.items[{at}]");
                    let Json::Map(pairs) = item else {
                        return Err((
                            problem::invalid_content("An object is expected.").at(Place::Body(path)),
                            None,
                        ));
                    };
                    lines.push(Json::Map(self.pairs(pairs, fields, &path, &mut Vec::new(), unknown)?));
                }
                Ok(Json::Map(vec![("items".to_owned(), Json::List(lines))]))
            }
            (Kind::Sublist(_), _) => Err(wrong("an object with 'items'")),
        }
    }
}

/// Source: the text with which the platform refuses a property that this role, form or feature does not offer.
fn not_writable(name: &str, path: &str) -> Problem {
    let text = format!(
        "Error while accessing a resource. You do not have permissions to set a value for element {name} due to one of \
         the following reasons: 1) The field is read-only; 2) An associated feature is disabled; 3) The field is \
         available either when a record is created or updated, but not in both cases."
    );
    Problem::new(400, "USER_ERROR", text).at(Place::Body(path.to_owned()))
}

/// An object with an id or an external id, or either of both bare. Currencies are told by their code from here on.
fn reference(value: &Json, to: &str) -> Option<Json> {
    let plain = |value: &Json| match value {
        Json::Text(text) => Some(text.clone()),
        Json::Number(number) => Some(number.clone()),
        _ => None,
    };
    let (id, external) = match value {
        Json::Map(_) => (value.get("id").and_then(plain), value.get("externalId").and_then(plain)),
        value => (plain(value), None),
    };
    let of = |name: &str, text: String| Some(Json::Map(vec![(name.to_owned(), Json::Text(text))]));
    match (id, external) {
        (Some(id), _) if to == "currency" => {
            let known =
                Currency::all().find(|known| currency_id(*known).to_string() == id || known.code() == id);
            of("externalId", known.map_or(id, |known| known.code().to_owned()))
        }
        (Some(id), _) => of("id", id),
        (None, Some(external)) => of("externalId", external),
        (None, None) => None,
    }
}
