//! `plimsoll init`: the files that a merchant starts from. None that exists is touched.
//!
//! At most four questions, each of which a flag answers too; `--yes` takes what is offered. What is written is in
//! `templates/`.

use std::io::{BufRead, IsTerminal};
use std::path::{Path, PathBuf};

use super::args::InitArguments;
use super::console::Console;
use super::exit::Exit;
use super::simulator::Simulator;
use super::trouble::Trouble;
use crate::domain::{Currency, MerchantKey, ShopKey};
use crate::platforms::netsuite::http::AccountId;
use crate::platforms::shopify::wire::API_VERSION;
use crate::report::folder::Folder;

const CONFIG: &str = include_str!("init/templates/plimsoll.toml");
const POLICY: &str = include_str!("init/templates/policy.toml");
const FIRST_DAY: &str = include_str!("init/templates/first-day.toml");
const CI: &str = include_str!("init/templates/ci.yml");
const SHOP: &str = include_str!("../../scenarios/shops/harbour.toml");
const SHOP_POLICY: &str = include_str!("../../scenarios/policies/harbour.toml");

/// The answers.
#[derive(Debug)]
struct Merchant {
    key: MerchantKey,
    shop: ShopKey,
    domain: String,
    account: AccountId,
    currency: Currency,
}

/// # Errors
/// An answer that cannot be used, a file that exists, or a folder that cannot be written.
pub fn init(
    simulator: &dyn Simulator,
    asked: &InitArguments,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let stdin = std::io::stdin();
    let may_ask = !asked.yes && stdin.is_terminal();
    let merchant = answers(asked, &mut |question, offered| {
        if !may_ask {
            return Ok(offered.to_owned());
        }
        console.complain(&format!("{question} [{offered}] "));
        let mut line = String::new();
        stdin.lock().read_line(&mut line)?;
        Ok(if line.trim().is_empty() { offered.to_owned() } else { line.trim().to_owned() })
    })?;
    let files = files(&merchant, simulator.schema());
    let existing: Vec<String> = files
        .iter()
        .map(|(name, _)| asked.dir.join(name))
        .filter(|path| path.exists())
        .map(|path| path.display().to_string())
        .collect();
    if !existing.is_empty() {
        return Err(Trouble::Usage {
            cause: format!("there is already {}", existing.join(", ")),
            remedy: "nothing was written; name another folder with `--dir`, or move these away".to_owned(),
        });
    }
    for (name, text) in &files {
        let path = asked.dir.join(name);
        let folder = path.parent().unwrap_or(Path::new("."));
        let file = path.file_name().and_then(|name| name.to_str()).expect("the names are ours");
        Folder::prepare(folder).and_then(|folder| folder.put(file, text)).map_err(Trouble::Folder)?;
    }
    console.data(&tree(&asked.dir, &files))?;
    console.talk("next: plimsoll run scenarios/first-day.toml   then: plimsoll check\n");
    Ok(Exit::Held)
}

fn answers(
    asked: &InitArguments,
    ask: &mut dyn FnMut(&str, &str) -> std::io::Result<String>,
) -> Result<Merchant, Trouble> {
    let mut answer = |given: &Option<String>, question: &str, offered: &str| match given {
        Some(given) => Ok(given.clone()),
        None => ask(question, offered),
    };
    let key = answer(&asked.merchant, "Key of the merchant, a short name:", "harbour")?;
    let domain = answer(&asked.shop, "Domain of the shop:", &format!("{key}.myshopify.com"))?;
    let account = answer(&asked.account, "NetSuite account id:", "1234567")?;
    let currency = answer(&asked.currency, "Currency of the shop:", "GBP")?;
    let wrong = |cause: String, remedy: &str| Trouble::Usage { cause, remedy: remedy.to_owned() };
    let label = domain.strip_suffix(".myshopify.com").filter(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    });
    if label.is_none() {
        return Err(wrong(
            format!("`{domain}` is not the domain of a shop"),
            "give the permanent domain, such as `--shop harbour.myshopify.com`",
        ));
    }
    Ok(Merchant {
        key: key.parse().map_err(|error: crate::domain::ids::NotAKey| {
            wrong(error.to_string(), "give another with `--merchant`")
        })?,
        shop: "main".parse().expect("it is a key"),
        domain,
        account: account.parse().map_err(|error: crate::platforms::netsuite::http::NotAnAccountId| {
            wrong(error.to_string(), "give it with `--account`")
        })?,
        currency: currency.parse().map_err(|error: crate::domain::currency::UnknownCurrency| {
            wrong(error.to_string(), "give its ISO 4217 code with `--currency`")
        })?,
    })
}

fn files(merchant: &Merchant, schema: &str) -> Vec<(&'static str, String)> {
    let filled = |template: &str| {
        template
            .replace("{merchant}", merchant.key.as_str())
            .replace("{shop}", merchant.shop.as_str())
            .replace("{SHOP}", &merchant.shop.as_str().to_uppercase())
            .replace("{domain}", &merchant.domain)
            .replace("{account}", &merchant.account.to_string())
            .replace("{currency}", merchant.currency.code())
            .replace("{api-version}", &API_VERSION.to_string())
    };
    vec![
        ("plimsoll.toml", filled(CONFIG)),
        ("policy.toml", filled(POLICY)),
        ("plimsoll.schema.json", schema.to_owned()),
        ("ci/plimsoll.yml", CI.to_owned()),
        ("scenarios/first-day.toml", FIRST_DAY.to_owned()),
        ("scenarios/shops/harbour.toml", SHOP.to_owned()),
        ("scenarios/policies/harbour.toml", SHOP_POLICY.to_owned()),
    ]
}

fn tree(dir: &Path, files: &[(&'static str, String)]) -> String {
    let mut text = format!("{}\n", dir.display());
    let mut shown = PathBuf::new();
    for (name, _) in files {
        let path = Path::new(name);
        let folder = path.parent().unwrap_or(Path::new(""));
        for (depth, part) in folder.ancestors().collect::<Vec<_>>().iter().rev().enumerate().skip(1) {
            if !shown.starts_with(part) {
                let name = part.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                text.push_str(&format!("{}{name}/\n", "  ".repeat(depth)));
            }
        }
        shown = folder.to_owned();
        let depth = path.components().count();
        let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        text.push_str(&format!("{}{file}\n", "  ".repeat(depth)));
    }
    text
}

#[cfg(test)]
mod tests;
