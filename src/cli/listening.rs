//! Options that say where to listen, and with which certificates.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;

use crate::config::{Listen, parse_address, parse_listen};

/// Where to listen.
#[derive(Clone, Debug, Default, Args)]
pub struct ListeningArgs {
    /// Port to listen on [default: 9000]
    ///
    /// 0 picks a free one and says which.
    #[arg(short, long)]
    pub port: Option<u16>,
    /// Address to listen on [default: loopback]
    ///
    /// Can be given more than once; 127.0.0.1 and ::1 unless given. 0.0.0.0 and :: are every address of this machine:
    /// then others can reach it, and whoever can reach it can fill the store.
    #[arg(short, long, value_name = "ADDR", value_parser = parse_address)]
    pub bind: Vec<IpAddr>,
    /// Several places to listen, as URLs
    ///
    /// Can be given more than once, instead of --port, --bind and --tls: http://127.0.0.1:9000, https://0.0.0.0:9443,
    /// unix:/run/hookview.sock. With https, plain HTTP is taken on the same port too.
    #[arg(long, value_name = "URL", value_parser = parse_listen, hide_short_help = true)]
    #[arg(conflicts_with_all = ["port", "bind", "tls"])]
    pub listen: Vec<Listen>,
    /// Speak TLS on the port, too
    ///
    /// HTTP and HTTPS come in by the same port. Unless --cert is given, the certificate is one that is made for this
    /// machine and kept, so that it can be trusted once; at the start it is said how. --listen is for several ports.
    #[arg(long)]
    pub tls: bool,
    /// Certificate for TLS, in PEM
    ///
    /// Behind it those that issued it. --key may be left out when the private key is in the same file.
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub cert: Option<PathBuf>,
    /// Private key of the certificate, in PEM
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub key: Option<PathBuf>,
    /// Ask clients for a certificate from here
    ///
    /// A file in PEM with those who issue the certificates of clients. A client that shows none fails, and is shown as
    /// that; plain HTTP is refused.
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub client_ca: Option<PathBuf>,
}
