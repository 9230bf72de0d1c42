//! The table of record types: properties, and those of the platform that the twin does not hold.

use super::{Field, Kind, RecordType, Write};

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

pub(in crate::mocks::netsuite::http) const TYPES: &[RecordType] = &[
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
