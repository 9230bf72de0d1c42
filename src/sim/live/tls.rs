//! What the twins show to callers over TLS: a certificate that somebody brings, or one of their own.
//!
//! Lives here: reading both from files. Not here: how one's own is made and kept ([`super::certificate`]), the
//! handshake ([`super::sockets`]).

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::certificate::Kept;

/// What the files of the twins' own are called, inside their folder.
const NAME: &str = "tls";

/// A certificate and the key behind it.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Where the certificate lies as PEM, for callers to trust.
    pub certificate: PathBuf,
    pub(super) server: Arc<ServerConfig>,
}

#[derive(Debug, thiserror::Error)]
pub enum NoIdentity {
    #[error("`{path}` is not {what} as PEM text: {cause}")]
    Unreadable { path: String, what: &'static str, cause: rustls::pki_types::pem::Error },
    #[error("`{certificate}` and `{key}` do not make one identity: {cause}")]
    Unfit { certificate: String, key: String, cause: rustls::Error },
    #[error(
        "the twins' certificate cannot be kept in `{folder}`: {cause}; name another folder with --folder"
    )]
    NotKept { folder: String, cause: io::Error },
}

impl Identity {
    /// # Errors
    /// A file that cannot be read, or a key of another certificate.
    pub fn of_files(certificate: &Path, key: &Path) -> Result<Identity, NoIdentity> {
        let unreadable = |path: &Path, what| {
            let path = path.display().to_string();
            move |cause| NoIdentity::Unreadable { path, what, cause }
        };
        let chain = CertificateDer::pem_file_iter(certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(unreadable(certificate, "a certificate"))?;
        let private =
            PrivateKeyDer::from_pem_file(key).map_err(unreadable(key, "a private key of PKCS#8"))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, private))
            .map_err(|cause| NoIdentity::Unfit {
                certificate: certificate.display().to_string(),
                key: key.display().to_string(),
                cause,
            })?;
        Ok(Identity { certificate: certificate.to_owned(), server: Arc::new(server) })
    }

    /// The twins' own. The first time it is made, and kept, so that whoever trusts it need not be told again.
    ///
    /// # Errors
    /// The folder takes no files, or what lies there is no identity.
    pub fn of_folder(folder: &Path) -> Result<Identity, NoIdentity> {
        let kept = Kept::in_folder(folder, NAME)
            .map_err(|cause| NoIdentity::NotKept { folder: folder.display().to_string(), cause })?;
        Identity::of_files(&kept.certificate, &kept.key)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const CERTIFICATE: &str = "tls.crt";
    const KEY: &str = "tls.key";

    #[test]
    fn the_twins_own_certificate_is_made_once() {
        let folder = std::env::temp_dir().join(format!("plimsoll-identity-{}", std::process::id()));
        let first = Identity::of_folder(&folder).unwrap();
        let before = fs::read(&first.certificate).unwrap();
        let again = Identity::of_folder(&folder).unwrap();
        assert_eq!(fs::read(&again.certificate).unwrap(), before);
        fs::remove_file(folder.join(KEY)).unwrap();
        Identity::of_folder(&folder).unwrap();
        assert_ne!(
            fs::read(&again.certificate).unwrap(),
            before,
            "a certificate without its key is of no use"
        );
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_key_of_another_certificate_and_a_file_that_is_neither_are_refused() {
        let folder = std::env::temp_dir().join(format!("plimsoll-identities-{}", std::process::id()));
        let [one, other] = ["one", "other"].map(|name| folder.join(name));
        for folder in [&one, &other] {
            Identity::of_folder(folder).unwrap();
        }
        let mixed = Identity::of_files(&one.join(CERTIFICATE), &other.join(KEY)).unwrap_err();
        assert!(matches!(mixed, NoIdentity::Unfit { .. }), "{mixed}");
        let swapped = Identity::of_files(&one.join(KEY), &one.join(KEY)).unwrap_err();
        assert!(swapped.to_string().contains("tls.key"), "{swapped}");
        let absent = Identity::of_files(&one.join(CERTIFICATE), &folder.join("absent")).unwrap_err();
        assert!(matches!(absent, NoIdentity::Unreadable { .. }), "{absent}");
        fs::remove_dir_all(folder).unwrap();
    }
}
