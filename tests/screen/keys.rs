//! What keys do: a model, keys, and what is then so.

use super::desk::{Desk, at, request};

#[test]
fn r_opens_the_sheet() {
    let mut desk = Desk::new((80, 24), &[("pm", "x")]);
    let capture = desk.store(request("POST", "/hook", &[], "{}"), at("12:00:00"));
    desk.arrive(&[capture]);
    println!("{}", desk.text());
    desk.keys("r");
    println!("{}", desk.text());
    panic!();
}
