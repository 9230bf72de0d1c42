use proptest::prelude::*;

use super::*;

fn read(text: &[u8]) -> Result<Vec<(u64, Vec<String>)>, Broken> {
    let mut separated = Separated::new(text);
    let mut records = Vec::new();
    while let Some(record) = separated.next_record()? {
        let fields = (0..record.fields()).map(|at| String::from_utf8_lossy(record.field(at)).into_owned());
        records.push((record.line, fields.collect()));
    }
    Ok(records)
}

#[test]
fn records_are_read_with_their_line_numbers() {
    let text = b"\xEF\xBB\xBFa,b\r\n\r\n\"x,\"\"1\"\"\ny\",2\n,\nlast";
    let expected = [(1, vec!["a", "b"]), (3, vec!["x,\"1\"\ny", "2"]), (5, vec!["", ""]), (6, vec!["last"])];
    let read = read(text).unwrap();
    assert_eq!(read, expected.map(|(line, fields)| (line, fields.into_iter().map(str::to_owned).collect())));
}

#[test]
fn a_quote_that_is_never_closed_is_told_with_its_line() {
    assert!(matches!(read(b"a\n\"b,c\nd"), Err(Broken::OpenQuote(2))));
}

#[test]
fn a_field_that_is_not_there_is_empty() {
    let mut separated = Separated::new(&b"a"[..]);
    let record = separated.next_record().unwrap().unwrap();
    assert_eq!((record.field(0), record.field(7)), (&b"a"[..], &b""[..]));
}

proptest! {
    /// Whatever the fields hold, and wherever a read of the input ends.
    #[test]
    fn what_was_written_is_read_back(
        rows in prop::collection::vec(prop::collection::vec("[a-z0-9,\"\n -]{0,20}", 2..6), 1..40),
    ) {
        let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
        let plain = |field: &String| match field.contains([',', '"', '\n']) {
            true => quoted(field),
            false => field.clone(),
        };
        let text: String =
            rows.iter().map(|row| row.iter().map(plain).collect::<Vec<_>>().join(",") + "\n").collect();
        let read: Vec<Vec<String>> = read(text.as_bytes()).unwrap().into_iter().map(|(_, row)| row).collect();
        prop_assert_eq!(read, rows);
    }
}
