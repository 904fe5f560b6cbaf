use crate::apps::installer;
use crate::clock::Still;
use crate::emulator::{Config, Emulator};
use crate::guest::Guest;
use crate::phone::image::Image;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

const DEADLINE: Duration = Duration::from_secs(20);

fn guest(data_dir: &Path) -> Guest {
    let config = Config { data_dir: Some(data_dir.into()), ..Config::default() };
    let emulator = Arc::new(Emulator::new(config).unwrap());
    let image = Image {
        id: "i".into(),
        name: "i".into(),
        android_version: "11".into(),
        build_properties: Arc::default(),
    };
    emulator.add("phone", Arc::new(image), &BTreeMap::new(), true, 100_000).unwrap();
    Guest::enter(emulator, "phone", Arc::new(Still)).unwrap()
}

fn one_worker() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).build().unwrap()
}

#[test]
fn a_disk_that_does_not_answer_holds_up_no_other_task_of_the_thread() {
    let dir = tempfile::tempdir().unwrap();
    let index = dir.path().join("phone");
    assert!(Command::new("mkfifo").arg(&index).status().unwrap().success());
    let runtime = one_worker();
    let (guest, (ended, end)) = (guest(dir.path()), mpsc::channel());
    // Waits until somebody opens the other end.
    runtime.spawn(async move { ended.send(guest.list("/data").is_err()) });
    runtime.spawn(async move { std::fs::write(index, "damaged") });
    let ended = end.recv_timeout(DEADLINE);
    runtime.shutdown_background();
    assert_eq!(ended, Ok(true));
}

#[test]
fn who_waits_to_change_the_packages_holds_up_no_other_task_of_the_thread() {
    let dir = tempfile::tempdir().unwrap();
    let runtime = one_worker();
    let (guest, (ended, end), (other, began)) = (guest(dir.path()), mpsc::channel(), mpsc::channel());
    guest
        .one_at_a_time(|| {
            let guest = guest.clone();
            runtime.spawn(async move { ended.send(installer::edit(&guest, |_| Ok(()))) });
            runtime.spawn(async move { other.send(()) });
            assert_eq!(began.recv_timeout(DEADLINE), Ok(()));
        })
        .unwrap();
    assert_eq!(end.recv_timeout(DEADLINE), Ok(Ok(())));
}
