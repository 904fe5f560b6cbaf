use crate::{PHONE, generation, getprop, map, new_generation, running, runtime, spec};
use emulator::{Fault, Power};
use futures::FutureExt;
use futures::future::join_all;
use runtime::{PhoneSpec, Reason, Runtime, Want};

#[tokio::test]
async fn a_lower_epoch_is_refused_and_touches_nothing() {
    let runtime = runtime();
    runtime.apply(&spec(PHONE, 7), &running(new_generation())).await.unwrap();
    runtime.emulator().drain_log();
    let wants = [running(spec(PHONE, 6).was), Want::Stopped, Want::Live { properties: map([("a", "1")]) }];
    for want in wants {
        let error = runtime.apply(&spec(PHONE, 6), &want).await.unwrap_err();
        assert_eq!(error.reason, Reason::Fenced, "{want:?}");
    }
    assert_eq!(runtime.emulator().drain_log(), []);
    runtime.apply(&spec(PHONE, 7), &running(new_generation())).await.unwrap();
    runtime.apply(&spec("other", 1), &running(new_generation())).await.unwrap();
}

#[tokio::test]
async fn a_waiting_attempt_that_is_overtaken_leaves_the_phone_to_the_later_one() {
    for later_epoch in [1, 2] {
        let runtime = runtime();
        let (first_spec, first_want) = (spec(PHONE, 1), running(new_generation()));
        let third = generation("third", [("ro.mine", "third")]);
        let (later_spec, later_want) = (spec(PHONE, later_epoch), running(third));
        // The first is polled before the second, so it has begun to wait when that comes.
        let (first, later) =
            tokio::join!(runtime.apply(&first_spec, &first_want), runtime.apply(&later_spec, &later_want));
        assert_eq!(first.unwrap_err().reason, Reason::Fenced);
        later.unwrap();
        assert_eq!(getprop(&runtime, "ro.mine").as_deref(), Some("third"));
    }
}

#[tokio::test]
async fn a_failing_attempt_that_is_overtaken_puts_nothing_back() {
    let runtime = runtime();
    runtime.emulator().set_fault(PHONE, Some(Fault::DropsKeys(vec!["com.cph.mainkeys".into()])));
    let (first_spec, first_want) = (spec(PHONE, 1), running(new_generation()));
    let stop_spec = spec(PHONE, 2);
    let (first, stopped) =
        tokio::join!(runtime.apply(&first_spec, &first_want), runtime.apply(&stop_spec, &Want::Stopped));
    assert_eq!(first.unwrap_err().reason, Reason::Fenced);
    stopped.unwrap();
    assert_eq!(runtime.emulator().observe(PHONE, runtime.now_ms()).unwrap().power, Power::Off);
}

#[tokio::test]
async fn an_attempt_dropped_while_it_waits_is_repaired_by_the_next() {
    let runtime = runtime();
    let new = running(new_generation());
    assert!(runtime.apply(&spec(PHONE, 1), &new).now_or_never().is_none(), "it waits, and is dropped");
    let seen = runtime.emulator().observe(PHONE, runtime.now_ms()).unwrap();
    assert_eq!(seen.image.id, "new", "on its way");

    runtime.apply(&spec(PHONE, 2), &running(spec(PHONE, 2).was)).await.unwrap();
    assert_eq!(getprop(&runtime, "ro.mine").as_deref(), Some("old"));

    assert!(runtime.apply(&spec(PHONE, 3), &new).now_or_never().is_none());
    let was_off = PhoneSpec { was_running: false, ..spec(PHONE, 3) };
    runtime.apply(&was_off, &Want::Stopped).await.unwrap();
    let seen = runtime.emulator().observe(PHONE, runtime.now_ms()).unwrap();
    assert_eq!((seen.power, seen.image.id.as_str()), (Power::Off, "old"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_at_once() {
    let runtime = runtime();
    let phone_id = |n: usize| format!("{n:032x}");
    for n in (0..1000).step_by(10) {
        runtime.emulator().set_fault(&phone_id(n), Some(Fault::DiesLater { after_ms: 0 }));
    }
    let apply = async |n: usize| runtime.apply(&spec(&phone_id(n), 1), &running(new_generation())).await;
    let results = join_all((0..1000).map(apply)).await;
    for (n, result) in results.into_iter().enumerate() {
        let expected = if n % 10 == 0 { Err(Reason::Died) } else { Ok(()) };
        assert_eq!(result.map_err(|error| error.reason), expected, "phone {n}");
    }
    for n in 0..1000 {
        let seen = runtime.emulator().observe(&phone_id(n), runtime.now_ms()).unwrap();
        assert_eq!(seen.image.id, if n % 10 == 0 { "old" } else { "new" });
    }
}
