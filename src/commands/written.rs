//! A request and secrets as they are written on the command line, for `verify` and `sign`.

use std::io::{self, Read as _};
use std::path::Path;

use bytes::Bytes;

use super::environment;
use crate::capture::{Body, Headers, Request};
use crate::cli::{PlainSecretArgs, RequestArgs};
use crate::config::{SecretOrigin, SecretSource, Settings, read_secrets};
use crate::service;
use crate::signature::{Checker, Secret};

/// A request that nobody sent.
pub struct Written {
    /// As a sender of it would send it.
    pub request: Request,
    /// What stands in the URL before the path; none when there was a path alone or nothing.
    pub origin: Option<String>,
}

impl Written {
    /// Reads the body, and puts the request together.
    pub fn read(args: &RequestArgs) -> anyhow::Result<Self> {
        let body = args.body.as_deref().map_or(Ok(Bytes::new()), read_body)?;
        let (origin, target) = args.url.as_deref().map_or((None, "/".to_owned()), split_url);
        let mut headers: Headers = args.header.iter().cloned().collect();
        if let Some(origin) = &origin
            && !headers.has("Host")
        {
            let authority = origin.split_once("://").map_or(origin.as_str(), |(_, authority)| authority);
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            headers.push("Host", host.to_owned());
        }
        let (method, target) = (args.method.clone().into(), target.into());
        Ok(Self { request: Request { method, target, headers, body: Body::whole(body), ..Request::default() }, origin })
    }
}

fn read_body(path: &Path) -> anyhow::Result<Bytes> {
    let mut body = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().read_to_end(&mut body).map(drop)
    } else {
        std::fs::read(path).map(|bytes| body = bytes)
    };
    read.map_err(|error| anyhow::anyhow!("cannot read the body from {}: {error}", path.display()))?;
    Ok(body.into())
}

/// Scheme and authority, and path with query, byte for byte.
fn split_url(url: &str) -> (Option<String>, String) {
    let Some(authority) = url.find("://").filter(|_| !url.starts_with('/')) else { return (None, url.to_owned()) };
    let rest = authority + 3;
    let path = url[rest..].find(['/', '?']).map_or(url.len(), |at| rest + at);
    let (origin, target) = url.split_at(path);
    let slash = if target.starts_with('/') { "" } else { "/" };
    (Some(origin.to_owned()), format!("{slash}{target}"))
}

/// A checker with these secrets, else with the configured ones. Where the command line names a secret or a scheme, what
/// is expected on the path does not count.
pub fn checker_of(args: &PlainSecretArgs, scheme: Option<&String>, settings: &Settings) -> anyhow::Result<Checker> {
    let mut settings = settings.clone();
    let no_secret = args.secret.is_empty() && args.secret_file.is_empty();
    if scheme.is_some() || !no_secret {
        settings.checking.expect.clear();
    }
    if no_secret {
        return Ok(service::checker(&settings, &environment)?);
    }
    let name = |index: usize| if index == 0 { "secret".to_owned() } else { format!("secret-{}", index + 1) };
    let values = args.secret.iter().enumerate().map(|(index, value)| Secret::new(name(index), value.to_vec()));
    let mut secrets: Vec<Secret> = values.collect();
    for path in &args.secret_file {
        let source = SecretSource { name: name(secrets.len()), origin: SecretOrigin::File(path.clone()) };
        let read = read_secrets(&[source], &environment)?;
        secrets.extend(read.into_iter().map(|(name, value)| Secret::new(name, value)));
    }
    Ok(service::checker_with(&settings, secrets)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart_byte_for_byte() {
        let split = |url| {
            let (origin, target) = split_url(url);
            (origin.unwrap_or_default(), target)
        };
        for (url, origin, target) in [
            ("https://H.example:443/a%7e?b=/c://d", "https://H.example:443", "/a%7e?b=/c://d"),
            ("http://me:pw@h", "http://me:pw@h", "/"),
            ("http://h?a", "http://h", "/?a"),
            ("/a?b=http://c/", "", "/a?b=http://c/"),
        ] {
            assert_eq!(split(url), (origin.to_owned(), target.to_owned()), "{url}");
        }
    }
}
