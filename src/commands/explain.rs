//! One scheme explained, with a request signed by it.

use chrono::{DateTime, Utc};

use crate::app::detail::covers_text;
use crate::capture::{Request, Verdict};
use crate::inspect::Clean;
use crate::signature::{
    Checker, Condition, Message, NamedHash, Place, Scheme, Schemes, Secret, SecretForm, SignError, Time, Unsigned,
};

/// Where the example is sent: schemes that sign the URL sign this.
const ORIGIN: &str = "https://hooks.example.com";
/// When it is signed: the first second of 2026.
const SIGNED_AT: i64 = 1_767_225_600;

/// Everything that its row says, in words, and an example.
pub fn explain(schemes: &Schemes, scheme: &Scheme) -> String {
    let mut rows = vec![("signature", signature(scheme)), ("signed", signed(scheme)), ("secret", secret(scheme))];
    rows.extend(scheme.hash.as_ref().map(|named| ("hash", hash(named))));
    rows.extend(scheme.time.as_ref().map(|time| ("time", time_words(scheme, time))));
    let covers = || covers_text(&Verdict { covers: scheme.covers(), ..Verdict::default() });
    let says_itself = scheme.messages.is_empty() && !scheme.method.reveals_secret();
    rows.push(("covers", if says_itself { "what each request says".to_owned() } else { covers() }));
    rows.extend(scheme.delivery_id.as_ref().map(|name| ("delivery", format!("its id is in {name}"))));
    rows.push(("detected", detection(scheme)));
    rows.push(("known from", scheme.evidence_words().to_owned()));
    rows.extend(scheme.docs.clone().map(|docs| ("docs", docs)));
    rows.extend(scheme.note.clone().map(|note| ("note", note)));
    if !scheme.aliases.is_empty() {
        rows.push(("also called", scheme.aliases.join(", ")));
    }
    let title = Clean::text(&format!("{}: {}", scheme.id, scheme.sender)).to_string();
    let rows = rows.iter().map(|(name, text)| format!("  {name:<11}  {}\n", Clean::text(text)));
    format!("{title}\n\n{}\n{}", rows.collect::<String>(), example(schemes, scheme))
}

fn signature(scheme: &Scheme) -> String {
    let places = scheme.signatures.iter().map(|signature| {
        let (place, value) = (signature.place.words(), signature.shape.text());
        format!("{place}: {value}")
    });
    places.collect::<Vec<_>>().join(", or ")
}

fn signed(scheme: &Scheme) -> String {
    match &scheme.messages[..] {
        [] if scheme.method.reveals_secret() => format!("nothing: {} is sent", scheme.method.name()),
        [] => format!("{}: each says itself what is signed", scheme.method.name()),
        messages => {
            let texts: Vec<_> = messages.iter().map(Message::text).collect();
            format!("{} of {}", scheme.method.name(), texts.join(" or ").replace('\n', "\\n"))
        }
    }
}

fn secret(scheme: &Scheme) -> String {
    let form = match scheme.secret {
        SecretForm::Text => "taken as it is",
        SecretForm::Whsec => "`whsec_`, which may be left out, then base64",
        form => form.words(),
    };
    form.to_owned()
}

fn hash(named: &NamedHash) -> String {
    let [(one, first), (other, second)] = &named.texts;
    let (place, first, second) = (named.place.words(), first.name(), second.name());
    format!("{first} when {place} is {one}, {second} when it is {other}")
}

fn time_words(scheme: &Scheme, time: &Time) -> String {
    let place = time.place.as_ref().unwrap_or(&scheme.signatures[0].place).words();
    let tolerance = match time.tolerance {
        None => "any age".to_owned(),
        Some(tolerance) if tolerance.ahead_is_fine => {
            format!("up to {} seconds old, or any time ahead", tolerance.seconds)
        }
        Some(tolerance) => format!("up to {} seconds old or ahead", tolerance.seconds),
    };
    format!("{} in {place}; {tolerance}", time.unit.words())
}

fn detection(scheme: &Scheme) -> String {
    if scheme.detect.is_empty() {
        return format!("no: name it with --scheme {}", scheme.id);
    }
    let words =
        |conditions: &[Condition], between| conditions.iter().map(Condition::words).collect::<Vec<_>>().join(between);
    let form = match &scheme.detect_form[..] {
        [] => String::new(),
        fields => format!(", or by the form fields {}", fields.join(", ")),
    };
    let unless = match &scheme.unless[..] {
        [] => String::new(),
        unless => format!("; not when there is {}", words(unless, " or ")),
    };
    format!("by {}{form}{unless}", words(&scheme.detect, " and "))
}

/// A request as it goes over the wire; where only the sender can sign, with the shape of its signature.
fn example(schemes: &Schemes, scheme: &Scheme) -> String {
    let request = scheme.example();
    let (intro, request) = match sign(schemes, scheme, request.clone()) {
        Ok(request) => (format!("Example, with the secret `{}`:", scheme.example_secret()), request),
        Err(_) => ("Example:".to_owned(), shape(scheme, request)),
    };
    let head = format!("POST {} HTTP/1.1\r\nHost: hooks.example.com\r\n", request.target_text());
    let headers = request.headers.to_lines();
    let text = [head.as_bytes(), &headers, b"\r\n", &request.body.bytes].concat();
    let lines = text.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let lines = lines.map(|line| if line.is_empty() { "\n".to_owned() } else { format!("  {}\n", Clean::bytes(line)) });
    format!("{intro}\n\n{}", lines.collect::<String>())
}

fn sign(schemes: &Schemes, scheme: &Scheme, mut request: Request) -> Result<Request, SignError> {
    let secret = Secret::new("example", scheme.example_secret().as_bytes().to_vec());
    let checker = Checker::new(schemes.clone(), vec![secret], None)?;
    let url = format!("{ORIGIN}{}", request.target_text());
    let now: DateTime<Utc> = DateTime::from_timestamp(SIGNED_AT, 0).unwrap_or_default();
    let (headers, body) = (&request.headers, &request.body.bytes);
    let signed = checker.sign(&scheme.id, "example", &Unsigned { method: "POST", url: &url, headers, body, now })?;
    signed.write_to(&mut request);
    Ok(request)
}

fn shape(scheme: &Scheme, mut request: Request) -> Request {
    if let Some(Place::Header(name)) = scheme.time.as_ref().and_then(|time| time.place.as_ref()) {
        request.headers.set(name, "{time}");
    }
    for signature in &scheme.signatures {
        if let Place::Header(name) = &signature.place {
            request.headers.set(name, signature.shape.text());
        }
    }
    request
}
