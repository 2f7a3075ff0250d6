//! The captures that screens and keys are tried with: a morning of Peering Manager, NetBox, GitHub and curl.

use hookview::capture::{
    Attempt, AttemptOutcome, AttemptTiming, Capture, CaptureId, Headers, Outcome, Request, Response, Signing, Verdict,
};
use hookview::signature::Unsigned;
use serde_json::{Value, json};

use super::desk::{ADDRESS, Desk, at, request};

/// The secret that most of it is signed with.
pub const SECRET: (&str, &str) = ("pm-lab", "s3cret-of-lab");

/// A signature of the right form that fits nothing.
const WRONG: &str = "e257395dabb23681141c94fdaae2f778555198f136f80e1b61bebc82b8bdc9b2\
    f6bdd7641f9f7bb4c680ff5609c71559c82d27eb734914ee2daf0f876bdb2d84";

/// An autonomous system as Peering Manager tells of it.
pub fn autonomous_system(limit: u32) -> Value {
    json!({
        "event": "update",
        "timestamp": "2026-10-07 12:31:04.118201+00:00",
        "model": "autonomoussystem",
        "username": "theo",
        "request_id": "5b2c0c1e-7e52-4f0e-8a2a-1d5c77a0f0f2",
        "data": {
            "id": 9,
            "url": "/api/peering/autonomous-systems/9/",
            "display_url": "/autonomous-systems/9/",
            "display": "AS64512 - Example Net",
            "asn": 64512,
            "name": "Example Net",
            "name_peeringdb_sync": true,
            "description": "",
            "comments": "上流は日本 (Tokyo) です",
            "irr_as_set": "AS64512:AS-EXAMPLE",
            "irr_as_set_peeringdb_sync": true,
            "ipv6_max_prefixes": 120,
            "ipv6_max_prefixes_peeringdb_sync": true,
            "ipv4_max_prefixes": limit,
            "ipv4_max_prefixes_peeringdb_sync": false,
            "import_routing_policies": [],
            "export_routing_policies": [],
            "communities": [{"id": 1, "name": "gold"}, {"id": 2, "name": "silver"}],
            "prefixes": {"ipv6": ["2001:db8:500::/48"], "ipv4": ["192.0.2.0/24"]},
            "retrieve_prefixes": true,
            "as_list": [64512, 64513, 64514, 64515],
            "affiliated": false,
            "local_context_data": null,
            "tags": [{"id": 3, "name": "customer", "slug": "customer"}],
            "created": "2023-08-07T21:30:22.872649+02:00",
            "updated": "2026-10-07T14:31:04.101377+02:00"
        },
        "snapshots": {
            "prechange": {
                "irr_as_set": "AS64512:AS-EXAMPLE", "ipv4_max_prefixes": limit - 20, "ipv6_max_prefixes": 120
            },
            "postchange": {
                "irr_as_set": "AS64512:AS-EXAMPLE", "ipv4_max_prefixes": limit, "ipv6_max_prefixes": 120
            }
        }
    })
}

/// Another object, changed by a request of its own.
fn other(event: &str, model: &str, display: &str) -> Value {
    other_of(&format!("0d9f3a61-52c4-4e8b-9d37-{:012}", display.len()), event, model, display)
}

/// Another object, changed by this request.
pub fn other_of(change: &str, event: &str, model: &str, display: &str) -> Value {
    json!({
        "event": event, "timestamp": "2026-10-07 12:21:33.000000+00:00", "model": model, "username": "theo",
        "request_id": change, "data": {"id": 4, "display": display},
        "snapshots": {"prechange": null, "postchange": {"name": display}}
    })
}

/// A webhook of Peering Manager, signed or given a signature that fits nothing.
pub fn peering_manager(desk: &Desk, body: &Value, fits: bool) -> Request {
    let headers = [
        ("user-agent", "PeeringManager/1.10"),
        ("accept-encoding", "gzip, deflate"),
        ("accept", "*/*"),
        ("connection", "keep-alive"),
        ("content-type", "application/json"),
    ];
    let plain = request("POST", "/hooks/pm", &headers, body.to_string());
    let signature = if fits { sign(desk, &plain) } else { WRONG.to_owned() };
    let headers = [&headers[..], &[("x-hook-signature", signature.as_str())]].concat();
    request("POST", "/hooks/pm", &headers, body.to_string())
}

fn sign(desk: &Desk, request: &Request) -> String {
    let url = format!("http://{ADDRESS}/hooks/pm");
    let unsigned = Unsigned {
        method: "POST",
        url: &url,
        headers: &request.headers,
        body: &request.body.bytes,
        now: at("12:00:00"),
    };
    let lines = desk.service.checker().sign("netbox", SECRET.0, &unsigned).unwrap().headers;
    lines.into_iter().next().unwrap().1
}

fn store(desk: &Desk, clock: &str, body: &Value, fits: bool) -> Capture {
    desk.store(peering_manager(desk, body, fits), at(clock))
}

/// A device of NetBox, signed, with no secret to check it with.
fn netbox(desk: &Desk) -> Capture {
    let body = json!({
        "event": "updated", "timestamp": "2026-10-07T12:30:58.1+00:00", "object_type": "dcim.device",
        "username": "admin", "request": {"id": "1"}, "data": {"id": 7, "display": "edge-1"},
        "snapshots": {"prechange": {}, "postchange": {}}
    });
    let headers = [("content-type", "application/json"), ("x-hook-signature", WRONG)];
    let request = request("POST", "/hooks/nb", &headers, body.to_string());
    desk.store_changed(request, at("12:30:58"), |capture| {
        capture.verdict = Verdict {
            outcome: Outcome::NotChecked,
            scheme: Some("netbox".to_owned()),
            reason: "no secret is configured".to_owned(),
            ..Verdict::default()
        };
    })
}

/// A push of GitHub's with long, secret and nasty headers.
pub fn github(desk: &Desk) -> Capture {
    let long: Vec<String> = (7..=90).map(|host| format!("203.0.113.{host}")).collect();
    let headers = [
        ("user-agent", "GitHub-Hookshot/044aadd"),
        ("accept", "*/*"),
        ("authorization", "Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.abcdefghijkl"),
        ("content-type", "application/json"),
        ("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
        ("x-github-event", "push"),
        ("x-forwarded-for", &long.join(", ")),
        ("x-forwarded-for", "192.0.2.99"),
        ("x-odd", "caf\u{1b}[31mé \u{202e}txt"),
        ("cookie", "session=0123456789abcdef0123456789abcdef"),
    ];
    let body = json!({
        "ref": "refs/heads/main", "repository": {"full_name": "acme/site"}, "commits": [{"id": "a1", "message": "Mend"}]
    });
    desk.store(request("POST", "/gh", &headers, body.to_string()), at("12:40:19"))
}

/// The first seventeen captures of the morning, in the list, following.
pub fn morning(size: (u16, u16)) -> Desk {
    let mut desk = Desk::new(size, &[SECRET]);
    let session = other("create", "directpeeringsession", "AS64500 - 192.0.2.1");
    let exchange = other("update", "internetexchange", "Example-IX Paris");
    let router = other("update", "router", "edge-1.par1");
    let contact = other("delete", "contact", "NOC Example");
    let mut captures: Vec<Capture> = (0..8)
        .map(|minute| {
            let body = [&session, &exchange, &contact, &router][minute % 4];
            store(&desk, &format!("12:1{minute}:00"), body, true)
        })
        .collect();
    captures.push(store(&desk, "12:21:33", &router, true));
    captures.push(store(&desk, "12:24:10", &contact, true));
    captures.push(store(&desk, "12:27:51", &autonomous_system(800), true));
    captures.push(desk.store(request("GET", "/", &[("user-agent", "curl/8.5.0")], ""), at("12:29:40")));
    let pinned = peering_manager(&desk, &other("create", "session", "AS64498 - 2001:db8::fbf2:0:1"), true);
    captures.push(desk.store_changed(pinned, at("12:30:02"), |capture| capture.pinned = true));
    captures.push(store(&desk, "12:30:02", &autonomous_system(820), true));
    captures.push(store(&desk, "12:30:41", &autonomous_system(820), false));
    captures.push(netbox(&desk));
    captures.push(store(&desk, "12:31:04", &autonomous_system(840), false));
    desk.arrive(&captures);
    desk
}

/// Three more that arrive while somebody looks at something else.
pub fn three_more(desk: &mut Desk) {
    let router = other("update", "router", "edge-2.par1");
    let captures: Vec<Capture> =
        ["12:32:00", "12:32:01", "12:32:02"].iter().map(|clock| store(desk, clock, &router, true)).collect();
    desk.arrive(&captures);
}

/// An attempt to send a capture again.
pub fn attempt(capture: CaptureId, clock: &str, outcome: AttemptOutcome, total_us: u64) -> Attempt {
    Attempt {
        id: 0,
        capture,
        by: hookview::capture::Asker::Resend,
        at: at(clock),
        url: "http://127.0.0.1:8080/in".to_owned(),
        signing: Signing::With(SECRET.0.to_owned()),
        edited: false,
        outcome,
        timing: AttemptTiming { connect_us: 300, first_byte_us: total_us - 100, total_us },
    }
}

/// An answer to an attempt.
pub fn answered(status: u16, reason: &str, content_type: &str, body: &'static str) -> AttemptOutcome {
    let mut headers = Headers::default();
    headers.push("content-type", content_type.to_owned());
    AttemptOutcome::Answered(Response {
        status,
        reason: reason.to_owned(),
        headers,
        body: body.into(),
        body_total: body.len() as u64,
    })
}
