//! Sample webhooks, true to what their senders send, kept in `assets/samples`.
//!
//! A sample's file begins with two comment lines: what it tells, and the id of the scheme that its sender signs with,
//! or `none`. Behind them come the request head, a blank line, the body, and one line end that is not the body's.

use bytes::Bytes;

use crate::capture::{Body, Request, head_length, parse_request};

/// Name and text of a sample's file.
macro_rules! samples {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../assets/samples/", $name, ".http")))),+]
    };
}

const FILES: &[(&str, &str)] = samples![
    "peering-manager-create",
    "peering-manager-update",
    "peering-manager-delete",
    "netbox-created",
    "github-push",
    "stripe",
    "slack",
    "catalyst-center",
];

/// A webhook to try a receiver with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// `peering-manager-update`
    pub name: &'static str,
    /// What it tells, as a sentence.
    pub description: &'static str,
    /// The id of the scheme that its sender signs with; `None` when it does not sign.
    pub scheme: Option<&'static str>,
    /// The request, unsigned, for a receiver at `127.0.0.1:9000`: header lines in the order in which its sender writes
    /// them, `Host` and `Content-Length` among them.
    pub request: Request,
}

/// A sample was asked for by a name that none has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no sample {asked:?}; use {}", nearest.join(", "))]
pub struct UnknownSample {
    /// The name that was asked for.
    pub asked: String,
    /// The names that begin with the same word, or all of them.
    pub nearest: Vec<&'static str>,
}

/// Every sample.
pub fn samples() -> impl Iterator<Item = Sample> {
    FILES.iter().filter_map(|(name, text)| read(name, text))
}

/// The sample of this name.
pub fn sample(name: &str) -> Result<Sample, UnknownSample> {
    samples()
        .find(|sample| sample.name == name)
        .ok_or_else(|| UnknownSample { asked: name.to_owned(), nearest: nearest(name) })
}

fn nearest(asked: &str) -> Vec<&'static str> {
    let word = asked.split(['-', '_', ' ']).next().unwrap_or_default().to_ascii_lowercase();
    let names = || FILES.iter().map(|(name, _)| *name);
    let alike: Vec<_> = names().filter(|name| !word.is_empty() && name.starts_with(&word)).collect();
    if alike.is_empty() { names().collect() } else { alike }
}

/// `None` when the file is not what the head of this module says.
fn read(name: &'static str, text: &'static str) -> Option<Sample> {
    let (description, rest) = text.strip_prefix("# ")?.split_once('\n')?;
    let (scheme, rest) = rest.strip_prefix("# scheme: ")?.split_once('\n')?;
    let (head, body) = rest.split_at_checked(head_length(rest.as_bytes(), 0)?)?;
    let head = Bytes::from(head.replace('\n', "\r\n"));
    let body = Body::whole(Bytes::from_static(body.strip_suffix('\n').unwrap_or(body).as_bytes()));
    let request = Request::from_head(head.clone(), parse_request(&head).ok()?, body);
    Some(Sample { name, description, scheme: Some(scheme).filter(|scheme| *scheme != "none"), request })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_read() {
        assert_eq!(
            samples().map(|sample| sample.name).collect::<Vec<_>>(),
            FILES.iter().map(|(name, _)| *name).collect::<Vec<_>>()
        );
    }

    #[test]
    fn samples_are_whole_requests() {
        for sample in samples() {
            let Request { headers, body, .. } = &sample.request;
            assert_eq!(headers.text("content-length"), Some(body.bytes.len().to_string().as_str()), "{}", sample.name);
            assert_eq!(headers.iter().next().map(|header| header.is("host")), Some(true), "{}", sample.name);
            assert!(!body.bytes.is_empty() && sample.description.ends_with('.'), "{}", sample.name);
        }
    }

    #[test]
    fn bodies_of_python_are_one_line_of_ascii() {
        for sample in samples().filter(|sample| sample.scheme == Some("netbox")) {
            assert!(sample.request.body.bytes.iter().all(|byte| (b' '..=b'~').contains(byte)), "{}", sample.name);
        }
    }

    #[test]
    fn an_unknown_name_gets_the_nearest() {
        assert_eq!(sample("stripe").unwrap().scheme, Some("stripe"));
        assert_eq!(sample("catalyst-center").unwrap().scheme, None);
        let unknown = sample("peering-manager").unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "there is no sample \"peering-manager\"; use peering-manager-create, peering-manager-update, peering-manager-delete"
        );
        assert_eq!(sample("nix").unwrap_err().nearest.len(), FILES.len());
    }
}
