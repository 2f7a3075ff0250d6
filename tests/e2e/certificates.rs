//! Certificates on both sides: one that is renewed while hookview runs, and one that is shown to who asks for it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use hookview::export::Url;
use rcgen::{CertificateParams, KeyPair};
use rustix::process::Signal;

use super::House;
use super::headless::{Headless, started};

impl House {
    /// Writes a certificate that vouches for itself, and its key, as NAME.pem and NAME.key.
    fn certify(&self, name: &str) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().self_signed(&key).unwrap();
        fs::write(self.path(&format!("{name}.pem")), certificate.pem()).unwrap();
        fs::write(self.path(&format!("{name}.key")), key.serialize_pem()).unwrap();
    }

    /// What `hookview sample` prints, without the address.
    fn sample(&self, url: &Url, arguments: &[&str]) -> String {
        let url = url.to_string();
        let mut command = self.hookview(&["sample", "netbox-created", "--to", &url]);
        let output = command.args(arguments).current_dir(self.path("")).output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        text.trim_end().trim_start_matches("hookview: ").replace(&format!("netbox-created to {url}: "), "")
    }
}

#[test]
fn certificates_are_shown_to_who_asks_and_read_again_when_they_are_renewed() {
    let house = House::new();
    for name in ["server", "me", "stranger", "next"] {
        house.certify(name);
    }
    let places = ["--listen", "http://127.0.0.1:0", "--listen", "https://127.0.0.1:0"];
    let mut command = house.hookview(&["--cert", "server.pem", "--key", "server.key", "--client-ca", "me.pem"]);
    let (child, mut said, address) = started(command.args(places).current_dir(house.path("")).stdout(Stdio::null()));
    let running = Headless::of(child, address);
    let mut says = || said.next().unwrap().unwrap();
    let url: Url = says().strip_prefix("listening on ").map(|url| format!("{url}/hook")).unwrap().parse().unwrap();

    let [trusting, me] = [["--cacert", "server.pem"], ["--client-cert", "me.pem"]];
    let showing = |more: &[&'static str]| house.sample(&url, &[&trusting[..], more].concat());
    assert_eq!(showing(&[me[0], me[1], "--client-key", "me.key"]), "200 OK");
    assert_eq!(
        showing(&[]),
        "TLS: the target asks for a client's certificate: give one with --client-cert and --client-key"
    );
    assert_eq!(
        showing(&["--client-cert", "stranger.pem", "--client-key", "stranger.key"]),
        "TLS: the target does not accept our certificate, or misses it: see --client-cert"
    );
    let alone = showing(&me);
    assert!(alone.starts_with("cannot use the private key in me.pem: there is none: "), "{alone}");
    let mixed = showing(&[me[0], me[1], "--client-key", "next.key"]);
    assert_eq!(mixed, "cannot use the private key in next.key: it does not belong to the certificate in me.pem");

    fs::copy(house.path("next.pem"), house.path("server.pem")).unwrap();
    let refused = says();
    assert!(refused.starts_with("hookview: the private key in server.key does not belong to"), "{refused}");
    assert!(refused.ends_with("; the certificates of before stay"), "{refused}");
    let shown = |ca: &str| house.sample(&url, &["--cacert", ca, me[0], me[1], "--client-key", "me.key"]);
    assert!(shown("next.pem").contains("is not trusted"), "the pair of before is still shown");
    fs::rename(house.path("next.key"), house.path("server.key")).unwrap();
    assert_eq!(says(), "hookview: certificates read again");
    assert_eq!(shown("next.pem"), "200 OK");
    running.signal(Signal::HUP);
    assert!(says().starts_with("hookview: re-checked "));
}

#[test]
fn a_certificate_that_hookview_made_is_shown_as_long_as_it_runs() {
    let house = House::new();
    ["me", "stranger"].into_iter().for_each(|name| house.certify(name));
    let mut command = house.hookview(&["--client-ca", "me.pem", "--listen", "https://127.0.0.1:0"]);
    let mut child = command.current_dir(house.path("")).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let address = said.find_map(|line| line.strip_prefix("listening on https://").map(|text| text.parse().unwrap()));
    let running = Headless::of(child, address.unwrap());
    let url: Url = format!("https://{}/hook", running.address).parse().unwrap();
    let made = house.path("home/.local/state/hookview/tls.pem");
    let before = fs::read_to_string(&made).unwrap();
    let shown = |name: &str| {
        let (cert, key) = (format!("{name}.pem"), format!("{name}.key"));
        let ca = made.to_str().unwrap();
        house.sample(&url, &["--cacert", ca, "--client-cert", &cert, "--client-key", &key])
    };
    assert_eq!(shown("me"), "200 OK");
    let key = house.path("home/.local/state/hookview/tls.key");
    fs::set_permissions(key, fs::Permissions::from_mode(0o644)).unwrap();
    fs::copy(house.path("stranger.pem"), house.path("next.pem")).unwrap();
    fs::rename(house.path("me.pem"), house.path("other.pem")).unwrap();
    fs::rename(house.path("next.pem"), house.path("me.pem")).unwrap();
    assert!(said.any(|line| line == "hookview: certificates read again"));
    assert_eq!(fs::read_to_string(&made).unwrap(), before);
    assert_eq!(shown("stranger"), "200 OK");
    running.signal(Signal::HUP);
    assert!(said.any(|line| line.starts_with("hookview: re-checked ")));
}
