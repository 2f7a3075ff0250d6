//! Where to listen, and with which certificates: read from flags and layers.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use super::document::Entry;
use super::error::ConfigError;
use super::listen::{Certificates, Listen, check_listens, parse_address, parse_listen};
use super::paths::from_directory;
use super::reader::Reader;
use super::settings::Trust;

impl Reader<'_> {
    /// `--listen`, else `--port`, `--bind` and `--tls`, else what the file has, in this order too.
    pub(super) fn listen(&self) -> Result<Vec<Listen>, ConfigError> {
        let flags = self.flags;
        let entry = self.layers.entry("listen")?;
        let listed = entry.items().iter().map(|item| item.parsed(parse_listen)).collect::<Result<Vec<_>, _>>()?;
        check_listens(&listed).map_err(|problem| entry.wrong(problem))?;
        let port = self.over(flags.port, "port", |entry| port(&entry))?;
        let listed_tls = self.layers.entry("tls")?.flag()?;
        let short = Listen::Tcp { tls: self.wants_tls(listed_tls)?, addresses: self.bind()?, port };
        if !flags.listen.is_empty() {
            check_listens(&flags.listen).map_err(ConfigError::Listen)?;
            return Ok(flags.listen.clone());
        }
        let is_short = flags.port.is_some() || !flags.bind.is_empty() || flags.tls || listed.is_empty();
        Ok(if is_short { vec![short] } else { listed.into_iter().map(|listen| self.seen(listen)).collect() })
    }

    /// Who names a certificate wants TLS.
    fn wants_tls(&self, listed: bool) -> Result<bool, ConfigError> {
        let certificates = self.certificates()?;
        Ok(self.flags.tls || listed || certificates.own.is_some() || certificates.client_ca.is_some())
    }

    /// A path in the file is seen from the file's directory.
    fn seen(&self, listen: Listen) -> Listen {
        match listen {
            Listen::Unix(path) => {
                Listen::Unix(from_directory(&self.directory(), &path.to_string_lossy(), self.around.env))
            }
            tcp @ Listen::Tcp { .. } => tcp,
        }
    }

    fn bind(&self) -> Result<Vec<IpAddr>, ConfigError> {
        let entry = self.layers.entry("bind")?;
        let mut listed = entry.items().iter().map(|item| item.parsed(parse_address)).collect::<Result<Vec<_>, _>>()?;
        if listed.is_empty() {
            return Err(entry.wrong("is empty: name an address, or leave it out"));
        }
        if !self.flags.bind.is_empty() {
            listed.clone_from(&self.flags.bind);
        }
        let mut addresses = Vec::new();
        for address in listed {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        Ok(addresses)
    }

    /// The files of certificates. A certificate whose key is not named has it in its own file.
    pub(super) fn certificates(&self) -> Result<Certificates, ConfigError> {
        let flags = self.flags;
        let own = self.pair((flags.cert.as_ref(), "cert"), (flags.key.as_ref(), "key"))?;
        let client_ca = self.pem(flags.client_ca.as_ref(), "client_ca")?;
        Ok(Certificates { own, directory: self.around.paths.state().map(Path::to_owned), client_ca })
    }

    /// What is trusted and shown when something is sent.
    pub(super) fn trust(&self) -> Result<Trust, ConfigError> {
        let flags = self.flags;
        let identity =
            self.pair((flags.client_cert.as_ref(), "client_cert"), (flags.client_key.as_ref(), "client_key"))?;
        Ok(Trust { ca_file: self.pem(flags.ca_file.as_ref(), "ca_file")?, identity, insecure: flags.insecure })
    }

    /// The files of a certificate and of its key, which is in the same file when it is not named.
    fn pair(
        &self,
        (cert, cert_name): (Option<&PathBuf>, &'static str),
        (key, key_name): (Option<&PathBuf>, &'static str),
    ) -> Result<Option<(PathBuf, PathBuf)>, ConfigError> {
        match (self.pem(cert, cert_name)?, self.pem(key, key_name)?) {
            (Some(cert), key) => Ok(Some((cert.clone(), key.unwrap_or(cert)))),
            (None, Some(_)) => Err(ConfigError::KeyAlone(cert_name)),
            (None, None) => Ok(None),
        }
    }

    /// A file that the flag names, else the configuration; a path in there is seen from its directory.
    fn pem(&self, flag: Option<&PathBuf>, name: &str) -> Result<Option<PathBuf>, ConfigError> {
        self.over(flag.cloned().map(Some), name, |entry| {
            let path = entry.text()?;
            let path = Some(path).filter(|path| !path.is_empty());
            Ok(path.map(|path| from_directory(&self.directory(), path, self.around.env)))
        })
    }
}

fn port(entry: &Entry) -> Result<u16, ConfigError> {
    let number = entry.number(0..=u64::from(u16::MAX))?;
    Ok(u16::try_from(number).unwrap_or_default())
}
