//! The first screens: nothing captured yet, and a port that is taken.

use super::canvas::Canvas;
use crate::app::{Action, Area, Line, Listening, Model, Role};
use crate::capture::Endpoint;

/// Nothing captured yet: how to get the first request here.
pub fn waiting(model: &Model, area: Area, canvas: &mut Canvas) {
    canvas.rule(area, "─");
    let margin = match area.width {
        160.. => 52,
        100.. => 4,
        60.. => 2,
        _ => 1,
    };
    let above = match (area.width, area.height) {
        (_, 41..) => 5,
        (100.., _) => 2,
        _ => 1,
    };
    let is_roomy = area.height >= 27;
    let mut lines = first_steps(model, is_roomy);
    if is_roomy {
        lines.extend(reasons(model));
    }
    let area = area.below(above).skip(margin);
    for (row, line) in lines.iter().enumerate() {
        canvas.line(area.row(row), line);
    }
}

fn first_steps(model: &Model, is_roomy: bool) -> Vec<Line> {
    let url = model.url();
    let key = |action: Action| model.look.keymap.hint(action);
    let mut lines = vec![Line::new(Role::Strong, "Waiting for the first request."), Line::default()];
    lines.extend(listening(model));
    if is_roomy {
        lines.extend(certificate(model));
    }
    lines.extend([
        Line::default(),
        Line::text("1  Try it now: press ")
            .and(Role::Strong, key(Action::Sample))
            .and(Role::Text, " to send yourself a signed sample, or run"),
        Line::default(),
        Line::new(Role::Strong, format!("     {}", model.curl_line())),
        Line::default(),
        Line::text("2  Point Peering Manager here:  Operations > Webhooks > Add"),
        Line::default(),
        Line::text("     Content types  what to watch, e.g. Autonomous System"),
        Line::text("     Events         tick Creations, Updates or Deletions"),
        Line::text(format!("     URL            {url}/hooks/pm")),
        Line::text(format!("     Secret         any text; give hookview the same one (press {})", key(Action::Edit))),
        Line::default(),
        Line::text("   Its background worker does the sending, so this has to be running:"),
        Line::text("     manage.py rqworker"),
        Line::default(),
        Line::text("Every request is answered 200 OK. Peering Manager accepts nothing but 200."),
    ]);
    lines
}

fn listening(model: &Model) -> Vec<Line> {
    let Listening::On(places) = &model.listening else { return Vec::new() };
    let is_one = places.iter().all(|place| place.address().map(|address| address.port()) == Some(model.port()));
    if is_one && places.iter().all(Endpoint::is_local) {
        return vec![
            Line::text("Listening on   ").and(Role::Strong, model.url()).and(Role::Text, "     this machine only"),
            Line::new(Role::Dim, "  for containers and other hosts start   hookview --bind 0.0.0.0"),
        ];
    }
    let line = |(index, url): (usize, String)| {
        Line::text(if index == 0 { "Listening on   " } else { "               " }).and(Role::Strong, url)
    };
    urls(model, places).into_iter().take(6).enumerate().map(line).collect()
}

/// Every URL by which others reach us.
fn urls(model: &Model, places: &[Endpoint]) -> Vec<String> {
    let of_place = |place: &Endpoint| match place.address() {
        Some(address) if address.ip().is_unspecified() && !model.addresses.is_empty() => {
            let url = |host| format!("{}://{host}:{}", place.scheme(), address.port());
            model.addresses.iter().map(url).collect()
        }
        _ => vec![place.to_string()],
    };
    let mut urls = Vec::new();
    for url in places.iter().flat_map(of_place) {
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
    urls
}

/// The certificate that hookview made, for those who want to compare it.
fn certificate(model: &Model) -> Vec<Line> {
    let Some(own) = &model.certificate else { return Vec::new() };
    let middle = own.fingerprint.match_indices(':').nth(15).map_or(own.fingerprint.len(), |(at, _)| at + 1);
    let (first, second) = own.fingerprint.split_at(middle);
    vec![
        Line::text("Certificate    ").and(Role::Text, own.path.display().to_string()),
        Line::new(Role::Dim, format!("               {}", own.state)),
        Line::new(Role::Dim, format!("       SHA-256 {first}")),
        Line::new(Role::Dim, format!("               {second}")),
    ]
}

fn reasons(model: &Model) -> Vec<Line> {
    let mut lines = vec![
        Line::default(),
        Line::default(),
        Line::text("Nothing after a minute?  The usual reasons, most likely first:"),
        Line::text("  no worker is running, the webhook is disabled, or no event box is ticked"),
        Line::text("  Peering Manager runs in a container, where 127.0.0.1 is the container itself:"),
        Line::text("    start   hookview --bind 0.0.0.0   and use this host's address in the URL"),
        Line::text("  a condition on the webhook does not match the object you changed"),
        Line::text("  the sender goes through a proxy (HTTP_PROXIES) that cannot reach this host"),
    ];
    if model.height >= 45 {
        lines.extend([
            Line::default(),
            Line::default(),
            Line::text("Other senders work as well: GitHub, Stripe, Slack, NetBox, and any HMAC header you describe."),
        ]);
    }
    lines
}

/// The port is taken: by whom, and what to do.
pub fn busy(model: &Model, area: Area, canvas: &mut Canvas) {
    let Listening::Busy { address, holder, free, .. } = &model.listening else { return };
    canvas.rule(area, "─");
    let key = |action: Action| format!("  {:<7} ", model.look.keymap.hint(action));
    let mut lines =
        vec![Line::new(Role::Bad, format!("✗ Nothing can arrive: {address} is already in use.")), Line::default()];
    if let Some(holder) = holder {
        lines.extend([Line::text(format!("  held by   {holder}")), Line::default()]);
    }
    if let Some(port) = free {
        let listen = format!("listen on {port} instead, the next free port");
        lines.push(Line::new(Role::Strong, key(Action::Open)).and(Role::Text, listen));
    }
    lines.extend([
        Line::new(Role::Strong, key(Action::ResendAgain)).and(Role::Text, format!("try {} again", address.port())),
        Line::new(Role::Strong, key(Action::Quit)).and(Role::Text, "quit"),
    ]);
    if model.list.total() > 0 {
        let there = format!("look at the {} captures that there are", model.list.total());
        lines.push(Line::new(Role::Strong, key(Action::Back)).and(Role::Text, there));
    }
    lines.push(Line::default());
    if address.port() == 9000 {
        lines.extend([
            Line::text("Port 9000 is also the default of Peering Manager's and NetBox's own"),
            Line::text(format!(
                "webhook_receiver. hookview replaces it: stop that one, then {} tries again.",
                model.look.keymap.hint(Action::ResendAgain)
            )),
        ]);
    }
    let area = area.below(1).skip(2);
    for (row, line) in lines.iter().enumerate() {
        canvas.line(area.row(row), line);
    }
}
