//! A hash of what a ledger says, and of nothing else: no internal ids, save times or attempts.

use ring::digest::{Context, SHA256};

use super::Document;

/// Collects documents in any order; the hash is taken over them sorted by external id.
#[derive(Debug, Default)]
pub struct LedgerHash {
    documents: Vec<(Box<str>, [u8; 32])>,
}

impl LedgerHash {
    pub fn with_capacity(documents: usize) -> LedgerHash {
        LedgerHash { documents: Vec::with_capacity(documents) }
    }

    /// External id, kind, subsidiary, currency, book date, and postings summed by account.
    pub fn add(&mut self, document: &Document) {
        let mut postings: Vec<_> = document
            .postings
            .iter()
            .map(|posting| (posting.account, i128::from(posting.amount.minor())))
            .collect();
        postings.sort_unstable();
        let mut content = Vec::with_capacity(32 + postings.len() * 24);
        content.push(document.kind as u8);
        content.extend_from_slice(&document.subsidiary.get().to_be_bytes());
        content.extend_from_slice(document.currency.code().as_bytes());
        content.extend_from_slice(&document.date.epoch_days().to_be_bytes());
        let mut at = 0;
        while let Some((account, _)) = postings.get(at).copied() {
            let same = postings[at..].iter().take_while(|(other, _)| *other == account);
            let (count, sum) = same.fold((0, 0i128), |(count, sum), (_, minor)| (count + 1, sum + minor));
            content.extend_from_slice(&account.get().to_be_bytes());
            content.extend_from_slice(&sum.to_be_bytes());
            at += count;
        }
        let mut context = Context::new(&SHA256);
        context.update(document.external_id.as_str().as_bytes());
        context.update(&[0]);
        context.update(&content);
        let hash = context.finish().as_ref().try_into().expect("SHA-256 has 32 bytes");
        self.documents.push((document.external_id.as_str().into(), hash));
    }

    /// Lower-case hexadecimal SHA-256.
    pub fn finish(mut self) -> String {
        self.documents.sort_unstable();
        let mut context = Context::new(&SHA256);
        for (_, hash) in &self.documents {
            context.update(hash);
        }
        context.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
