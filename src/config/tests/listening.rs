//! Where to listen, and with which certificates.

use insta::assert_snapshot;

use super::Home;
use crate::config::{Certificates, Listen, Overrides, Trust, parse_listen};

fn places(texts: &[&str]) -> Vec<Listen> {
    texts.iter().map(|text| parse_listen(text).unwrap()).collect()
}

#[test]
fn a_list_takes_the_place_of_the_port_and_a_port_on_the_command_line_that_of_the_list() {
    let home = Home::with("port = 8000\ntls = true\nlisten = [\"http://127.0.0.1:1\", \"unix:hv.sock\"]\n");
    let socket = home.path("config/hookview/hv.sock");
    assert_eq!(home.load().listen, [&places(&["http://127.0.0.1:1"])[..], &[Listen::Unix(socket)]].concat());
    let port = Overrides { port: Some(2), ..Overrides::default() };
    assert_eq!(home.load_with(&port).unwrap().listen, places(&["https://localhost:2"]));
    let listen = Overrides { listen: places(&["https://[::]:3", "unix:a"]), ..Overrides::default() };
    assert_eq!(home.load_with(&listen).unwrap().listen, listen.listen);
    assert_eq!(Home::with("listen = \"http://0.0.0.0:4\"").load().listen, places(&["http://0.0.0.0:4"]));
}

#[test]
fn who_names_a_certificate_wants_tls() {
    let https = places(&["https://localhost:9000"]);
    for text in ["tls = true", "cert = \"a.pem\"", "client_ca = \"ca.pem\""] {
        assert_eq!(Home::with(text).load().listen, https, "{text}");
    }
    let home = Home::with("cert = \"a.pem\"\nclient_ca = \"~/ca.pem\"\n").set("HOME", "/home/theo");
    let cert = home.path("config/hookview/a.pem");
    let expected = Certificates {
        own: Some((cert.clone(), cert)),
        directory: Some(home.path("state/hookview")),
        client_ca: Some("/home/theo/ca.pem".into()),
    };
    assert_eq!(home.load().certificates, expected);
    assert_eq!(home.load().trust, Trust::default());
    let flags = Overrides { cert: Some("b.pem".into()), key: Some("b.key".into()), ..Overrides::default() };
    assert_eq!(home.load_with(&flags).unwrap().certificates.own, Some(("b.pem".into(), "b.key".into())));
}

#[test]
fn what_cannot_be_listened_on_is_told_with_its_line() {
    let errors = [
        "listen = [\"http://127.0.0.1:1\",\n\"127.0.0.1:2\"]",
        "listen = [\"http://127.0.0.1:1\", \"https://localhost:1\"]",
        "listen = 9000",
        "tls = 1",
        "key = \"a.key\"",
        "handshake_timeout = \"0s\"",
    ];
    assert_snapshot!(errors.map(|text| Home::with(text).error()).join("\n"), @r#"
    config.toml:2: `listen` cannot be "127.0.0.1:2": it begins with http://, https:// or unix:
    config.toml:1: `listen` names one port twice: https:// alone takes both HTTPS and HTTP
    config.toml:1: `listen` must be a text in quotes, not 9000
    config.toml:1: `tls` must be true or false, not 1
    there is a private key and no certificate: name that too, with --cert
    config.toml:1: `handshake_timeout` must be longer than no time
    "#);
}

#[test]
fn what_is_trusted_and_shown_when_sending_is_no_wish_for_tls() {
    let home = Home::with("ca_file = \"ca.pem\"\nclient_cert = \"~/me.pem\"\n").set("HOME", "/home/theo");
    let settings = home.load();
    assert_eq!(settings.listen, places(&["http://localhost:9000"]));
    let me = std::path::PathBuf::from("/home/theo/me.pem");
    let ca_file = Some(home.path("config/hookview/ca.pem"));
    assert_eq!(settings.trust, Trust { ca_file, identity: Some((me.clone(), me.clone())), insecure: false });
    let flags = Overrides { client_key: Some("b.key".into()), ca_file: Some("b.pem".into()), ..Overrides::default() };
    let trust = home.load_with(&flags).unwrap().trust;
    assert_eq!((trust.identity, trust.ca_file), (Some((me, "b.key".into())), Some("b.pem".into())));
    let alone = Home::with("client_key = \"b.key\"").load_with(&Overrides::default()).unwrap_err();
    assert_eq!(alone.to_string(), "there is a private key and no certificate: name that too, with --client-cert");
}
