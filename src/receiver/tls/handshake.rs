//! One handshake: what it settled, or why it failed.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{ProtocolVersion, ServerConnection};
use tokio_rustls::server::TlsStream;

use crate::capture::Tls;
use crate::receiver::fault::Fault;
use crate::receiver::stream::Stream;
use crate::receiver::wire::Wire;

use super::hello::Hello;
use super::recorded::Recorded;
use super::{ServerTls, client, reason};

/// A handshake that came to nothing.
pub(in crate::receiver) struct Failed {
    /// What the client sent.
    pub came: Bytes,
    /// What it told of itself.
    pub tls: Tls,
    /// Why.
    pub fault: Fault,
}

/// What is left of a handshake that came to nothing: the stream, when it did not take too long.
pub(in crate::receiver) type Remains<S> = (Failed, Option<Recorded<S>>);

/// Shakes hands with a client whose first bytes were read already. It must be done within `limit`.
pub(in crate::receiver) async fn shake<S: Stream>(
    wire: Wire<S>,
    tls: &ServerTls,
    limit: Duration,
) -> Result<(TlsStream<Recorded<S>>, Tls), Box<Remains<S>>> {
    let (stream, came) = wire.into_parts();
    let (stream, record) = Recorded::new(stream, came);
    let ended = timeout(limit, TlsAcceptor::from(tls.config()).accept(stream).into_fallible()).await;
    let failed = |fault: &dyn Fn(&Hello) -> Fault| {
        let came = record.bytes();
        let hello = Hello::read(&came);
        Failed { fault: fault(&hello), tls: Tls { server_name: hello.server_name, ..Tls::default() }, came }
    };
    match ended {
        Ok(Ok(mut stream)) => {
            stream.get_mut().0.forget();
            let tls = settled(stream.get_ref().1);
            Ok((stream, tls))
        }
        Ok(Err((error, stream))) => {
            let failed = failed(&|hello| Fault::tls_failed(reason::in_words(&error, hello)));
            Err(Box::new((failed, Some(stream))))
        }
        Err(_) => Err(Box::new((failed(&|_| Fault::tls_stalled(limit)), None))),
    }
}

/// What a handshake that is done settled.
fn settled(connection: &ServerConnection) -> Tls {
    let version = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
        _ => "TLS",
    };
    Tls {
        version: version.to_owned(),
        alpn: connection.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned()),
        server_name: connection.server_name().map(str::to_owned),
        client: connection.peer_certificates().and_then(|chain| chain.first()).map(client::facts),
    }
}
