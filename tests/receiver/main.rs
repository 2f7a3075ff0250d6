//! The real server on a free port against clients that speak raw TCP, and hyper's HTTP/2 client.

mod faults;
mod http1;
mod http2;
mod listening;
mod support;
