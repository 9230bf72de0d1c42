//! Statements against a small account: what is answered, what is refused and in which words, and that no text panics.

use proptest::prelude::*;

use super::*;
use crate::mocks::netsuite::http::tests::{NOW, twin};
use crate::platforms::netsuite::operation::Request;
use crate::platforms::netsuite::wire::{CustomerBody, Reference};

fn account() -> NetsuiteTwin {
    let mut twin = twin();
    for (eid, email) in [("c-1", "Ana@x.example"), ("c-2", "bo_b@x.example"), ("c-3", "cy@y.example")] {
        let body = CustomerBody {
            is_person: Some(eid != "c-3"),
            company_name: Some("Cy Ltd".into()),
            first_name: Some("Ana".into()),
            last_name: Some(eid.into()),
            email: Some(email.into()),
            subsidiary: Some(Reference::Id(crate::domain::InternalId::new(2))),
            ..CustomerBody::default()
        };
        twin.execute(&Request::UpsertCustomer { eid: eid.into(), body: Box::new(body) }, NOW);
    }
    twin
}

/// Cells of every row, columns between bars, rows between semicolons; or why there are none.
fn check(statement: &str, expected: &str) {
    let told =
        match rows(&account(), statement, vec![Value::number(102)], DateFormat::MonthDayYear, None, NOW) {
            Ok((_, rows)) => {
                let row = |row: &Rc<[Value]>| {
                    let cells = row
                        .iter()
                        .map(|cell| cell.printed(DateFormat::MonthDayYear).unwrap_or("-".to_owned()));
                    cells.collect::<Vec<_>>().join("|")
                };
                rows.iter().map(row).collect::<Vec<_>>().join("; ")
            }
            Err(fault) => {
                let text = fault.problem().detail;
                text.replacen("Invalid search query. Detailed unprocessed description follows. ", "! ", 1)
            }
        };
    assert_eq!(told, expected, "{statement}");
}

#[test]
fn rows_are_chosen_joined_sorted_and_counted() {
    check("SELECT id, externalid FROM customer ORDER BY id DESC", "103|c-3; 102|c-2; 101|c-1");
    check("select c.ID from Customer c where c.externalId in ('c-1', 'c-3') and not c.id = 101", "103");
    check("SELECT id FROM customer WHERE id IN ('102') OR id IN (0)", "102");
    check("SELECT id FROM customer WHERE id = ?", "102");
    check("SELECT id FROM customer WHERE email LIKE '%\\_b@%' ESCAPE '\\'", "102");
    check("SELECT id FROM customer WHERE LOWER(email) LIKE 'ana@%'", "101");
    check("SELECT isperson, COUNT(*) n FROM customer GROUP BY isperson ORDER BY n", "F|1; T|2");
    check(
        "SELECT COUNT(*), MIN(id), MAX(id), SUM(id), COUNT(DISTINCT isperson) FROM customer",
        "3|101|103|306|2",
    );
    check("SELECT COUNT(*), SUM(id) FROM customer WHERE id < 0", "0|-");
    check("SELECT isperson FROM customer GROUP BY isperson HAVING COUNT(*) > 1", "T");
    check("SELECT DISTINCT isperson FROM customer ORDER BY 1", "F; T");
    check("SELECT id FROM customer WHERE ROWNUM <= 2 ORDER BY id DESC", "102; 101");
    check("SELECT id FROM customer ORDER BY id DESC FETCH FIRST 1 ROWS ONLY", "103");
    check(
        "SELECT c.id, s.id, BUILTIN.DF(s.currency) FROM customer c JOIN subsidiary s ON s.id = c.subsidiary \
         WHERE c.id BETWEEN 102 AND 103 ORDER BY c.id",
        "102|2|EUR; 103|2|EUR",
    );
    check(
        "SELECT c.id, t.id FROM customer c LEFT JOIN transaction t ON t.entity = c.id WHERE t.id IS NULL AND c.id = 101",
        "101|-",
    );
    check(
        "SELECT id, (SELECT COUNT(*) FROM customer d WHERE d.id < c.id) FROM customer c ORDER BY 2",
        "101|0; 102|1; 103|2",
    );
    check("SELECT id FROM customer c WHERE EXISTS (SELECT 1 FROM customer d WHERE d.id = c.id + 2)", "101");
    check("SELECT m.n FROM (SELECT MAX(id) AS n FROM customer) m", "103");
    check(
        "SELECT CASE WHEN id > 102 THEN 'high' ELSE 'low' END AS h, companyname FROM customer WHERE id <> 102 ORDER BY h",
        "high|Cy Ltd; low|-",
    );
    check("SELECT firstname || ' ' || lastname FROM customer WHERE id = 101", "Ana c-1");
    check(
        "SELECT NVL(terms, 'none'), DECODE(id, 101, 'a', 'b'), SUBSTR(email, 1, 3) FROM customer WHERE id = 101",
        "none|a|Ana",
    );
    check(
        "SELECT -id, ABS(-id), id / 2, ROUND(id / 3, 2), TRUNC(1.99) FROM customer WHERE id = 101",
        "-101|101|50.5|33.67|1",
    );
}

/// Source: netsuite.md §11.2.
#[test]
fn queries_are_named_and_united() {
    check(
        "SELECT id FROM customer WHERE id < 103 UNION ALL SELECT id FROM customer ORDER BY id DESC",
        "103; 102; 102; 101; 101",
    );
    check(
        "SELECT id AS n FROM customer WHERE id < 103 UNION SELECT id FROM customer ORDER BY n",
        "101; 102; 103",
    );
    check(
        "(SELECT 1 FROM customer) UNION (SELECT 2 FROM customer) ORDER BY 1 DESC FETCH FIRST 1 ROWS ONLY",
        "2",
    );
    check(
        "SELECT id FROM customer c WHERE id IN (SELECT 101 FROM customer UNION ALL SELECT 103 FROM customer) ORDER BY id",
        "101; 103",
    );
    check("SELECT COUNT(*) FROM (SELECT id FROM customer UNION ALL SELECT id FROM customer) a", "6");
    check(
        "WITH people AS (SELECT id, email FROM customer WHERE isperson = 'T'), last AS (SELECT MAX(id) AS n FROM people) \
         SELECT p.id, people.email FROM people p JOIN last ON last.n = p.id JOIN people ON people.id = p.id",
        "102|bo_b@x.example",
    );
    check(
        "SELECT c.id FROM customer c WHERE c.id = (SELECT MAX(n) FROM (SELECT d.id AS n FROM customer d UNION SELECT 7 FROM customer))",
        "103",
    );
    // A name of WITH means nothing outside its query.
    check("SELECT id FROM people", "! Invalid search type: people.");
    let doubled: Vec<String> =
        (1..30).map(|at| format!("q{at} AS (SELECT a.id FROM q{b} a, q{b} b)", b = at - 1)).collect();
    let statement =
        format!("WITH q0 AS (SELECT id FROM customer), {} SELECT id FROM q29", doubled.join(", "));
    assert!(rows(&account(), &statement, vec![], DateFormat::default(), None, NOW).is_err());
}

#[test]
fn dates_have_the_accounts_form_unless_a_picture_is_given() {
    check("SELECT startdate FROM accountingperiod WHERE periodname = 'Nov 2026'", "11/01/2026");
    check("SELECT periodname FROM accountingperiod WHERE startdate = '11/01/2026'", "Nov 2026");
    check(
        "SELECT TO_CHAR(enddate, 'YYYY-MM-DD HH24:MI:SS') FROM accountingperiod WHERE startdate = TO_DATE('2026-11-01', 'YYYY-MM-DD')",
        "2026-11-30 00:00:00",
    );
    check(
        "SELECT TO_CHAR(ADD_MONTHS(TO_DATE('2026-01-31', 'YYYY-MM-DD'), 1), 'DD.MM.YY') FROM customer WHERE id = 101",
        "28.02.26",
    );
    check("SELECT TO_CHAR(SYSDATE, 'YYYY-MM-DD HH24:MI') FROM customer WHERE id = 101", "2026-11-26 19:26");
    check(
        "SELECT id FROM accountingperiod WHERE startdate > 'soon'",
        "! Search error occurred: the text does not match the date format",
    );
}

/// Source: netsuite.md §11.4.
#[test]
fn errors_are_in_the_platforms_words() {
    check(
        "SELECT id FROM transactiontablethatdoesnotexist",
        "! Invalid search type: transactiontablethatdoesnotexist.",
    );
    check(
        "SELECT not_existing_field FROM customer",
        "! Search error occurred: Unknown identifier 'not_existing_field'. Available identifiers are: {customer=customer}",
    );
    check(
        "SELECT c.nope FROM customer c JOIN item i ON i.id = c.id",
        "! Search error occurred: Unknown identifier 'c.nope'. Available identifiers are: {c=customer, i=item}",
    );
    check(
        "SELECT NOW() FROM customer",
        "! Search error occurred: Invalid or unsupported search: function now",
    );
    check(
        "SELECT id FROM customer LIMIT 5",
        "! Search error occurred: Invalid or unsupported search: syntax limit",
    );
    check(
        "SELECT id FROM customer MINUS SELECT id FROM item",
        "! Search error occurred: Invalid or unsupported search: syntax minus",
    );
    check(
        "SELECT id FROM customer UNION SELECT id, email FROM customer",
        "! Search error occurred: query block has incorrect number of result columns",
    );
    check("SELECT id, COUNT(*) FROM customer", "! Search error occurred: not a GROUP BY expression");
    check("SELECT id / 0 FROM customer", "! Search error occurred: divisor is equal to zero");
    check(
        "SELECT (SELECT id FROM customer) FROM customer",
        "! Search error occurred: single-row subquery returns more than one row",
    );
    check("DELETE FROM customer", "! Invalid query syntax: select expected, Word(\"DELETE\") found");
    check("", "! Invalid query syntax: select expected at the end");
}

#[test]
fn deep_and_long_statements_end_in_an_answer() {
    for (front, back, times) in [
        ("(", ")", 5_000),
        ("NOT ", "", 5_000),
        ("1 + ", "", 5_000),
        ("- ", "", 5_000),
        ("ABS(", ")", 5_000),
        ("CASE WHEN 1 = 1 THEN ", " END", 5_000),
        ("(SELECT id FROM customer WHERE id = ", ")", 5_000),
    ] {
        let statement =
            format!("SELECT id FROM customer WHERE {}1{} = 1", front.repeat(times), back.repeat(times));
        assert!(rows(&account(), &statement, vec![], DateFormat::default(), None, NOW).is_err(), "{front}");
    }
    let joins = ", accountingperiod b, accountingperiod c, accountingperiod d, accountingperiod e, accountingperiod f";
    let statement = format!("SELECT COUNT(*) FROM accountingperiod a{joins}");
    assert_eq!(rows(&account(), &statement, vec![], DateFormat::default(), None, NOW), Err(Fault::TooMuch));
}

proptest! {
    /// Whatever is sent, there is an answer.
    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = rows(&account(), &text, vec![], DateFormat::default(), None, NOW);
    }

    /// Nor does what looks like a statement.
    #[test]
    fn no_heap_of_words_panics(words in prop::collection::vec(prop::sample::select(&[
        "SELECT", "id", "FROM", "customer", "c", ",", "*", "(", ")", "WHERE", "=", "1", "'x'", "AND", "NOT", "IN", "LIKE",
        "ORDER", "BY", "GROUP", "COUNT", "c.id", "JOIN", "ON", "CASE", "WHEN", "THEN", "END", "-", "/", "NULL", "IS",
        "WITH", "AS", "UNION", "ALL", "TO_CHAR", "trandate", "transaction", "t", "SUM", "FETCH", "FIRST", "ROWS", "ONLY", "BUILTIN", ".", "DF", "||", "ROWNUM", "<=",
    ][..]), 0..40)) {
        let _ = rows(&account(), &format!("SELECT {}", words.join(" ")), vec![], DateFormat::default(), None, NOW);
        let _ = rows(&account(), &format!("SELECT id FROM customer c WHERE {}", words.join(" ")), vec![], DateFormat::default(), None, NOW);
    }
}
