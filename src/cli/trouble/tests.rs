use super::*;

#[test]
fn a_persons_mistake_exits_with_two_and_ours_with_one() {
    let path = PathBuf::from("a");
    let cause = || io::Error::from(io::ErrorKind::NotFound);
    for (trouble, exit) in [
        (Trouble::Usage { cause: "x".into(), remedy: "y".into() }, Exit::Refused),
        (Trouble::Unreadable { path: path.clone(), cause: cause() }, Exit::Refused),
        (Trouble::Table { path: path.clone(), cause: Unusable::OpenQuote { line: 7 } }, Exit::Refused),
        (Trouble::Folder(Unwritable { path: path.clone(), cause: cause() }), Exit::Refused),
        (Trouble::Import(ImportError::NoOrders { path: path.clone() }), Exit::Refused),
        (Trouble::Import(ImportError::DoesNotClose("x".into())), Exit::Failed),
        (Trouble::Simulation { what: "x".into(), cause: "y".into() }, Exit::Failed),
        (Trouble::Report(Unwritable { path, cause: cause() }), Exit::Failed),
        (Trouble::Output(cause()), Exit::Failed),
    ] {
        assert_eq!(trouble.exit(), exit, "{trouble}");
    }
}

#[test]
fn a_usage_error_says_what_to_do_instead() {
    let trouble = Trouble::Usage { cause: "which seed?".into(), remedy: "give --seed S".into() };
    assert_eq!(trouble.shown(Ink::PLAIN), "error: which seed?\n  give --seed S\n");
}
