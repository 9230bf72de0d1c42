//! Certificates of the twins' own, made once for a folder: a key of P-256 that vouches for itself.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};

/// This machine's own names, for which alone it vouches.
const NAMES: [&str; 2] = ["localhost", "127.0.0.1"];

/// Where a certificate and its private key lie, both as PEM text.
#[derive(Debug, Clone)]
pub struct Kept {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Kept {
    /// The pair of that name in the folder. It is made if one half of it is missing.
    ///
    /// # Errors
    /// The folder takes no files, or the system has no entropy.
    pub fn in_folder(folder: &Path, name: &str) -> io::Result<Kept> {
        let kept =
            Kept { certificate: folder.join(format!("{name}.crt")), key: folder.join(format!("{name}.key")) };
        if !(kept.certificate.exists() && kept.key.exists()) {
            kept.make(folder)?;
        }
        Ok(kept)
    }

    fn make(&self, folder: &Path) -> io::Result<()> {
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let mut parameters = CertificateParams::new(NAMES.map(str::to_owned)).map_err(io::Error::other)?;
        parameters.distinguished_name = DistinguishedName::new();
        parameters.distinguished_name.push(DnType::CommonName, "plimsoll twin");
        let certificate = parameters.self_signed(&key).map_err(io::Error::other)?;
        fs::create_dir_all(folder)?;
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.key)?.write_all(key.serialize_pem().as_bytes())?;
        fs::write(&self.certificate, certificate.pem())
    }
}
