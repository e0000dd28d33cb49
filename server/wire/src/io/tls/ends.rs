//! The two ends of a handshake, and what each of them has to know beforehand.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use feedbench_record::scenario::Protocol;
use rustls::client::{ClientSessionMemoryCache, Resumption};
use rustls::crypto::ring::{self, Ticketer};
use rustls::server::NoServerSessionStorage;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

use super::gate::Gate;
use super::secured::Secured;
use super::{Failed, Tls};
use crate::io::Meter;

/// What a client remembers of one server at most (sessions).
const SESSIONS: usize = 8;

/// Who a server is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Its certificate, and those that lead from it to one that clients trust (PEM).
    pub certificates: String,
    /// The private key of the first of them (PEM).
    pub key: String,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("certificates", &self.certificates).finish_non_exhaustive()
    }
}

/// Whom a client trusts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trust {
    /// Certificates (PEM).
    pub certificates: String,
    /// The name or address that the server must be able to prove.
    pub name: String,
}

/// What cannot be used for a handshake.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// There should be a certificate.
    #[error("no certificate in it (it is to be PEM)")]
    NoCertificate,
    /// There should be a key.
    #[error("no private key in it (it is to be PEM, and not encrypted)")]
    NoKey,
    /// Two files of different servers.
    #[error("the certificate and the private key do not belong together")]
    Mismatch,
    /// A name that no certificate can have.
    #[error("\"{0}\" is no name and no address that a certificate could have")]
    Name(String),
    /// What the library says.
    #[error(transparent)]
    Other(#[from] rustls::Error),
}

/// The accepting end.
#[derive(Clone, Debug)]
pub struct Acceptor(Arc<ServerConfig>);

impl Acceptor {
    /// An end with this identity. It speaks TLS 1.3, and 1.2 with peers that cannot; HTTP/2 and HTTP/1.1. With
    /// `resumption` a client gets tickets, with which it may take up its session on another connection (RFC 8446 section
    /// 2.2); never early data.
    ///
    /// # Errors
    /// When the identity is none.
    pub fn new(identity: &Identity, resumption: bool) -> Result<Acceptor, TlsError> {
        let chain = certificates(&identity.certificates)?;
        let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).map_err(|_| TlsError::NoKey)?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| match error {
                rustls::Error::InconsistentKeys(_) => TlsError::Mismatch,
                other => TlsError::Other(other),
            })?;
        config.alpn_protocols = [Protocol::Http2, Protocol::Http1].map(alpn).to_vec();
        config.session_storage = Arc::new(NoServerSessionStorage {});
        if resumption {
            config.ticketer = Ticketer::new()?;
        } else {
            config.send_tls13_tickets = 0;
        }
        Ok(Acceptor(Arc::new(config)))
    }

    /// The handshake of a connection that was just accepted, which may take so long.
    ///
    /// # Errors
    /// When it fails: what the peer says is no TLS, or not meant for this server, or takes too long.
    pub async fn accept<S>(&self, stream: S, meter: &Meter, limit: Duration) -> Result<Tls<S>, Failed<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        meter.marks().begin();
        let gate = Gate::new(stream, Instant::now() + limit);
        match TlsAcceptor::from(Arc::clone(&self.0)).accept(gate).into_fallible().await {
            Ok(stream) => Ok(Tls::secured(Secured::new(TlsStream::from(stream), meter.clone()))),
            Err((error, gate)) => Err(Failed { error, stream: Tls::failed(gate.into_inner()) }),
        }
    }
}

/// The connecting end.
#[derive(Clone, Debug)]
pub struct Connector {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
    protocol: Protocol,
}

impl Connector {
    /// An end that trusts a server, and offers it this protocol and no other. It speaks TLS 1.3 only, takes up no session
    /// and stores none: see [`Connector::apart`].
    ///
    /// # Errors
    /// When there is no certificate to trust, or no certificate could have the name.
    pub fn new(trust: &Trust, protocol: Protocol) -> Result<Connector, TlsError> {
        let mut roots = RootCertStore::empty();
        let (added, _) = roots.add_parsable_certificates(certificates(&trust.certificates)?);
        if added == 0 {
            return Err(TlsError::NoCertificate);
        }
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&TLS13])?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![alpn(protocol)];
        config.resumption = Resumption::disabled();
        let name = ServerName::try_from(trust.name.clone()).map_err(|_| TlsError::Name(trust.name.clone()))?;
        Ok(Connector { config: Arc::new(config), name, protocol })
    }

    /// The same for one client that keeps its sessions, as a browser does, and takes them up when it connects again.
    #[must_use]
    pub fn apart(&self) -> Connector {
        let mut config = ClientConfig::clone(&self.config);
        config.resumption = Resumption::store(Arc::new(ClientSessionMemoryCache::new(SESSIONS)));
        Connector { config: Arc::new(config), ..self.clone() }
    }

    /// The handshake of a connection that was just opened, which may take so long.
    ///
    /// # Errors
    /// When it fails: the server is not to be trusted, does not speak the protocol, or takes too long.
    pub async fn connect<S>(&self, stream: S, meter: &Meter, limit: Duration) -> Result<Tls<S>, Failed<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        meter.marks().begin();
        let gate = Gate::new(stream, Instant::now() + limit);
        let connector = TlsConnector::from(Arc::clone(&self.config));
        let secured = match connector.connect(self.name.clone(), gate).into_fallible().await {
            Ok(stream) => Secured::new(TlsStream::from(stream), meter.clone()),
            Err((error, gate)) => return Err(Failed { error, stream: Tls::failed(gate.into_inner()) }),
        };
        if secured.protocol() != self.protocol {
            let error = io::Error::other(format!("the server does not speak {}", self.protocol));
            return Err(Failed { error, stream: Tls::failed(secured.into_inner()) });
        }
        Ok(Tls::secured(secured))
    }
}

fn alpn(protocol: Protocol) -> Vec<u8> {
    protocol.id().as_bytes().to_vec()
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates = CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<Vec<_>, _>>();
    certificates.ok().filter(|certificates| !certificates.is_empty()).ok_or(TlsError::NoCertificate)
}
