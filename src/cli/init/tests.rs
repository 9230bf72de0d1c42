use std::fs;
use std::path::PathBuf;

use super::super::args::InitArguments;
use super::super::console::Console;
use super::super::exit::Exit;
use super::super::simulation::Simulation;
use super::super::trouble::Trouble;
use super::init;
use crate::policy::Policy;
use crate::runtime::config::Config;
use crate::scenario::Scenario;
use crate::scenario::load::LoadOptions;

fn asked(dir: PathBuf) -> InitArguments {
    InitArguments { dir, merchant: None, shop: None, account: None, currency: None, yes: true }
}

/// What `init` says and how it ends.
fn run(asked: &InitArguments) -> (Result<Exit, Trouble>, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let ended = init(&Simulation, asked, &mut Console::captured(&mut out, &mut err, false, true));
    (ended, String::from_utf8(out).unwrap())
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("plimsoll-init-{}-{name}", std::process::id()));
    fs::remove_dir_all(&folder).ok();
    folder
}

#[test]
fn what_is_written_can_be_used_as_it_stands_and_is_never_overwritten() {
    let folder = folder("whole");
    let asked = asked(folder.clone());
    let (ended, tree) = run(&asked);
    assert_eq!(ended.unwrap(), Exit::Held);
    assert!(tree.ends_with("  scenarios/\n    first-day.toml\n    shops/\n      harbour.toml\n    policies/\n      harbour.toml\n"), "{tree}");
    Policy::load(&folder.join("policy.toml")).unwrap();
    Scenario::load(&folder.join("scenarios/first-day.toml"), LoadOptions::default()).unwrap();
    let config = Config::load(&folder.join("plimsoll.toml"), &|_| Some("set".into())).unwrap();
    assert_eq!(&*config.listen.path, "/webhooks/shopify");
    let (again, _) = run(&asked);
    assert!(matches!(again, Err(Trouble::Usage { cause, .. }) if cause.contains("plimsoll.toml")));
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn an_answer_that_cannot_be_used_leaves_nothing_behind() {
    let folder = folder("wrong");
    for wrong in [
        InitArguments { merchant: Some("Harbour & Sons".to_owned()), ..asked(folder.clone()) },
        InitArguments { shop: Some("shop.example.com".to_owned()), ..asked(folder.clone()) },
        InitArguments { account: Some("12 34".to_owned()), ..asked(folder.clone()) },
        InitArguments { currency: Some("pounds".to_owned()), ..asked(folder.clone()) },
    ] {
        assert!(matches!(run(&wrong).0, Err(Trouble::Usage { .. })), "{wrong:?}");
    }
    assert!(!folder.exists());
}
