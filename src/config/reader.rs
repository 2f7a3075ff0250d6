//! Reading the settings out of the layers: the flags over the environment over the user's file over the defaults.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::bindings::Bindings;
use super::choices::{Choice as _, When};
use super::document::{Entry, Layers};
use super::error::ConfigError;
use super::expect::{enforce, expectations};
use super::flags::{
    Overrides, RulesChoice, StoreChoice, check_max_body, parse_public_url, parse_rules, parse_session, parse_store,
};
use super::paths::from_directory;
use super::quantity::{parse_duration, parse_size};
use super::settings::{Checking, Keeping, Limits, RulesFile, SchemeFile, Screen, Settings};
use super::{Surroundings, linting, secrets, terminal};

/// The rules file that is found in the current directory.
const RULES_HERE: &str = "hookview.toml";

/// What the layers, the flags and the surroundings say together.
pub(super) struct Reader<'a> {
    pub layers: &'a Layers<'a>,
    pub around: &'a Surroundings<'a>,
    pub flags: &'a Overrides,
    /// The user's file; paths in it are seen from its directory.
    pub file: Option<PathBuf>,
}

impl Reader<'_> {
    pub fn settings(&self) -> Result<Settings, ConfigError> {
        let flags = self.flags;
        Ok(Settings {
            listen: self.listen()?,
            certificates: self.certificates()?,
            limits: self.limits()?,
            keeping: self.keeping()?,
            rules: self.rules()?,
            everyday: flags.everyday.clone(),
            handshakes: self.layers.entry("handshakes")?.flag()? && !flags.no_handshakes,
            checking: self.checking()?,
            secrets: secrets::sources(self.layers, &flags.secrets, &self.directory(), self.around.env)?,
            lint_off: linting::off(self.layers)?.into_iter().chain(flags.lint_off.iter().copied()).collect(),
            output: terminal::output(flags.output, self.around)?,
            headers: !flags.no_headers,
            log: flags.log.clone(),
            trust: self.trust()?,
            screen: self.screen()?,
            bindings: Bindings::read(self.layers)?,
            file: self.file.clone(),
        })
    }

    /// The flag, else what the file says, which must fit in any case.
    pub(super) fn over<T>(
        &self,
        flag: Option<T>,
        name: &str,
        read: impl FnOnce(Entry) -> Result<T, ConfigError>,
    ) -> Result<T, ConfigError> {
        let value = read(self.layers.entry(name)?)?;
        Ok(flag.unwrap_or(value))
    }

    pub(super) fn directory(&self) -> PathBuf {
        self.file.as_ref().and_then(|file| file.parent()).unwrap_or(Path::new("")).to_owned()
    }

    fn limits(&self) -> Result<Limits, ConfigError> {
        Ok(Limits {
            max_body: self.over(self.flags.max_body, "max_body", |entry| {
                check_max_body(size(&entry)?).map_err(|most| entry.wrong(format_args!("is too much: {most}")))
            })?,
            head_timeout: time_limit(&self.layers.entry("head_timeout")?)?,
            body_idle: time_limit(&self.layers.entry("body_idle")?)?,
            handshake_timeout: time_limit(&self.layers.entry("handshake_timeout")?)?,
        })
    }

    fn keeping(&self) -> Result<Keeping, ConfigError> {
        let flags = self.flags;
        let session = |entry: Entry| entry.parsed(parse_session);
        Ok(Keeping {
            store: self.store()?,
            session: self.over(flags.session.clone(), "session", session)?,
            captures: self.over(flags.keep, "keep", |entry| entry.number(0..=u64::MAX))?,
            bytes: self.over(flags.keep_bytes, "keep_bytes", |entry| size(&entry))?,
            durability: self.layers.entry("durability")?.choice()?,
        })
    }

    fn store(&self) -> Result<Option<PathBuf>, ConfigError> {
        let listed = self.layers.entry("store")?.parsed(|text| {
            parse_store(text).map(|store| match store {
                StoreChoice::File(_) => StoreChoice::File(from_directory(&self.directory(), text, self.around.env)),
                word => word,
            })
        })?;
        match self.flags.store.clone().unwrap_or(listed) {
            StoreChoice::Auto => self.around.paths.store.clone().map(Some).ok_or(ConfigError::NoHome),
            StoreChoice::Memory => Ok(None),
            StoreChoice::File(path) => Ok(Some(path)),
        }
    }

    fn checking(&self) -> Result<Checking, ConfigError> {
        let flags = self.flags;
        let scheme = self.over(flags.scheme.clone(), "scheme", |entry| Ok(entry.text()?.to_owned()))?;
        Ok(Checking {
            scheme: Some(scheme).filter(|scheme| scheme != "auto"),
            schemes: self.scheme_file()?,
            public_url: self.over(flags.public_url.clone().map(Some), "public_url", |entry| {
                if entry.text()?.is_empty() { Ok(None) } else { entry.parsed(parse_public_url).map(Some) }
            })?,
            enforce: self.over(flags.enforce, "enforce", |entry| enforce(&entry))?,
            expect: expectations(self.layers)?,
        })
    }

    fn rules(&self) -> Result<RulesFile, ConfigError> {
        let listed = self.layers.entry("rules")?.parsed(|text| {
            parse_rules(text).map(|rules| match rules {
                RulesChoice::File(_) => RulesChoice::File(from_directory(&self.directory(), text, self.around.env)),
                word => word,
            })
        })?;
        Ok(match self.flags.rules.clone().unwrap_or(listed) {
            RulesChoice::Auto => RulesFile::Auto {
                here: PathBuf::from(RULES_HERE),
                beside: self.file.as_ref().map(|file| file.with_file_name("rules.toml")),
            },
            RulesChoice::None => RulesFile::None,
            RulesChoice::File(path) => RulesFile::Named(path),
        })
    }

    fn scheme_file(&self) -> Result<Option<SchemeFile>, ConfigError> {
        let listed = self.layers.entry("schemes")?.text()?;
        let named = |path| Some(SchemeFile { path, named: true });
        Ok(match (&self.flags.schemes, listed) {
            (Some(path), _) => named(path.clone()),
            (None, "auto") => {
                let beside = self.file.as_ref().map(|file| file.with_file_name("schemes.toml"));
                beside.map(|path| SchemeFile { path, named: false })
            }
            (None, path) => named(from_directory(&self.directory(), path, self.around.env)),
        })
    }

    fn screen(&self) -> Result<Screen, ConfigError> {
        let (layers, env) = (self.layers, self.around.env);
        let flag = |name| layers.entry(name)?.flag();
        let ascii = self.over(self.flags.ascii.then_some(When::Always), "ascii", |entry| ascii(&entry))?;
        let color = self.over(self.flags.color, "color", |entry| entry.choice())?;
        Ok(Screen {
            layout: layers.entry("layout")?.choice()?,
            ascii: terminal::ascii(ascii, env),
            utf8: terminal::utf8(env),
            color: terminal::color(color, env),
            cursor: layers.entry("cursor")?.choice()?,
            mouse: flag("mouse")?,
            time: layers.entry("time")?.choice()?,
            utc: flag("utc")? || self.flags.utc,
            bell: flag("bell")?,
            masked_headers: names(&layers.entry("masked_headers")?)?,
            diff_hidden: texts(&layers.entry("diff_hidden")?)?,
            editor: terminal::program(layers.entry("editor")?.text()?, &["VISUAL", "EDITOR"], "vi", env),
            pager: terminal::program(layers.entry("pager")?.text()?, &["PAGER"], "less", env),
            clipboard_limit: size(&layers.entry("clipboard_limit")?)?,
        })
    }
}

/// A number of bytes, with a unit or without.
fn size(entry: &Entry) -> Result<u64, ConfigError> {
    if entry.is_text() {
        return entry.parsed(parse_size);
    }
    entry.number(0..=u64::MAX).map_err(|_| entry.wrong("must be a size like \"10MiB\", or a number of bytes"))
}

fn time_limit(entry: &Entry) -> Result<Duration, ConfigError> {
    let time = entry.parsed(parse_duration)?;
    if time.is_zero() { Err(entry.wrong("must be longer than no time")) } else { Ok(time) }
}

/// `"auto"`, true or false.
fn ascii(entry: &Entry) -> Result<When, ConfigError> {
    if entry.is_flag() {
        return Ok(if entry.flag()? { When::Always } else { When::Never });
    }
    match entry.text() {
        Ok(word) if When::from_word(word) == Some(When::Auto) => Ok(When::Auto),
        _ => Err(entry.wrong("must be \"auto\", true or false")),
    }
}

fn texts(entry: &Entry) -> Result<Vec<String>, ConfigError> {
    entry.items().iter().map(|item| Ok(item.text()?.to_owned())).collect()
}

fn names(entry: &Entry) -> Result<Vec<String>, ConfigError> {
    entry.items().iter().map(|item| Ok(item.text()?.to_ascii_lowercase())).collect()
}
