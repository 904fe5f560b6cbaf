use super::limits::*;
use super::*;
use std::time::Duration;

/// What a script gives, if it ends in time.
async fn ends(script: &str) -> (String, String, u8) {
    tokio::time::timeout(Duration::from_secs(60), run(script)).await.unwrap()
}

#[tokio::test]
async fn a_script_that_is_too_long_is_refused() {
    let (_, err, code) = ends(&" ".repeat(SCRIPT_BYTES_MAX + 1)).await;
    assert_eq!((err.as_str(), code), ("/system/bin/sh: Argument list too long\n", 126));
    assert_eq!(ends(&" ".repeat(SCRIPT_BYTES_MAX)).await.2, 0);
}

#[tokio::test]
async fn text_that_nests_too_deep_is_refused_whatever_nests() {
    for (open, close) in [
        ("(", ")"),
        ("{ ", "; }"),
        ("if ", "; then :; fi"),
        ("echo $(", ")"),
        ("echo ${x:-", "}"),
        ("echo \"$(", ")\""),
        ("[[ ! ", " ]]"),
        ("f() ", ""),
        ("while ", "; do :; done"),
        ("case $(", ") in esac"),
        ("echo \"${x:-", "}\""),
    ] {
        let script = format!("{}:{}", open.repeat(3000), close.repeat(3000));
        let (_, err, code) = ends(&script).await;
        assert_ne!(code, 0, "{open}");
        assert!(!err.is_empty(), "{open}");
    }
    let (_, err, _) = ends(&format!("echo $(({}1{}))", "(".repeat(9000), ")".repeat(9000))).await;
    assert!(err.contains("expression recurses"), "{err:.100}");
    let (_, _, code) = ends(&format!("[ {} a ]", "! ".repeat(9000))).await;
    assert_eq!(code, 2);
}

#[tokio::test]
async fn recursion_ends_with_a_complaint_and_the_stack_holds() {
    for script in [
        "f() { f; }; f",
        "f() { if true; then { f; }; fi; }; f",
        "f() { (f); }; f",
        "f() { echo $(f); }; f",
        "f() { x=`f`; }; f",
        "f() { f | cat; }; f",
        "f() { eval f; }; f",
        "f() { for x in 1; do case a in a) [[ a == a ]] && f;; esac; done; }; f",
        "/data/again",
        "echo . /data/me > /data/me; . /data/me",
    ] {
        let (_, err, _) = ends(script).await;
        assert!(err.contains("recursion too deep"), "{script}: {err:.200}");
    }
}

#[tokio::test]
async fn variables_have_a_size() {
    let grow = "x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done";
    let (_, err, code) = ends(grow).await;
    assert_eq!((err.as_str(), code), ("/system/bin/sh: x: Cannot allocate memory\n", 2));
    let many =
        "x=a; i=0; while [ ${#x} -lt 100000 ]; do x=$x$x; done; while :; do i=$((i+1)); eval y$i=\\$x; done";
    let (_, err, code) = ends(many).await;
    assert!(err.ends_with(": Cannot allocate memory\n"), "{err:.200}");
    assert_eq!(code, 2);
}

#[tokio::test]
async fn what_a_substitution_gives_has_a_size() {
    let (_, err, code) = ends("x=$(yes); echo never").await;
    assert_eq!((err.as_str(), code), ("/system/bin/sh: Cannot allocate memory\n", 1));
}

#[tokio::test]
async fn arguments_have_a_size() {
    let long = "x=a; while [ ${#x} -lt 131072 ]; do x=$x$x; done; args $x; echo $?";
    let (out, err, _) = ends(long).await;
    assert_eq!((out.as_str(), err.as_str()), ("126\n", "/system/bin/sh: args: Argument list too long\n"));
    let (_, err, code) =
        ends("x=a; while [ ${#x} -lt 200000 ]; do x=$x$x; done; : {$x,$x,$x,$x}{$x,$x,$x,$x}").await;
    assert_eq!((err.as_str(), code), ("/system/bin/sh: Argument list too long\n", 1));
}

#[tokio::test]
async fn the_environment_has_a_size_and_all_programs_together() {
    let grow = "x=a; while [ ${#x} -lt 60000 ]; do x=$x$x; done; x=${x%?????}";
    let (out, err, _) = ends(&format!("{grow}; export a=$x b=$x c=$x d=$x; true; code 7; echo $?")).await;
    assert_eq!((out.as_str(), err.as_str()), ("126\n", "/system/bin/sh: code: Argument list too long\n"));
    let jobs =
        "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do sleep 100 & done";
    let all = format!("{grow}; export a=$x b=$x c=$x; for j in 1 2 3 4 5 6 7; do ({jobs}) & done; wait");
    let (_, err, _) = ends(&all).await;
    assert!(err.contains("sleep: Cannot allocate memory"), "{err:.200}");
}

#[tokio::test]
async fn the_variables_of_all_shells_together_have_a_size() {
    let script = "x=a; while [ ${#x} -lt 100000 ]; do x=$x$x; done; f() { local a=$x$1 b=$x$1; (f 1$1); }; f";
    let (_, err, _) = ends(script).await;
    assert!(err.contains("recursion too deep") || err.contains("Cannot allocate memory"), "{err:.200}");
    let many = "for i in $(args {1,2,3,4,5,6,7,8}{1,2,3,4}); do { y=$x$i z=$x$i a=$x$i b=$x$i c=$x$i d=$x$i e=$x$i; sleep 100; } & done; wait";
    let script = format!("x=a; while [ ${{#x}} -lt 100000 ]; do x=$x$x; done; x=${{x%?}}; {many}");
    let (_, err, _) = ends(&script).await;
    assert!(err.contains("Cannot allocate memory"), "{err:.200}");
}

#[tokio::test]
async fn functions_jobs_and_stages_have_a_number() {
    let (_, err, _) = ends("i=0; while :; do i=$((i+1)); eval \"f$i() { :; }\"; done").await;
    assert!(err.contains(&format!("f{}: Cannot allocate memory", FUNCTIONS_MAX + 1)), "{err}");
    let jobs = "i=0; while [ $i -lt 40 ]; do i=$((i+1)); sleep 50 & done";
    assert!(ends(jobs).await.1.contains("can't fork - try again"));
    let (_, err, code) = ends(&vec![":"; STAGES_MAX + 1].join("|")).await;
    assert_eq!((err.as_str(), code), ("/system/bin/sh: syntax error: nested too deep\n", 1));
    let (_, err, _) = ends(&format!(": {}", "2>&1 ".repeat(REDIRECTS_MAX + 1))).await;
    assert_eq!(err, "/system/bin/sh: too many redirections\n");
}

#[tokio::test]
async fn a_fork_bomb_is_short_of_processes() {
    let (_, err, _) = ends("f() { f | f & f | f; }; f").await;
    assert!(err.contains("can't fork") || err.contains("too deep"), "{err:.200}");
}

#[tokio::test]
async fn hard_patterns_end() {
    let pattern = "*a".repeat(200);
    let script = format!(
        "x=a; while [ ${{#x}} -lt 60000 ]; do x=$x$x; done; case $x in {pattern}b) echo;; esac; y=${{x%%{pattern}b}}; y=${{x//{pattern}b/}}; echo end"
    );
    assert_eq!(ends(&script).await.0, "end\n");
    for braces in
        ["{a,b}".repeat(30), "{a,b}".repeat(2000), format!("{}{}", "{a,".repeat(9000), "}".repeat(9000))]
    {
        let (out, err, code) = ends(&format!("echo {braces}; echo end")).await;
        assert_eq!((out.as_str(), code), ("", 1));
        assert_eq!(err, "/system/bin/sh: Argument list too long\n");
    }
}

/// How long this thread has had a processor: others that test at the same time do not count. Where the kernel does
/// not say that, how long it has been there.
fn worked(since: std::time::Instant) -> Duration {
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = said.and_then(|text| text.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

/// Runs a script with a ticker beside it on the only thread; gives the most work between two ticks.
fn longest_turn(script: &str) -> Duration {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let script = script.to_owned();
        let work =
            tokio::spawn(async move { tokio::time::timeout(Duration::from_secs(1), run(&script)).await });
        let begin = std::time::Instant::now();
        let (mut last, mut longest) = (worked(begin), Duration::ZERO);
        while !work.is_finished() {
            tokio::task::yield_now().await;
            let now = worked(begin);
            longest = longest.max(now - last);
            last = now;
        }
        longest
    })
}

#[test]
fn who_shares_the_thread_with_a_hard_script_gets_a_turn() {
    let grown = "x=a; while [ ${#x} -lt 32768 ]; do x=$x$x; done";
    let always = |command: &str| format!("{grown}; i=0; while [ $((i=i+1)) -lt 1000 ]; do {command}; done");
    let nested = format!("echo {}{}", "{a,".repeat(10_000), "}".repeat(10_000));
    for command in [
        nested.clone(),
        format!("eval '{nested}'"),
        format!("eval 'echo {} > /dev/null'", "{a,b}".repeat(11)),
        format!("eval 'echo {}'", "{a,b}".repeat(2000)),
        "y=${x//*1*2*3/4}".to_owned(),
        "y=${x%%*1*2*3}; y=${x##*1*2*3}; y=${x//a/bb}".to_owned(),
        "case $x in *a*a*a*a*a*a*a*b*) ;; esac".to_owned(),
        "[[ $x == *a*a*a*a*a*a*b ]]".to_owned(),
        format!("{} true", "eval ".repeat(20_000)),
        format!("eval {}", ": ".repeat(60_000)),
    ] {
        let turn = longest_turn(&always(&command));
        assert!(turn < Duration::from_millis(200), "{command:.60}: {turn:?}");
    }
}

#[tokio::test]
async fn an_endless_loop_lets_others_run_and_dies_when_it_is_dropped() {
    for script in ["while :; do :; done", "until false; do done", "f() { :; }; while f; do f; done"] {
        assert!(tokio::time::timeout(Duration::from_millis(100), run(script)).await.is_err(), "{script}");
    }
}

#[tokio::test]
async fn a_dropped_run_leaves_nothing_behind() {
    let mut shell = Shell::new(Machine::new(), &BTreeMap::new(), "/".into());
    let (output, out) = pipe();
    let io = Io { stdin: Input::empty(), stdout: output.clone(), stderr: output, terminal: false };
    let script = "yes & (yes | cat) & yes > /data/new & sleep 100000";
    assert!(tokio::time::timeout(Duration::from_millis(20), shell.run(script, io)).await.is_err());
    let read_all = async { while out.next().await.is_some() {} };
    tokio::time::timeout(Duration::from_secs(20), read_all).await.unwrap();
}

#[test]
fn any_bytes_are_read_as_a_script_without_panic() {
    let mut rng = Rng::of(3, "fuzz", 1);
    let pieces = [
        "$(", "${", "}", ")", "`", "'", "\"", "\\", "((", "))", "[[", "]]", "<<E\n", "E\n", "\n", ";", ";;",
        "&", "&&", "|", "||", "if ", "then ", "fi ", "case ", " in ", "esac ", "for x", "do ", "done ", "{ ",
        "f() ", "x=", "a", "é", " ", "#", "/", ":", "%", "$'", "2>", ">&", "<<<", "~", "*", "[a-", "!", "\0",
        "\r", "0x", "1",
    ];
    for _ in 0..3000 {
        let mut text = String::new();
        for _ in 0..rng.word() % 40 {
            text.push_str(pieces[rng.word() as usize % pieces.len()]);
        }
        fuzz_script(text.as_bytes());
    }
    fuzz_script(&[0xff, 0xfe, b'$', b'{']);
}
