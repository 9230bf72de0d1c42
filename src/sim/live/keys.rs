//! The secrets of the twins: drawn once for a folder, and the same each time that the folder is used again.
//!
//! Lives here: one seed on disk, and everything that is derived from it. Not here: what an integration is told of them
//! ([`super::paste`]).

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use super::certificate::Kept;
use crate::domain::ShopKey;
use crate::mocks::netsuite::http::keys::PublicKey;
use crate::mocks::netsuite::http::{CertificateEntry, FaceSettings, TokenEntry};
use crate::mocks::shopify::http::Access;

/// What the files of NetSuite's certificate are called, inside the folder.
const CERTIFICATE: &str = "netsuite";

/// The file of the seed, inside the folder.
const FILE: &str = "twin.seed";
const SEED_BYTES: usize = 32;

/// What the account of the twin is called.
pub const ACCOUNT: &str = "TWIN1";

/// Every scope that the twin knows of.
const SCOPES: &str = "read_orders,read_all_orders,write_orders,read_customers,read_inventory,write_inventory,\
    read_products,write_products,read_locations,read_merchant_managed_fulfillment_orders,\
    write_merchant_managed_fulfillment_orders,read_fulfillments,write_fulfillments,read_gift_cards,\
    read_price_rules,write_price_rules,read_publications,read_companies,read_payment_terms,write_payment_terms,\
    read_shopify_payments_payouts,read_shopify_payments_accounts,read_shopify_payments_disputes";

/// What all secrets are derived from, and the one that cannot be.
#[derive(Clone)]
pub struct Keys {
    seed: hmac::Key,
    mapping: Option<Mapping>,
}

/// A certificate that the account knows: who holds its key buys access tokens.
#[derive(Debug, Clone)]
pub struct Mapping {
    pub client_id: Box<str>,
    pub certificate_id: Box<str>,
    /// The private key, PEM text of PKCS#8.
    pub key: PathBuf,
    public: PublicKey,
}

impl Mapping {
    fn entry(&self) -> CertificateEntry {
        CertificateEntry {
            client_id: self.client_id.clone(),
            certificate_id: self.certificate_id.clone(),
            key: self.public.clone(),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the twins' secrets cannot be kept in `{folder}`: {cause}; name another folder with --folder")]
pub struct NoKeys {
    folder: String,
    cause: io::Error,
}

impl Keys {
    /// The keys of a folder. The first time they are drawn, and kept where only their owner can read them.
    ///
    /// # Errors
    /// The folder or its seed can be neither read nor made.
    pub fn of_folder(folder: &Path) -> Result<Keys, NoKeys> {
        let failed = |cause| NoKeys { folder: folder.display().to_string(), cause };
        let path = folder.join(FILE);
        match fs::read(&path) {
            Ok(seed) if seed.len() == SEED_BYTES => {
                return Keys::from_seed(&seed).mapped(folder).map_err(failed);
            }
            Ok(_) => {
                return Err(failed(io::Error::other(format!("{FILE} is not a seed of {SEED_BYTES} bytes"))));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        let mut seed = [0; SEED_BYTES];
        SystemRandom::new().fill(&mut seed).map_err(|_| failed(io::Error::other("no entropy")))?;
        fs::create_dir_all(folder).map_err(failed)?;
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path).and_then(|mut file| file.write_all(&seed)).map_err(failed)?;
        Keys::from_seed(&seed).mapped(folder).map_err(failed)
    }

    /// Without a certificate: what is random cannot be derived.
    pub fn from_seed(seed: &[u8]) -> Keys {
        Keys { seed: hmac::Key::new(hmac::HMAC_SHA256, seed), mapping: None }
    }

    fn mapped(self, folder: &Path) -> io::Result<Keys> {
        let kept = Kept::in_folder(folder, CERTIFICATE)?;
        let public =
            PublicKey::from_pem(&fs::read_to_string(&kept.certificate)?).map_err(io::Error::other)?;
        let part = |name: &str| self.derived(&format!("netsuite/{name}")).into_boxed_str();
        let (client_id, certificate_id) = (part("client-id"), part("certificate-id"));
        let mapping = Mapping { client_id, certificate_id, key: kept.key, public };
        Ok(Keys { mapping: Some(mapping), ..self })
    }

    /// The certificate that the account knows, if the keys are those of a folder.
    pub fn mapping(&self) -> Option<&Mapping> {
        self.mapping.as_ref()
    }

    /// 64 hexadecimal digits, another text for each purpose.
    fn derived(&self, purpose: &str) -> String {
        hmac::sign(&self.seed, purpose.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The app that is installed in a shop; its client secret signs the shop's deliveries.
    pub fn app(&self, shop: ShopKey) -> Access {
        let part = |name: &str| self.derived(&format!("shopify/{shop}/{name}"))[..32].to_owned();
        Access {
            token: format!("shpat_{}", part("token")).into(),
            client_id: part("client-id").into(),
            client_secret: part("client-secret").into(),
            refresh_token: format!("shprt_{}", part("refresh-token")).into(),
            scopes: SCOPES.into(),
        }
    }

    pub fn token(&self) -> TokenEntry {
        let part = |name: &str| self.derived(&format!("netsuite/{name}")).into_boxed_str();
        TokenEntry {
            consumer_key: part("consumer-key"),
            consumer_secret: part("consumer-secret"),
            token: part("token"),
            token_secret: part("token-secret"),
        }
    }

    /// `scheme` is the one that callers sign their addresses with.
    pub fn account(&self, scheme: &'static str) -> FaceSettings {
        let seal = hmac::sign(&self.seed, b"netsuite/seal");
        FaceSettings {
            account: ACCOUNT.into(),
            scheme,
            tokens: vec![self.token()],
            certificates: self.mapping.iter().map(Mapping::entry).collect(),
            seal: seal.as_ref().try_into().expect("SHA-256 has 32 bytes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_the_same_for_the_same_seed_and_differ_by_shop_and_purpose() {
        let (uk, us) = ("uk".parse().unwrap(), "us".parse().unwrap());
        let (keys, again) = (Keys::from_seed(&[7; 32]), Keys::from_seed(&[7; 32]));
        assert_eq!(keys.app(uk).token, again.app(uk).token);
        assert_ne!(keys.app(uk).token, keys.app(us).token);
        assert_ne!(keys.app(uk).client_secret, keys.app(uk).client_id);
        assert_ne!(keys.token().token, Keys::from_seed(&[8; 32]).token().token);
    }
}
