//! The real server on a free port against clients that speak raw TCP, and hyper's HTTP/2 client.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod faults;
mod http1;
mod http2;
mod listening;
mod plays;
mod plays_http2;
mod support;
mod tls;
mod unix;
