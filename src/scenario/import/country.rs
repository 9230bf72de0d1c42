//! Countries as trading histories spell them: code, and the currency that a shopper there is shown.

/// ISO 3166 code and presentment currency; `None` where the shop shows its own pounds.
///
/// Names that are no single country have no code, and a country whose money this program cannot book is shown
/// pounds.
pub(super) fn market(name: &str) -> (Option<&'static str>, Option<&'static str>) {
    match name {
        "United Kingdom" => (Some("GB"), None),
        "Channel Islands" => (Some("JE"), None),
        "EIRE" => (Some("IE"), Some("EUR")),
        "Austria" => (Some("AT"), Some("EUR")),
        "Belgium" => (Some("BE"), Some("EUR")),
        "Cyprus" => (Some("CY"), Some("EUR")),
        "Finland" => (Some("FI"), Some("EUR")),
        "France" => (Some("FR"), Some("EUR")),
        "Germany" => (Some("DE"), Some("EUR")),
        "Greece" => (Some("GR"), Some("EUR")),
        "Italy" => (Some("IT"), Some("EUR")),
        "Malta" => (Some("MT"), Some("EUR")),
        "Netherlands" => (Some("NL"), Some("EUR")),
        "Portugal" => (Some("PT"), Some("EUR")),
        "Spain" => (Some("ES"), Some("EUR")),
        "European Community" => (None, Some("EUR")),
        "Switzerland" => (Some("CH"), Some("CHF")),
        "Norway" => (Some("NO"), Some("NOK")),
        "Sweden" => (Some("SE"), Some("SEK")),
        "Denmark" => (Some("DK"), Some("DKK")),
        "Iceland" => (Some("IS"), Some("ISK")),
        "Poland" => (Some("PL"), Some("PLN")),
        "Czech Republic" => (Some("CZ"), Some("CZK")),
        "Lithuania" => (Some("LT"), None),
        "Australia" => (Some("AU"), Some("AUD")),
        "Japan" => (Some("JP"), Some("JPY")),
        "Hong Kong" => (Some("HK"), Some("HKD")),
        "Singapore" => (Some("SG"), Some("SGD")),
        "Canada" => (Some("CA"), Some("CAD")),
        "USA" => (Some("US"), Some("USD")),
        "Brazil" => (Some("BR"), Some("BRL")),
        "Israel" => (Some("IL"), Some("ILS")),
        "Lebanon" => (Some("LB"), None),
        "RSA" => (Some("ZA"), Some("ZAR")),
        "United Arab Emirates" => (Some("AE"), Some("AED")),
        "Saudi Arabia" => (Some("SA"), Some("SAR")),
        "Bahrain" => (Some("BH"), Some("BHD")),
        _ => (None, None),
    }
}
