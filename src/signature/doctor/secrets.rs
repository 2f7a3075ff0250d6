//! Secrets as somebody else may have them: with white space, in quotes, decoded or not.

use super::change::{Change, Choice};
use crate::signature::Secret;
use crate::signature::encoding::{Encoding, base64_secret};
use crate::signature::key::{Material, SecretForm};

/// What a key is made of, and the name of the secret that it came from.
#[derive(Clone)]
pub(super) struct Candidate {
    pub secret: String,
    pub material: Material,
}

/// The key of each secret as it is configured. `expected` is the secret that the request was to be signed with.
pub(super) fn configured(secrets: &[Secret], form: SecretForm, expected: Option<&str>) -> Vec<Choice<Candidate>> {
    let choice = |secret: &Secret| {
        let candidate = Candidate { secret: secret.name.clone(), material: form.material(secret)? };
        Some(match expected {
            Some(name) if name != secret.name => Choice::changed(candidate, other_secret(&secret.name, name)),
            _ => Choice::plain(candidate),
        })
    };
    secrets.iter().filter_map(choice).collect()
}

fn other_secret(name: &str, expected: &str) -> Change {
    Change::new(
        format!("the sender signs with secret `{name}`, expected `{expected}`"),
        String::new(),
        format!("give the sender secret `{expected}`, or tie its path to `{name}`"),
    )
}

/// Every secret as its owner may have mistaken it, the likeliest mistakes first.
pub(super) fn mistaken(secrets: &[Secret], form: SecretForm) -> Vec<Choice<Candidate>> {
    let all = |secret: &Secret| {
        [surrounded(secret, form), decorated(secret, form), forms(secret, form), rarer(secret, form)].concat()
    };
    let mut choices = different(secrets, form, all);
    choices.extend(secrets.first().map(|first| {
        let empty = Candidate { secret: first.name.clone(), material: Material::Shared(Vec::new()) };
        let change = Change::new(
            "the sender signs with an empty secret",
            "with a key of no bytes",
            format!("set the secret at the sender; `{}` is not empty", first.name),
        );
        Choice::changed(empty, change)
    }));
    choices
}

/// Every secret with other white space or quotes around it: mistakes that happen beside others.
pub(super) fn misplaced(secrets: &[Secret], form: SecretForm) -> Vec<Choice<Candidate>> {
    different(secrets, form, |secret| surrounded(secret, form))
}

/// The keys among what `find` makes of each secret that differ from each other and from the secret's own.
fn different(secrets: &[Secret], form: SecretForm, find: impl Fn(&Secret) -> Vec<Variant>) -> Vec<Choice<Candidate>> {
    let mut choices: Vec<Choice<Candidate>> = Vec::new();
    for secret in secrets {
        let mut known = vec![form.shared(secret.bytes())];
        for (bytes, change) in find(secret) {
            if !bytes.is_empty() && !known.contains(&Some(bytes.clone())) {
                known.push(Some(bytes.clone()));
                let candidate = Candidate { secret: secret.name.clone(), material: Material::Shared(bytes) };
                choices.push(Choice::changed(candidate, change));
            }
        }
    }
    choices
}

type Variant = (Vec<u8>, Change);

/// The key of another text in place of the configured one, read in the form that the scheme needs.
fn instead(form: SecretForm, text: &[u8], change: Change) -> Option<Variant> {
    Some((form.shared(text)?, change))
}

/// White space and quotes that files and shells bring along.
fn surrounded(secret: &Secret, form: SecretForm) -> Vec<Variant> {
    let (name, value) = (&secret.name, secret.bytes());
    let trimmed = value.trim_ascii();
    let mut found = Vec::new();
    if let Some((what, proof)) = surroundings(value) {
        let file = "remove it from your secret: printf %s 'SECRET' > FILE writes none, echo does";
        let fix = if value.ends_with(b"\n") { file } else { "remove it from your secret" };
        let change = Change::new(format!("your secret `{name}` {what}; the sender's has none"), proof, fix);
        found.extend(instead(form, trimmed, change));
    }
    if let Some(inner) = unquoted(trimmed) {
        let cause = format!("your secret `{name}` is in quotes; the sender's is not");
        let change = Change::new(cause, "without the quotes around it", "remove the quotes from your secret");
        found.extend(instead(form, inner, change));
    }
    for (added, what, bytes) in [("\n", "a newline", "0a"), ("\r\n", "a line break", "0d 0a")] {
        found.extend(ended(secret, form, added, (what, bytes)));
    }
    found
}

/// The same, as it happens more rarely.
fn decorated(secret: &Secret, form: SecretForm) -> Vec<Variant> {
    let (name, trimmed) = (&secret.name, secret.bytes().trim_ascii());
    let mut found: Vec<Variant> = ended(secret, form, " ", ("a blank", "20")).into_iter().collect();
    for (behind, what) in [("", "begins with a blank"), (" ", "has a blank at both ends")] {
        let cause = format!("the sender's secret {what}; your secret `{name}` does not");
        let change = Change::new(cause, format!("where it {what}"), "remove the blank from the secret at the sender");
        found.extend(instead(form, &[b" ", trimmed, behind.as_bytes()].concat(), change));
    }
    for quote in ["\"", "'"] {
        let cause = format!("the sender's secret is in quotes ({quote}); your secret `{name}` is not");
        let fix = "remove the quotes from the secret at the sender";
        let quoted = [quote.as_bytes(), trimmed, quote.as_bytes()].concat();
        found.extend(instead(form, &quoted, Change::new(cause, "with quotes added around it", fix)));
    }
    found
}

/// With something at its end, named in words and as bytes.
fn ended(secret: &Secret, form: SecretForm, added: &str, (what, bytes): (&str, &str)) -> Option<Variant> {
    let cause = format!("the sender's secret ends with {what}; your secret `{}` does not", secret.name);
    let fix = format!("remove {what} from the end of the secret at the sender; it was probably read from a file");
    let text = [secret.bytes().trim_ascii(), added.as_bytes()].concat();
    instead(form, &text, Change::new(cause, format!("with {bytes} added to its end"), fix))
}

/// What stands around a secret, and what was taken off.
fn surroundings(value: &[u8]) -> Option<(&'static str, String)> {
    let (end, start) = (value.trim_ascii_end(), value.trim_ascii_start());
    let behind = &value[end.len()..];
    if start.len() < value.len() {
        return Some(("has white space around it", "with the white space around it removed".to_owned()));
    }
    let what = match behind {
        [] => return None,
        b"\n" => "ends with a newline",
        b"\r\n" => "ends with a line break (CR LF)",
        b"\r" => "ends with a carriage return",
        b" " => "ends with a blank",
        _ => "ends with white space",
    };
    let bytes: Vec<String> = behind.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let (last, bytes) = (if behind.len() == 1 { "byte" } else { "bytes" }, bytes.join(" "));
    Some((what, format!("with the last {last} ({bytes}) removed")))
}

fn unquoted(text: &[u8]) -> Option<&[u8]> {
    match text {
        [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] => Some(inner),
        _ => None,
    }
}

/// The key made from the text in another way than the scheme's.
fn forms(secret: &Secret, form: SecretForm) -> Vec<Variant> {
    let name = &secret.name;
    let text = secret.bytes().trim_ascii();
    let bare = text.strip_prefix(b"whsec_").unwrap_or(text);
    let rule = if form == SecretForm::Text { "as it is" } else { "decoded" };
    let change = |how: &str| {
        Change::new(
            format!("the sender uses secret `{name}` {how}; the rule is {rule}"),
            format!("with the secret {how}"),
            "give the sender's library the secret in the form that it expects, or name a scheme of your own for it",
        )
    };
    let mut found = vec![
        (text.to_vec(), change("as the text that it is, not decoded")),
        (bare.to_vec(), change("as text without `whsec_`")),
    ];
    found.extend(base64_secret(bare).map(|key| (key, change("decoded from base64"))));
    found.extend(hex::decode(bare).ok().map(|key| (key, change("decoded from hex"))));
    found
}

/// What happens more rarely.
fn rarer(secret: &Secret, form: SecretForm) -> Vec<Variant> {
    let (name, text) = (&secret.name, secret.bytes().trim_ascii());
    let change = |cause: String, proof: &str| Change::new(cause, proof, "give both sides the same text");
    let mut found = Vec::new();
    if let Some(rest) = text.strip_prefix(b"\xEF\xBB\xBF") {
        let cause = format!("your secret `{name}` begins with a byte order mark; the sender's does not");
        found.push((rest.to_vec(), change(cause, "with the bytes ef bb bf removed")));
    }
    if let Some(line) = text.split(|byte| matches!(byte, b'\n' | b'\r')).next().filter(|line| line.len() < text.len()) {
        let cause = format!("your secret `{name}` has several lines; the sender uses the first");
        found.push((line.to_vec(), change(cause, "with the first line alone")));
    }
    if text.iter().all(u8::is_ascii_hexdigit) {
        for (other, case) in [(text.to_ascii_lowercase(), "lower"), (text.to_ascii_uppercase(), "upper")] {
            let cause = format!("the sender writes secret `{name}` in {case} case");
            found.push((other, change(cause, &format!("in {case} case"))));
        }
    }
    if form != SecretForm::UserPassword {
        let encoded = Encoding::Base64.encode(text).into_bytes();
        let cause = format!("the sender encodes secret `{name}` in base64 before using it");
        found.push((encoded, change(cause, "with the secret encoded in base64")));
    }
    found
}
