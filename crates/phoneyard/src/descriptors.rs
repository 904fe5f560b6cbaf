//! File descriptors: every connection and every listener takes one, and a service that runs out of them cannot even
//! say so to its clients.

use crate::config::Config;
use rustix::process::{Resource, getrlimit, setrlimit};

/// For the database, the phones' files, logs and the operator's socket.
const RESERVE: u64 = 512;

/// Lets this process have as many as the system allows, and warns when that is less than the settings may need.
pub fn raise(config: &Config) {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let wanted = rustix::process::Rlimit { current: limit.maximum, ..limit };
        match setrlimit(Resource::Nofile, wanted) {
            Ok(()) => limit = wanted,
            Err(error) => tracing::warn!(%error, "the limit of file descriptors cannot be raised"),
        }
    }
    let (needed, allowed) = (needed(config), limit.current.unwrap_or(u64::MAX));
    if needed > allowed {
        tracing::warn!(
            needed,
            allowed,
            "with all connections and ports in use there would not be enough file descriptors; raise the system's \
             limit (ulimit -n) or lower limits.connections, emulated.adb_connections or emulated.adb_ports"
        );
    }
}

/// Descriptors that the settings allow to be in use at once.
fn needed(config: &Config) -> u64 {
    let ports = config.emulated.adb_ports.as_ref().map_or(0, |ports| ports.0.len() as u64);
    let adb = if ports > 0 { config.emulated.adb_connections as u64 } else { 0 };
    RESERVE + config.limits.connections as u64 + ports + adb
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_and_connections_are_added_up() {
        let mut config = Config::default();
        assert_eq!(needed(&config), RESERVE + 10_000, "no ports, no adb");
        config.emulated.adb_ports = "20000-20009".parse().ok();
        assert_eq!(needed(&config), RESERVE + 10_000 + 10 + 4096);
    }
}
