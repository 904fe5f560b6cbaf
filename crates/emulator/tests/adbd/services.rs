//! What a client can do once it is in.

use crate::{PHONE, SOON, Yard, shell};
use adb::host::{Host, HostError};
use emulator::Action;
use emulator::adbd::Access;

#[tokio::test]
async fn a_command_has_its_output_errors_and_exit_code_apart() {
    let yard = Yard::new();
    let mut host = yard.host().await;
    let ran = shell(&mut host, "echo out; echo err >&2; exit 7").await;
    assert_eq!(ran, ("out\n".into(), "err\n".into(), Some(7)));
    let (out, err, exit) = shell(&mut host, "nosuch").await;
    assert_eq!((out.as_str(), exit), ("", Some(127)));
    assert_eq!(err, "/system/bin/sh: nosuch: inaccessible or not found\n");
}

#[tokio::test]
async fn files_come_back_as_they_were_sent_and_folders_are_made() {
    let yard = Yard::new();
    let mut host = yard.host().await;
    let big: Vec<u8> = (0..3_000_000_u32).map(|n| (n * 7 % 251) as u8).collect();
    for (path, bytes) in [("/data/local/tmp/a/b/big", big.as_slice()), ("/sdcard/empty", b"")] {
        host.push(path, 0o644, 1_700_000_000, bytes).await.unwrap();
        assert_eq!(host.pull(path, big.len()).await.unwrap(), bytes, "{path}");
    }
    let refused = host.push("/system/x", 0o644, 0, &big).await.unwrap_err().to_string();
    assert!(refused.contains("Read-only file system"), "{refused}");
    let missing = host.pull("/nope", 10).await.unwrap_err();
    assert!(matches!(&missing, HostError::Failed(why) if why == "No such file or directory"), "{missing}");
    assert_eq!(shell(&mut host, "echo still here").await.0, "still here\n");
}

#[tokio::test]
async fn a_reboot_is_a_power_cycle_and_ends_the_connection() {
    let yard = Yard::new();
    let (ours, served) = yard.dial(Access::default());
    let mut host = Host::connect(ours, None, SOON).await.unwrap();
    yard.emulator.drain_log();
    let _ = host.service("reboot:", &[], crate::limits()).await;
    served.await.unwrap().unwrap();
    let log: Vec<Action> = yard.emulator.drain_log().into_iter().map(|entry| entry.action).collect();
    assert!(matches!(log.as_slice(), [Action::Stopped, Action::Started { .. }]), "{log:?}");
    assert_eq!(yard.emulator.observe(PHONE, 10_000).unwrap().power_cycles, 1);
}

#[tokio::test]
async fn adbd_becomes_root_and_what_is_read_only_can_be_written_then() {
    let yard = Yard::new();
    let ask = async |service: &str| {
        let mut host = yard.host().await;
        String::from_utf8(host.service(service, &[], crate::limits()).await.unwrap()).unwrap()
    };
    assert_eq!(ask("remount:").await, "Not running as root. Try \"adb root\" first.\n");
    assert_eq!(ask("root:").await, "restarting adbd as root\n");
    assert_eq!(ask("root:").await, "adbd is already running as root\n");
    assert_eq!(ask("remount:").await, "remount succeeded\n");
    yard.host().await.push("/system/x", 0o644, 0, b"mine").await.unwrap();
    assert_eq!(ask("unroot:").await, "restarting adbd as non root\n");
    assert_eq!(ask("unroot:").await, "adbd not running as root\n");
    assert_eq!(ask("tcpip:5555").await, "restarting in TCP mode port: 5555\n");
}

#[tokio::test]
async fn what_there_is_not_is_refused_and_the_connection_goes_on() {
    let yard = Yard::new();
    let mut host = yard.host().await;
    let services = [
        "usb:",
        "jdwp:1",
        "track-jdwp",
        "framebuffer:",
        "reverse:forward:tcp:1;tcp:2",
        "localabstract:scrcpy",
        "tcp:80",
        "tcp:5555x",
        "abb_exec:package",
        "backup:",
        "",
        ":",
        "shell",
        "host:version",
        "sync:x",
    ];
    for service in services {
        let refused = host.service(service, &[], crate::limits()).await;
        assert!(matches!(refused, Err(HostError::Refused { .. })), "{service:?}: {refused:?}");
    }
    assert_eq!(shell(&mut host, "echo still here").await.0, "still here\n");
}

#[tokio::test]
async fn adbd_that_restarts_as_root_ends_everybodys_connection() {
    let yard = Yard::new();
    let (ours, served) = yard.dial(Access::default());
    let mut other = Host::connect(ours, None, SOON).await.unwrap();
    assert_eq!(shell(&mut other, "id -u").await.0, "2000\n");
    yard.host().await.service("root:", &[], crate::limits()).await.unwrap();
    served.await.unwrap().unwrap();
    assert_eq!(shell(&mut yard.host().await, "id -u").await.0, "0\n");
}
