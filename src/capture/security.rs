//! What TLS told about a connection.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The TLS that a request came over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tls {
    /// `TLS 1.3`; empty when the handshake failed before that was settled.
    pub version: String,
    /// The protocol that was agreed on: `h2`, `http/1.1`; `None` when the client offered none.
    pub alpn: Option<String>,
    /// The name that the client asked for. Foreign text.
    pub server_name: Option<String>,
    /// The certificate that the client showed.
    pub client: Option<ClientCertificate>,
}

/// A certificate that a client showed and that was verified. Its texts are foreign.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientCertificate {
    /// Whose it is: `CN=netbox`.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// Until when it is valid, RFC 3339.
    pub not_after: String,
    /// SHA-256 of the certificate in lower-case hex.
    pub fingerprint: String,
}

/// `TLS 1.3, h2, for localhost, client CN=netbox`. Foreign text.
impl fmt::Display for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.version.is_empty() { "TLS" } else { &self.version })?;
        if let Some(protocol) = &self.alpn {
            write!(f, ", {protocol}")?;
        }
        if let Some(name) = &self.server_name {
            write!(f, ", for {name}")?;
        }
        self.client.as_ref().map_or(Ok(()), |client| write!(f, ", client {}", client.subject))
    }
}
