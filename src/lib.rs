//! hookview captures every request that is sent to it, checks signatures, and shows what came, exactly as it came.

pub mod app;
pub mod capture;
pub mod cli;
pub mod commands;
pub mod config;
pub mod exit;
pub mod export;
pub mod headless;
pub mod inspect;
pub mod outbound;
pub mod receiver;
pub mod sender;
pub mod service;
pub mod signature;
pub mod store;
pub mod tui;
pub mod ui;
