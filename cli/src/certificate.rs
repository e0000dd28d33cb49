//! Certificates: one that is made for a run, one that is read, and those that are trusted.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use feedbench_record::scenario::Protocol;
use feedbench_wire::io::tls::{Acceptor, Connector, Identity, Trust};
use rcgen::{CertificateParams, DnType, KeyPair};

/// The names that this machine has for itself.
const OWN_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Where systems keep the certificates that they trust.
const SYSTEM_BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Makes a certificate that signs itself (ECDSA, P-256) for this machine's own names and others.
///
/// # Errors
/// When one of them is no name.
pub(crate) fn make(names: &[String]) -> anyhow::Result<Identity> {
    let mut all: Vec<String> = OWN_NAMES.map(str::to_owned).to_vec();
    all.extend(names.iter().filter(|name| !OWN_NAMES.contains(&name.as_str())).cloned());
    let mut params = CertificateParams::new(all).context("cannot make a certificate")?;
    params.distinguished_name.push(DnType::CommonName, "feedbench");
    let key = KeyPair::generate().context("cannot make a key")?;
    let certificate = params.self_signed(&key).context("cannot make a certificate")?;
    Ok(Identity { certificates: certificate.pem(), key: key.serialize_pem() })
}

/// Reads a certificate and its key.
///
/// # Errors
/// When one cannot be read, or they do not belong together.
pub(crate) fn read(certificate: &Path, key: &Path) -> anyhow::Result<Identity> {
    let identity = Identity { certificates: text(certificate)?, key: text(key)? };
    let with = || format!("cannot use --cert {} with --key {}", certificate.display(), key.display());
    Acceptor::new(&identity, false).with_context(with)?;
    Ok(identity)
}

/// Whom to trust under a host's name: the certificates of a file, or without one those of the system.
///
/// # Errors
/// When there are none.
pub(crate) fn trust(ca: Option<&Path>, host: &str) -> anyhow::Result<Trust> {
    let (certificates, from) = match ca {
        Some(path) => (text(path)?, format!("--ca {}", path.display())),
        None => SYSTEM_BUNDLES
            .iter()
            .find_map(|path| Some((fs::read_to_string(path).ok()?, (*path).to_owned())))
            .ok_or_else(|| anyhow!("this system has no certificates that it trusts; name one with --ca"))?,
    };
    let trust = Trust { certificates, name: name(host).to_owned() };
    Connector::new(&trust, Protocol::Http1).with_context(|| format!("cannot use {from}"))?;
    Ok(trust)
}

/// The host of `host`, `host:port` or `[address]:port`.
fn name(host: &str) -> &str {
    if let Some((address, _)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return address;
    }
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}

fn text(path: &Path) -> anyhow::Result<String> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) => bail!("cannot read {}: {error}", path.display()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_host_is_without_its_port() {
        let hosts = [("a.org:443", "a.org"), ("a.org", "a.org"), ("[::1]:8080", "::1"), ("127.0.0.1:1", "127.0.0.1")];
        for (host, expected) in hosts {
            assert_eq!(name(host), expected);
        }
    }

    #[test]
    fn what_is_made_can_be_used_at_both_ends() {
        let identity = make(&["example.org".to_owned(), "localhost".to_owned()]).unwrap();
        Acceptor::new(&identity, true).unwrap();
        let trust = Trust { certificates: identity.certificates, name: "example.org".to_owned() };
        Connector::new(&trust, Protocol::Http2).unwrap();
    }
}
