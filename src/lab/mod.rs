//! The lab: what a template makes of a capture, what is odd about it, and what its system would do where it fails.
//!
//! Owns trying a template out ([`Trial`]), the oddities of what comes out, the origin of what broke a JSON body, what a
//! failure means, webhook definitions ([`Definition`]), all of their templates tried out ([`Tryout`]), and what known
//! targets take ([`Shape`]). Pure: it reads no file and no clock, and how templates render, [`crate::template`] knows alone.

mod definition;
mod draft;
mod failed;
mod fix;
mod grade;
mod header_lines;
mod json;
mod odd;
mod oddity;
mod origin;
mod sample;
mod shape;
mod system;
mod tags;
mod trial;
mod tryout;
mod webhook;

pub use definition::{Definition, DefinitionError, Files, Place, last_file};
pub use draft::{Around, Drafted, Undrafted};
pub use failed::{Failed, Instead};
pub use grade::Grade;
pub use header_lines::Refusal;
pub use oddity::{Oddity, Spot};
pub use sample::Sample;
pub use shape::{Shape, ShapeError};
pub use system::{UnknownSystem, dialect_named, dialect_of, name_of, scheme_of};
pub use trial::{Output, Trial};
pub use tryout::{Tryout, prefix};
pub use webhook::{Part, Webhook, WebhookError};
