use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::{from_environment, from_file};

/// A file with these bytes and rights, in a folder of its own.
fn file(name: &str, bytes: &[u8], mode: u32) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("plimsoll-secret-{}-{name}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("secret");
    fs::remove_file(&path).ok();
    fs::write(&path, bytes).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }
    path
}

fn done(path: &Path) {
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
}

#[test]
fn k2_one_newline_at_the_end_is_trimmed_and_nothing_else() {
    for (name, bytes, secret) in [
        ("bare", "hush", "hush"),
        ("unix", "hush\n", "hush"),
        ("dos", "hush\r\n", "hush"),
        ("two", " hush\n\n", " hush\n"),
    ] {
        let path = file(name, bytes.as_bytes(), 0o600);
        assert_eq!(from_file(&path).unwrap().expose(), secret, "{name}");
        done(&path);
    }
}

#[cfg(unix)]
#[test]
fn k2_files_that_others_can_read_or_swap_are_refused() {
    for (name, bytes, mode, said) in [
        ("world", &b"hush"[..], 0o604, "open to everybody"),
        ("writable", b"hush", 0o602, "open to everybody"),
        ("empty", b"", 0o600, "is empty"),
        ("newline", b"\n", 0o600, "is empty"),
        ("binary", b"\xff\xfe", 0o600, "not UTF-8"),
    ] {
        let path = file(name, bytes, mode);
        let (cause, _) = from_file(&path).unwrap_err();
        assert!(cause.contains(said), "{name}: {cause}");
        done(&path);
    }
    let path = file("link", b"hush", 0o600);
    let link = path.with_extension("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let (cause, _) = from_file(&link).unwrap_err();
    assert!(cause.contains("symbolic link"), "{cause}");
    let (cause, _) = from_file(path.parent().unwrap()).unwrap_err();
    assert!(cause.contains("is no file"), "{cause}");
    done(&path);
}

#[test]
fn a_variable_must_be_set_and_must_not_be_empty() {
    let environment = |name: &str| match name {
        "SET" => Some(OsString::from("hush")),
        "EMPTY" => Some(OsString::new()),
        _ => None,
    };
    assert_eq!(from_environment("SET", &environment).unwrap().expose(), "hush");
    for (name, said) in [("EMPTY", "is empty"), ("UNSET", "is not set"), ("A B", "no name"), ("", "no name")]
    {
        let (cause, _) = from_environment(name, &environment).unwrap_err();
        assert!(cause.contains(said), "{name}: {cause}");
    }
}
