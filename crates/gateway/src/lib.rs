//! Ways to the phones from outside. Today that is ADB: a port on this machine's loopback for each phone that
//! somebody asked for ([`AdbGateway::open`]), the same one for ever. Phones that nobody asked for cost nothing.
//!
//! A connection is handed to the runtime whole; the gateway knows only whose phone it is and which keys open
//! it.

mod adb_gateway;
mod ports;
mod prompt_stream;

pub use adb_gateway::{AdbConfig, AdbGateway, FindPhone, Found};
