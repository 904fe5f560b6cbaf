//! The phone's network: `ip`, `ifconfig`, `ping`. There is one interface, from which nothing outside is reached.

use super::util::{error, print};
use crate::program::{Process, Running};

const LOOPBACK: &str =
    "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n";
const LOOPBACK_ADDRESS: &str = "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n";
const ETHERNET: &str =
    "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast state UP group default qlen 1000\n";
const ETHERNET_ADDRESS: &str = "    link/ether 52:54:00:12:34:56 brd ff:ff:ff:ff:ff:ff\n    inet 10.0.2.15/24 brd 10.0.2.255 scope global eth0\n       valid_lft forever preferred_lft forever\n";
const ROUTES: &str = "10.0.2.0/24 dev eth0 proto kernel scope link src 10.0.2.15 \n";
const ETHERNET_OLD: &str = "eth0      Link encap:Ethernet  HWaddr 52:54:00:12:34:56\n          inet addr:10.0.2.15  Bcast:10.0.2.255  Mask:255.255.255.0 \n          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1\n\n";
const LOOPBACK_OLD: &str = "lo        Link encap:Local Loopback  \n          inet addr:127.0.0.1  Mask:255.0.0.0 \n          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n\n";

/// `ip [OPTIONS] addr|link|route [show] [DEVICE]`.
pub(super) fn ip(process: Process) -> Running {
    Box::pin(async move {
        let words: Vec<&str> =
            process.arguments().iter().map(String::as_str).filter(|word| !word.starts_with('-')).collect();
        let (object, rest) = match words.split_first() {
            Some((object, rest)) => (*object, rest),
            None => return error(&process, "Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }").await,
        };
        let device = rest.iter().find(|word| !matches!(**word, "show" | "list" | "ls" | "dev" | "get"));
        let wanted = |name: &str| device.is_none_or(|device| *device == name);
        if rest.iter().any(|word| matches!(*word, "add" | "del" | "set" | "flush" | "change" | "replace")) {
            return error(&process, "RTNETLINK answers: Operation not permitted").await.saturating_add(1);
        }
        let link = |head: &str, body: &str, whole: bool| {
            let lines = if whole { usize::MAX } else { 1 };
            head.to_owned() + &body.lines().take(lines).map(|line| format!("{line}\n")).collect::<String>()
        };
        let whole = "address".starts_with(object);
        if !whole && !"link".starts_with(object) {
            if "route".starts_with(object) {
                print(&process, ROUTES).await;
                return 0;
            }
            return error(&process, &format!("Object \"{object}\" is unknown, try \"ip help\".")).await;
        }
        let mut text = String::new();
        for (name, head, body) in [("lo", LOOPBACK, LOOPBACK_ADDRESS), ("eth0", ETHERNET, ETHERNET_ADDRESS)] {
            if wanted(name) {
                text += &link(head, body, whole);
            }
        }
        if text.is_empty() {
            let name = device.copied().unwrap_or_default();
            return error(&process, &format!("Device \"{name}\" does not exist.")).await;
        }
        print(&process, text).await;
        0
    })
}

/// `ifconfig [-a] [DEVICE]`.
pub(super) fn ifconfig(process: Process) -> Running {
    Box::pin(async move {
        let names: Vec<&String> = process.arguments().iter().filter(|word| !word.starts_with('-')).collect();
        let text = match names.as_slice() {
            [] => [ETHERNET_OLD, LOOPBACK_OLD].concat(),
            [name] if *name == "eth0" => ETHERNET_OLD.to_owned(),
            [name] if *name == "lo" => LOOPBACK_OLD.to_owned(),
            [name] => return process.complain(format!("{name}: No such device")).await,
            _ => return process.complain("ioctl 8914: Operation not permitted").await,
        };
        print(&process, text).await;
        0
    })
}

/// `ping HOST`: nothing is reached.
pub(super) fn ping(process: Process) -> Running {
    Box::pin(async move {
        let Some(host) = process.arguments().last().filter(|host| !host.starts_with('-')) else {
            return process
                .complain("usage: ping [-c count] [-w deadline] destination")
                .await
                .saturating_add(1);
        };
        if host.parse::<std::net::IpAddr>().is_err() {
            return process.complain(format!("unknown host {host}")).await.saturating_add(1);
        }
        error(&process, "connect: Network is unreachable").await.saturating_add(1)
    })
}
