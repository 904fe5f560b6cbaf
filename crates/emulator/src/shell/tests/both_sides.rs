//! At each limit a script works; one more, and it is refused.
use super::limits::*;
use super::*;
use crate::shell::budget::Budget;

/// A script's complaint, and whether it ended well.
async fn tried(script: &str) -> (String, bool) {
    let (_, err, code) = tokio::time::timeout(std::time::Duration::from_secs(60), run(script)).await.unwrap();
    (err, code == 0)
}

async fn both(at: &str, beyond: &str, complaint: &str) {
    let (err, fine) = tried(at).await;
    assert!(fine && err.is_empty(), "{at:.100}: {err:.200}");
    let (err, _) = tried(beyond).await;
    assert!(err.contains(complaint), "{beyond:.100}: {err:.200}");
}

/// Sets x to this many letters, a power of two.
fn letters(count: usize) -> String {
    format!("x=a; while [ ${{#x}} -lt {count} ]; do x=$x$x; done; ")
}

#[tokio::test]
async fn a_variable_has_both_sides() {
    let full = letters(VALUE_BYTES_MAX);
    both(&full, &format!("{full}x=${{x}}a"), "x: Cannot allocate memory").await;
}

#[tokio::test]
async fn all_variables_have_both_sides() {
    let full = letters(VALUE_BYTES_MAX);
    // Names and the shell's own variables count as well: three fit, four do not.
    both(&format!("{full}y=$x; z=$x"), &format!("{full}y=$x; z=$x; u=$x"), "Cannot allocate memory").await;
}

#[tokio::test]
async fn a_substitution_has_both_sides() {
    let full = letters(VALUE_BYTES_MAX);
    let most = "$x".repeat(SUBSTITUTION_BYTES_MAX / VALUE_BYTES_MAX - 1);
    // The line feed of echo is one of the bytes.
    let at = format!("{full}: \"$(echo {most}${{x%a}})\"");
    both(&at, &format!("{full}: \"$(echo {most}$x)\""), "Cannot allocate memory").await;
}

#[tokio::test]
async fn arguments_have_both_sides() {
    // "args", x, and a byte after each.
    let full = letters(ARGUMENTS_BYTES_MAX);
    let at = format!("{full}args ${{x%{}}} > /data/new", "?".repeat(6));
    let beyond = format!("{full}args ${{x%{}}} > /data/new", "?".repeat(5));
    both(&at, &beyond, "args: Argument list too long").await;
}

#[tokio::test]
async fn the_words_of_a_command_have_both_sides() {
    let full = letters(VALUE_BYTES_MAX);
    let words = |count: usize| format!("{full}: {}", "$x ".repeat(count));
    let fits = EXPANSION_BYTES_MAX / VALUE_BYTES_MAX - 1;
    both(&words(fits), &words(fits + 1), "Argument list too long").await;
}

#[tokio::test]
async fn functions_have_both_sides() {
    let define =
        |count: usize| format!("i=0; while [ $i -lt {count} ]; do i=$((i+1)); eval \"f$i() {{ :; }}\"; done");
    both(&define(FUNCTIONS_MAX), &define(FUNCTIONS_MAX + 1), "Cannot allocate memory").await;
}

#[tokio::test]
async fn jobs_have_both_sides() {
    let start = |count: usize| vec!["sleep 2000 &"; count].join(" ");
    both(&start(JOBS_MAX), &start(JOBS_MAX + 1), "can't fork").await;
}

#[tokio::test]
async fn stages_and_redirections_have_both_sides() {
    let stages = |count: usize| vec![":"; count].join("|");
    both(&stages(STAGES_MAX), &stages(STAGES_MAX + 1), "nested too deep").await;
    let redirects = |count: usize| format!(": {}", "2>&1 ".repeat(count));
    both(&redirects(REDIRECTS_MAX), &redirects(REDIRECTS_MAX + 1), "too many redirections").await;
}

#[tokio::test]
async fn nesting_has_both_sides() {
    let nested = |count: usize| format!("{}:{}", "{ ".repeat(count), "; }".repeat(count));
    // The innermost command is a level, too.
    both(&nested(DEPTH_MAX - 1), &nested(DEPTH_MAX), "nested too deep").await;
}

#[tokio::test]
async fn calls_have_both_sides() {
    // A call costs a few levels: of the function, its list and what is in it.
    let called = |count: usize| format!("f() {{ if [ $1 -gt 0 ]; then f $(($1 - 1)); fi; }}; f {count}");
    let mut most = 0;
    while most < RUN_DEPTH_MAX && tried(&called(most + 1)).await.1 {
        most += 1;
    }
    assert!((RUN_DEPTH_MAX / 6..RUN_DEPTH_MAX).contains(&most), "{most}");
    both(&called(most), &called(most + 1), "recursion too deep").await;
}

#[tokio::test]
async fn names_of_a_pattern_have_both_sides() {
    for (count, expected) in [(GLOB_NAMES_MAX, GLOB_NAMES_MAX), (GLOB_NAMES_MAX + 1, 1)] {
        let machine = Machine::new();
        for number in 0..count {
            machine.files.lock().unwrap().insert(format!("/data/g/{number}"), (vec![], 0o600));
        }
        let mut shell = Shell::new(machine, &BTreeMap::new(), "/".into());
        let (output, out) = pipe();
        let io = Io { stdin: Input::empty(), stdout: output.clone(), stderr: output, terminal: false };
        let (_, out) = tokio::join!(shell.run("set -- /data/g/*; echo $#", io), out.all(1 << 20));
        assert_eq!(out.unwrap(), format!("{expected}\n").as_bytes());
    }
}

#[test]
fn processes_have_both_sides() {
    let budget = Arc::new(Budget::default());
    let tickets: Vec<_> = (0..PROCESSES_MAX).map_while(|_| budget.take()).collect();
    assert_eq!(tickets.len(), PROCESSES_MAX);
    assert!(budget.take().is_none());
    drop(tickets);
    assert!(budget.take().is_some());
}
