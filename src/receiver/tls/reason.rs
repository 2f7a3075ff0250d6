//! Why a handshake failed, as the one sentence that helps who runs the client.

use std::io;

use tokio_rustls::rustls::{AlertDescription, CertificateError, Error, PeerIncompatible};

use super::hello::Hello;

/// Why the handshake with who offered `hello` failed.
pub(super) fn in_words(error: &io::Error, hello: &Hello) -> String {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<Error>());
    match cause {
        Some(Error::AlertReceived(alert)) => alerted(*alert),
        Some(Error::PeerIncompatible(reason)) => incompatible(reason, hello),
        Some(Error::NoApplicationProtocol) => {
            format!("the client speaks neither h2 nor http/1.1: it offers {}", hello.protocols.join(", "))
        }
        Some(Error::NoCertificatesPresented) => {
            "no client certificate: this port asks for one, the client showed none".to_owned()
        }
        Some(Error::InvalidCertificate(reason)) => {
            format!("the client's certificate is not accepted: {}", refused(reason))
        }
        Some(Error::InvalidMessage(_)) => "what the client sent is not TLS".to_owned(),
        Some(Error::PeerMisbehaved(_)) => "the client breaks the rules of TLS".to_owned(),
        Some(cause) => format!("the handshake failed: {cause}"),
        None => broken_off(error),
    }
}

/// What a client says before it goes. Names of alerts: RFC 8446, section 6.
fn alerted(alert: AlertDescription) -> String {
    use AlertDescription as A;
    let name = spaced(&format!("{alert:?}"));
    match alert {
        A::UnknownCA => format!("the client does not trust this certificate: {name}"),
        A::CertificateExpired => format!("the client refuses this certificate: {name}"),
        A::BadCertificate | A::CertificateUnknown | A::UnsupportedCertificate | A::CertificateRevoked => format!(
            "the client does not accept this certificate: {name} (it does not trust it, or it is not for the name in the URL)"
        ),
        A::ProtocolVersion => format!("the client wants another version of TLS: {name}"),
        A::CloseNotify | A::UserCanceled => "the client closed the connection during the handshake".to_owned(),
        _ => format!("the client ended the handshake: {name}"),
    }
}

/// `UnknownCA` as `unknown ca`.
fn spaced(name: &str) -> String {
    let mut words = String::new();
    let mut after_lower = false;
    for char in name.chars() {
        if char.is_uppercase() && after_lower {
            words.push(' ');
        }
        after_lower = char.is_lowercase();
        words.extend(char.to_lowercase());
    }
    words
}

fn incompatible(reason: &PeerIncompatible, hello: &Hello) -> String {
    use PeerIncompatible as P;
    match (reason, hello.newest()) {
        (_, Some(old)) if !matches!(old, "TLS 1.2" | "TLS 1.3") => {
            format!("the client offers only {old}: it must speak TLS 1.2 or 1.3")
        }
        (P::NoCipherSuitesInCommon, _) => "the client offers no cipher suite that is still safe".to_owned(),
        (P::NoKxGroupsInCommon | P::NamedGroupsExtensionRequired, _) => {
            "the client offers no key exchange that is known here: X25519, P-256 or P-384".to_owned()
        }
        (P::NoSignatureSchemesInCommon | P::SignatureAlgorithmsExtensionRequired, _) => {
            "the client accepts no signature that this certificate's key can make".to_owned()
        }
        _ => format!("the client's TLS does not fit: {}", spaced(&format!("{reason:?}"))),
    }
}

fn refused(reason: &CertificateError) -> &'static str {
    use CertificateError as E;
    match reason {
        E::UnknownIssuer => "none of those in --client-ca issued it",
        E::Expired | E::ExpiredContext { .. } => "it has expired",
        E::NotValidYet | E::NotValidYetContext { .. } => "it is not valid yet",
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => "it is not meant for clients",
        E::BadSignature => "its signature is wrong",
        E::BadEncoding => "it is damaged",
        // The library has no names for these.
        E::Other(other) if other.to_string().contains("UnsupportedCertVersion") => {
            "it is of version 1 of X.509: issue it anew with an extension (openssl x509 -req -extfile ..)"
        }
        E::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            "it is that of a CA: list it in --client-ca itself, or issue another"
        }
        _ => "it is not fit for a client",
    }
}

/// No alert came: what is gone is gone.
fn broken_off(error: &io::Error) -> String {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    match error.kind() {
        UnexpectedEof | ConnectionReset | ConnectionAborted | BrokenPipe => {
            "the client closed the connection during the handshake, without saying why: perhaps it does not trust this \
             certificate"
                .to_owned()
        }
        _ => format!("the handshake failed: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_are_called_as_they_are_elsewhere() {
        for (alert, name) in [
            (AlertDescription::UnknownCA, "unknown ca"),
            (AlertDescription::BadCertificate, "bad certificate"),
            (AlertDescription::DecryptError, "decrypt error"),
            (AlertDescription::BadRecordMac, "bad record mac"),
        ] {
            assert_eq!(spaced(&format!("{alert:?}")), name);
            assert!(alerted(alert).contains(name));
        }
    }
}
