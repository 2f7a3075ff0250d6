//! What leaves the lab: a rendered request to the resend sheet, texts to the clipboard.

use bytes::Bytes;

use super::sheet::{CopyItem, CopyMenu, LabPane, LabSheet, Overlay, Rendered, ResendSheet};
use super::{Clip, CopyKind, Effect, Level, Model, Pane};
use crate::capture::{Capture, Headers};
use crate::lab::{Drafted, Part, scheme_of};
use crate::signature::SignError;

impl Model {
    /// The resend sheet with what was rendered.
    pub(super) fn resend_rendered(&mut self) -> Vec<Effect> {
        match self.rendered_sheet() {
            Ok(sheet) => {
                self.below = self.overlay.replace(Overlay::Resend(Box::new(sheet)));
                self.prepare()
            }
            Err(reason) => {
                self.say(Level::Info, reason);
                Vec::new()
            }
        }
    }

    /// A sheet that sends what was rendered, or why there is none.
    fn rendered_sheet(&self) -> Result<ResendSheet, String> {
        const NOTHING: &str = "there is no output to send";
        let sheet = self.lab().ok_or(NOTHING)?;
        let tryout = sheet.tryout().filter(|tryout| !tryout.is_failed()).ok_or(NOTHING)?;
        let body = tryout.output().ok_or(NOTHING)?.text.clone();
        let capture = self.detail.capture().filter(|capture| Some(capture.id) == sheet.wanted);
        let capture = capture.ok_or("the capture is being loaded")?.clone();
        let webhook = sheet.definition().map(|definition| &definition.webhook);
        let secret = webhook.and_then(|webhook| webhook.secret.clone());
        if let Some(unknown) = secret.as_ref().filter(|secret| !self.secrets.contains(secret)) {
            return Err(SignError::UnknownSecret(unknown.clone()).to_string());
        }
        let can_sign = self.detail.loaded().is_some_and(|loaded| loaded.facts.can_sign);
        let scheme = scheme_of(tryout.dialect).map(str::to_owned);
        let secrets: &[String] = if can_sign || scheme.is_some() { &self.secrets } else { &[] };
        let rendered = Rendered {
            body: Bytes::from(body),
            request: tryout.request().map(|request| (url_of(request), headers_of(&capture, request))),
            method: tryout.request().and(webhook).map(|webhook| webhook.method.clone().into()),
            scheme,
            secret,
        };
        Ok(ResendSheet::of_rendered(capture, &self.targets, secrets, rendered))
    }

    /// The copy menu of the pane that has the keys.
    pub(super) fn open_lab_copy(&mut self) -> Vec<Effect> {
        let menu = match self.focus {
            Pane::Detail => CopyMenu::new(&self.detail, true),
            Pane::List => self.lab().map(|sheet| {
                let item = |kind: &CopyKind| Some(CopyItem { kind: *kind, preview: self.lab_preview(sheet, *kind)? });
                let usual = if sheet.pane == LabPane::Template { CopyKind::Template } else { CopyKind::Body };
                CopyMenu { items: CopyKind::ALL.iter().filter_map(item).collect(), usual }
            }),
        };
        if let Some(menu) = menu {
            self.below = self.overlay.replace(Overlay::Copy(menu));
        }
        Vec::new()
    }

    fn lab_preview(&self, sheet: &LabSheet, kind: CopyKind) -> Option<String> {
        if kind == CopyKind::Curl {
            return self.rendered_sheet().ok().map(|_| "what r would send, signed as chosen there".to_owned());
        }
        let text = lab_text(sheet, kind)?;
        Some(match kind {
            CopyKind::Url => text,
            CopyKind::Template => format!("of the {}, {} characters", sheet.part.name(), text.chars().count()),
            _ => crate::inspect::bytes_exact(text.len() as u64),
        })
    }

    /// Copies something of the lab; `None` when the key means the capture.
    pub(super) fn copy_of_lab(&mut self, kind: CopyKind) -> Option<Vec<Effect>> {
        let sheet = self.lab().filter(|_| self.focus == Pane::List || kind == CopyKind::Template)?;
        if kind == CopyKind::Curl {
            let plan = self.rendered_sheet().ok().and_then(|sheet| sheet.plan().ok());
            return Some(plan.map(|plan| Effect::CopyCurl(plan, self.detail.reveal)).into_iter().collect());
        }
        let id = sheet.wanted.unwrap_or_default();
        let Some(text) = lab_text(sheet, kind) else {
            self.say(Level::Info, format!("there is no {} here", kind.short()));
            return Some(Vec::new());
        };
        let (what, file_name) = match kind {
            CopyKind::Template => {
                (format!("the template of the {}", sheet.part.name()), format!("{}.j2", sheet.part.name()))
            }
            kind => (format!("{} rendered for {id}", kind.short()), format!("hookview-{}-{}.txt", id.0, kind.name())),
        };
        Some(vec![Effect::Copy(Clip { what, bytes: text.into(), file_name })])
    }
}

fn lab_text(sheet: &LabSheet, kind: CopyKind) -> Option<String> {
    let tryout = sheet.tryout();
    match kind {
        CopyKind::Template => Some(sheet.template().to_owned()),
        CopyKind::Body => tryout?.text(Part::Body).map(str::to_owned),
        CopyKind::Url => tryout?.text(Part::Url).map(str::to_owned),
        CopyKind::Headers => tryout?.text(Part::Headers).map(str::to_owned),
        _ => None,
    }
}

fn url_of(request: &Drafted) -> String {
    request.url.as_ref().map(ToString::to_string).unwrap_or_default()
}

/// What a sender writes by itself comes from the capture, the rest from the definition.
fn headers_of(capture: &Capture, request: &Drafted) -> Headers {
    let own = |name: &str| capture.request.headers.iter().find(|header| header.is(name)).cloned();
    let rendered = request.headers.iter().cloned();
    let own = ["Accept-Encoding", "User-Agent"].into_iter().filter(|name| !request.headers.has(name)).filter_map(own);
    own.chain(rendered).collect()
}
