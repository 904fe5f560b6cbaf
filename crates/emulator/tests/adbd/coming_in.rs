//! Who gets in, and when.

use crate::{BOOT_MS, PHONE, SOON, Yard, opened_by, shell};
use adb::auth::PrivateKey;
use adb::host::{Host, HostError};
use emulator::adbd::{Access, AdbdError};
use emulator::{Error, Fault};
use tokio::time::timeout;

#[tokio::test]
async fn the_banner_names_the_phone() {
    let host = Yard::new().host().await;
    assert_eq!(host.banner().kind, "device");
    let name = |key| host.banner().property(key).unwrap().to_owned();
    let names = ["ro.product.name", "ro.product.model", "ro.product.device"].map(name);
    assert_eq!(names, ["yard", "Yard One", "y1"]);
    assert!(host.banner().has("shell_v2") && !host.banner().has("delayed_ack"));
}

#[tokio::test(start_paused = true)]
async fn a_registered_key_opens_the_phone_and_no_other_does() {
    let yard = Yard::new();
    let [mine, also_mine, strange] = [(); 3].map(|()| PrivateKey::generate().unwrap());
    for key in [&mine, &also_mine] {
        let mut host = yard.enter(opened_by(&[&mine, &also_mine]), key).await.unwrap();
        assert_eq!(shell(&mut host, "echo in").await.0, "in\n");
    }
    let refused = yard.enter(opened_by(&[&mine]), &strange).await;
    assert!(matches!(refused, Err(HostError::Unauthorized | HostError::Deadline(_))), "{refused:?}");
    let refused = yard.enter(opened_by(&[]), &mine).await;
    assert!(matches!(refused, Err(HostError::Unauthorized | HostError::Deadline(_))), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn a_client_without_a_key_is_let_go_in_the_end() {
    let yard = Yard::new();
    let (ours, served) = yard.dial(opened_by(&[]));
    let strange = PrivateKey::generate().unwrap();
    assert!(Host::connect(ours, Some(&strange), SOON).await.is_err());
    let ended = served.await.unwrap();
    assert!(matches!(ended, Err(AdbdError::Unauthorized | AdbdError::Io(_))), "{ended:?}");
}

#[tokio::test(start_paused = true)]
async fn a_client_waits_for_a_phone_that_boots() {
    let yard = Yard::new();
    yard.restart();
    let waiting = yard.host();
    tokio::pin!(waiting);
    assert!(timeout(SOON / 2, waiting.as_mut()).await.is_err(), "nothing runs yet");
    yard.clock.advance(BOOT_MS / 2);
    let mut host = waiting.await;
    assert_eq!(shell(&mut host, "getprop sys.boot_completed").await.0, "\n", "adbd is up before the boot is");
    yard.clock.advance(BOOT_MS / 2);
    assert_eq!(shell(&mut host, "getprop sys.boot_completed").await.0, "1\n");
}

#[tokio::test(start_paused = true)]
async fn a_phone_that_is_off_lets_a_client_go_unless_it_is_to_be_started() {
    let yard = Yard::new();
    yard.emulator.stop(PHONE, 0).unwrap();
    let (_ours, served) = yard.dial(Access::default());
    assert!(matches!(served.await.unwrap(), Err(AdbdError::Phone(Error::NotOn))));

    let (ours, _served) = yard.dial(Access { pending: true, ..Access::default() });
    tokio::task::yield_now().await;
    yard.restart();
    yard.clock.advance(BOOT_MS);
    assert_eq!(shell(&mut Host::connect(ours, None, SOON).await.unwrap(), "echo up").await.0, "up\n");
}

#[tokio::test(start_paused = true)]
async fn nobody_gets_into_a_phone_whose_adbd_stays_down() {
    let yard = Yard::new();
    yard.emulator.set_fault(PHONE, Some(Fault::NoAdb));
    yard.restart();
    yard.clock.advance(BOOT_MS);
    let (ours, served) = yard.dial(Access::default());
    assert!(matches!(Host::connect(ours, None, SOON).await, Err(HostError::Deadline(_))));
    assert!(matches!(served.await.unwrap(), Err(AdbdError::Phone(Error::NotOn))));
}

#[tokio::test]
async fn a_connection_ends_with_the_boot_and_the_next_one_is_into_the_next() {
    let yard = Yard::new();
    let (ours, served) = yard.dial(Access::default());
    let mut host = Host::connect(ours, None, SOON).await.unwrap();
    let (before, ..) = shell(&mut host, "getprop ro.runtime.boot_id").await;
    yard.restart();
    served.await.unwrap().unwrap();
    assert!(host.shell("echo still here", crate::limits()).await.is_err());
    yard.clock.advance(BOOT_MS);
    let (after, ..) = shell(&mut yard.host().await, "getprop ro.runtime.boot_id").await;
    assert_ne!(before, after);
}

#[tokio::test]
async fn a_phone_that_dies_ends_its_connections() {
    let yard = Yard::new();
    let (ours, served) = yard.dial(Access::default());
    let _host = Host::connect(ours, None, SOON).await.unwrap();
    yard.emulator.kill(PHONE, 0).unwrap();
    served.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_phone_that_was_only_looked_at_takes_no_more_memory_than_before() {
    let yard = Yard::new();
    let before = yard.emulator.memory_bytes();
    let (ours, served) = yard.dial(Access::default());
    let mut host = Host::connect(ours, None, SOON).await.unwrap();
    shell(&mut host, "getprop sys.boot_completed").await;
    assert!(yard.emulator.memory_bytes() > before, "somebody is inside");
    drop(host);
    served.await.unwrap().unwrap();
    assert_eq!(yard.emulator.memory_bytes(), before);
}
