//! Programs and shells that run each other, on a stack of two mebibytes: the least that a thread of ours has.

use super::*;

const STACK_BYTES: usize = 2 * 1024 * 1024;

/// Runs a script on a stack of its own; an overflow ends the whole test run.
fn deep(script: &str) -> (String, u8) {
    let script = format!("cd /data/local/tmp; {script}");
    let work = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let ended = async { tokio::time::timeout(std::time::Duration::from_secs(120), run(&script)).await };
        runtime.block_on(ended).unwrap()
    };
    std::thread::Builder::new().stack_size(STACK_BYTES).spawn(work).unwrap().join().unwrap()
}

/// What is put around a call of `f`, so that it nests while `f` runs.
const AROUND: &[(&str, &str)] = &[
    ("", ""),
    ("(", ")"),
    ("{ ", "; }"),
    ("echo $(", ")"),
    ("x=$(", "); echo $x"),
    ("echo `", "`"),
    ("eval \"", "\""),
    ("eval '", "'"),
    ("", " | cat"),
    ("true | ", ""),
    ("! ", ""),
    ("time ", ""),
    ("command eval ", ""),
    ("if true; then ", "; fi"),
    ("if ", "; then :; fi"),
    ("while ", "; do break; done"),
    ("for x in 1; do ", "; done"),
    ("for x in $(", "); do :; done"),
    ("case a in a) ", ";; esac"),
    ("case $(", ") in *) ;; esac"),
    ("[[ -n $(", ") ]]"),
    ("echo $((1 + $(", ")))"),
    ("echo ${x:-$(", ")}"),
    ("echo \"${u:-\"$(", ")\"}\""),
    ("cat <<< $(", ")"),
    ("echo > $(", ")"),
    ("true && ", " || true"),
    ("if true; then case a in a) for x in 1; do { (echo $(", ")); }; done;; esac; fi"),
];

#[test]
fn whatever_nests_in_a_function_that_calls_itself_ends_before_the_stack_does() {
    for (before, after) in AROUND {
        let (out, _) = deep(&format!("f() {{ {before}f{after}; }}; f"));
        let script = format!("{before}f{after}");
        assert!(out.contains("recursion too deep") || out.contains("can't"), "{script}: {out:.300}");
    }
}

#[test]
fn text_that_nests_in_a_function_that_calls_itself_ends_before_the_stack_does() {
    for (before, after, times) in [
        ("${u:-", "}", 40),
        ("\"${u:-", "}\"", 20),
        ("${u:-${u:+x}", "}", 40),
        ("$((1+", "))", 15),
        ("${x#", "}", 40),
        ("${x/a/", "}", 40),
    ] {
        let (before, after) = (before.repeat(times), after.repeat(times));
        let (out, _) = deep(&format!("x=1; f() {{ : {before}$(f){after}; }}; f"));
        assert!(!out.is_empty(), "{before}");
    }
    for script in [
        format!("[[ {}a ]]", "a && ".repeat(20_000)),
        format!("[[ {}a ]]", "a || ".repeat(20_000)),
        format!("echo {}{}", "{a,".repeat(20_000), "}".repeat(20_000)),
        format!("case a in {}) ;; esac", "*?".repeat(20_000)),
        format!("case a in {}) ;; esac", "[[".repeat(20_000)),
        format!("echo $(({}1))", "1?".repeat(20_000)),
        format!("echo $(({}1))", "x=".repeat(20_000)),
        format!("echo $(({}1))", "1+".repeat(20_000)),
        format!("[ {} a ]", "a -a ".repeat(20_000)),
    ] {
        deep(&script);
    }
    for (before, after) in [("[[ ", " ]]"), ("[[ ! ", " ]]")] {
        let inner = format!("{}-n $(f){}", "( ".repeat(30), " )".repeat(30));
        let (out, _) = deep(&format!("f() {{ {before}{inner}{after}; }}; f"));
        assert!(!out.is_empty(), "{before}");
    }
}

#[test]
fn programs_that_run_each_other_end_before_the_stack_does() {
    for before in [
        "env ",
        "env x=1 ",
        "nohup ",
        "timeout 60 ",
        "xargs ",
        "time ",
        "command ",
        "builtin ",
        "exec ",
        "eval ",
        "! ",
        "sh -c ",
        "env time ",
        "env eval ",
        "nohup env timeout 60 ",
        "env command ",
        "env sh -c ",
        "env . ",
        "xargs env ",
        "nice ",
        "setsid nohup ",
        "toybox ",
        "toybox env ",
        "su 0 ",
    ] {
        let (out, _) = deep(&format!("echo hello > f; {}cat f", before.repeat(3000)));
        // A shell that is told to run `sh` reads its commands from its input, where there are none.
        assert!(before.ends_with("sh -c ") || !out.is_empty(), "{before}");
        // A few of them are fine.
        let (out, _) = deep(&format!("echo hello > f; {}cat f", before.repeat(5)));
        let other = matches!(before, "xargs " | "exec " | "env . " | "sh -c " | "env sh -c " | "xargs env ");
        assert!(out.contains("hello") || other, "{before}: {out}");
    }
}

#[test]
fn a_shell_behind_many_programs_that_runs_itself_ends_before_the_stack_does() {
    for (before, word) in
        [("env ", "120"), ("xargs env ", "60"), ("time ", "1000"), ("command ", "1000"), ("nohup ", "79")]
    {
        let many = before.repeat(word.parse().unwrap());
        let script =
            format!("export W='{many}'; export X='$W sh -c \"$X\"'; sh -c \"$X\"; sh -c \"{many}sh -c id\"");
        let (out, _) = deep(&script);
        assert!(!out.is_empty(), "{before}");
    }
    let (out, _) = deep("f() { alias g=f; g; }; f; alias c=c; c");
    assert!(out.contains("recursion too deep"), "{out:.300}");
}

#[test]
fn scripts_that_run_themselves_end_before_the_stack_does() {
    for line in [
        "sh me",
        "sh -c \"sh me\"",
        "env sh me",
        "nohup env timeout 60 env nohup sh me",
        ". ./me",
        "echo x | xargs sh me",
        "find . -name me -exec sh me \\;",
        "find . -name me -exec env ./me {} +",
        "x=$(timeout 60 sh me 2>&1); echo $x",
        "./me",
        "env ./me",
        "exec ./me",
        "(./me) | cat",
        "eval ./me",
        "if true; then case a in a) { (env sh -c \"eval . ./me\"); };; esac; fi",
    ] {
        let (out, _) = deep(&format!("echo '{line}' > me; chmod 755 me; sh me"));
        assert!(out.contains("recursion too deep"), "{line}: {out:.300}");
    }
}
