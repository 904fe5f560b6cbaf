//! Jobs that their shells do not wait for.

use super::*;

/// Runs a script that leaves a job on the phone, and what tells how that one is doing.
async fn says(guest: &Guest, script: &str) -> String {
    let mut shell = guest_shell(guest.clone(), &BTreeMap::new()).at("/data/local/tmp".to_owned());
    let (output, input) = pipe();
    let io =
        Io { stdin: crate::pipe::Input::empty(), stdout: output.clone(), stderr: output, terminal: false };
    let both = async { tokio::join!(shell.run(script, io), input.all(1 << 20)).1 };
    let said = tokio::time::timeout(std::time::Duration::from_secs(20), both).await.unwrap();
    String::from_utf8(said.unwrap()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_job_that_prints_elsewhere_is_left_to_itself() {
    let guest = phone();
    for script in [
        "nohup sleep 1000 >/dev/null 2>&1 & echo bg",
        "(sleep 1000 &>/dev/null &); echo bg",
        "sleep 1000 > f 2> g & echo bg",
        "sh -c 'sleep 1000 2>&- | cat >&- 2>&- &'; sleep 1000 2>/dev/null | cat > f 2>&1 & echo bg",
    ] {
        let begin = tokio::time::Instant::now();
        assert_eq!(says(&guest, script).await, "bg\n", "{script}");
        assert!(begin.elapsed().as_secs() < 1, "{script}");
    }
    says(&guest, "(sleep 5; echo done > done) >/dev/null 2>&1 &").await;
    assert_eq!(says(&guest, "sleep 6; cat done").await, "done\n");
}

#[tokio::test(start_paused = true)]
async fn a_job_that_may_still_print_is_waited_for_and_so_are_too_many() {
    let guest = phone();
    for script in ["sleep 5 & echo bg", "sleep 5 >/dev/null & echo bg", "sleep 5 2>&1 >/dev/null & echo bg"] {
        let begin = tokio::time::Instant::now();
        assert_eq!(says(&guest, script).await, "bg\n");
        assert!(begin.elapsed().as_secs() >= 5, "{script}");
    }
    let begin = tokio::time::Instant::now();
    says(&guest, "i=0; while [ $((i=i+1)) -lt 20 ]; do sleep 10 >/dev/null 2>&1 & done").await;
    assert!(begin.elapsed().as_secs() >= 10);
}

#[tokio::test(start_paused = true)]
async fn a_job_that_is_left_ends_with_the_boot() {
    let guest = phone();
    says(&guest, "while :; do sleep 1; done >/dev/null 2>&1 &").await;
    let place = guest.session(|session| Arc::downgrade(&session.left)).unwrap();
    assert_eq!(place.strong_count(), 2);
    guest
        .inside(|phone, _| {
            phone.end_session();
            Ok(())
        })
        .unwrap();
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(place.strong_count(), 0);
}
