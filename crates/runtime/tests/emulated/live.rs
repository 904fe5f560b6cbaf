use crate::{PHONE, getprop, map, running, runtime, spec};
use emulator::Power;
use runtime::{Reason, Runtime, Stage, Want};

fn live<const N: usize>(pairs: [(&str, &str); N]) -> Want {
    Want::Live { properties: map(pairs) }
}

#[tokio::test]
async fn properties_are_set_on_a_running_phone_without_a_restart() {
    let runtime = runtime();
    runtime
        .apply(&spec(PHONE, 1), &live([("sys.a", "1"), ("persist.b", "2"), ("sys.empty", "")]))
        .await
        .unwrap();
    assert_eq!(getprop(&runtime, "sys.a").as_deref(), Some("1"));
    assert_eq!(getprop(&runtime, "persist.b").as_deref(), Some("2"));
    assert_eq!(runtime.emulator().observe(PHONE, runtime.now_ms()).unwrap().power_cycles, 0);
}

#[tokio::test]
async fn what_only_a_boot_can_set_is_left_to_the_boot() {
    let runtime = runtime();
    let long = "v".repeat(92);
    let wanted = [("com.cph.mainkeys", "1"), ("ro.mine", "new"), ("sys.long", long.as_str())];
    runtime.apply(&spec(PHONE, 1), &live(wanted)).await.unwrap();
    assert_eq!(getprop(&runtime, "com.cph.mainkeys").as_deref(), Some("1"));
    assert_eq!(getprop(&runtime, "ro.mine").as_deref(), Some("old"));
    assert_eq!(getprop(&runtime, "sys.long"), None);

    let mut generation = spec(PHONE, 2).was;
    generation.properties.extend(map(wanted));
    runtime.apply(&spec(PHONE, 2), &running(generation)).await.unwrap();
    assert_eq!(getprop(&runtime, "ro.mine").as_deref(), Some("new"));
    assert_eq!(getprop(&runtime, "sys.long"), Some(long));
}

#[tokio::test]
async fn a_phone_that_does_not_run_is_left_alone() {
    let runtime = runtime();
    runtime.apply(&spec(PHONE, 1), &Want::Stopped).await.unwrap();
    runtime.apply(&spec(PHONE, 2), &live([("sys.a", "1")])).await.unwrap();
    assert_eq!(runtime.emulator().observe(PHONE, runtime.now_ms()).unwrap().power, Power::Off);
}

#[tokio::test]
async fn an_illegal_property_sets_none_of_them() {
    let runtime = runtime();
    let error = runtime.apply(&spec(PHONE, 1), &live([("a", "1"), ("not legal", "1")])).await.unwrap_err();
    assert_eq!(error.reason, Reason::PropertyMismatch { key: "not legal".into() });
    assert_eq!(error.stage, Stage::Check);
    runtime.apply(&spec(PHONE, 1), &live([])).await.unwrap();
    assert_eq!(getprop(&runtime, "a"), None);
}
