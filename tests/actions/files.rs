//! Answers from files.

use std::path::Path;

use hookview::capture::Answer;
use hookview::rules::{Plan, Source};

use crate::stage::{House, made_by};

fn file(path: impl AsRef<Path>, within: &Path) -> Plan {
    made_by(Source::File { path: path.as_ref().to_owned(), within: within.to_owned() })
}

#[tokio::test]
async fn a_file_is_the_body_and_its_name_says_the_type() {
    let place = tempfile::tempdir().unwrap();
    let body = vec![0xff_u8; 3 << 20];
    std::fs::write(place.path().join("a.JSON"), &body).unwrap();
    let within = place.path().to_owned();
    let house = House::open().plans(move |_| file("a.JSON", &within));
    let answer = house.exchange("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").await;
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 3145728\r\n";
    assert!(answer.starts_with(head), "{}", answer[..200].escape_ascii());
    assert!(answer.ends_with(&body));
    let capture = house.capture("").await;
    let mut typed = file("a.JSON", place.path());
    typed.answer.headers.push("content-type", "text/x");
    let answer = house.carry_out(typed, &capture).await;
    assert_eq!(answer.headers.all("Content-Type").collect::<Vec<_>>(), [b"text/x"]);
}

#[tokio::test]
async fn what_cannot_be_read_is_said_to_the_user_and_not_to_the_client() {
    let place = tempfile::tempdir().unwrap();
    let within = place.path().join("rules");
    std::fs::create_dir(&within).unwrap();
    std::fs::write(place.path().join("secret"), "secret").unwrap();
    let house = House::open();
    let capture = house.capture("").await;
    for (path, status, sentence) in
        [("../secret", 500, " is outside of "), ("none", 404, " is not there"), (".", 500, " is not a file")]
    {
        let Answer { status: got, body, note, rule, .. } = house.carry_out(file(path, &within), &capture).await;
        assert_eq!((got, rule.as_str()), (status, "r"));
        assert!(note.contains(sentence), "{note}");
        assert!(body.starts_with(b"The file that would be the answer"));
    }
}
