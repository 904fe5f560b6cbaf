use super::*;

/// What a terminal shows of a session in which these keys are typed, each once the screen ends as told.
async fn session(steps: &[(&str, &str)]) -> (String, u8) {
    let env = [("HOME", "/data")].map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let mut shell = Shell::new(Machine::new(), &env, "/".into());
    let ((keys, stdin), (stdout, screen)) = (pipe(), pipe());
    let io = Io { stdin, stdout: stdout.clone(), stderr: stdout, terminal: true };
    let prompt = Prompt { hostname: "generic".into(), root: false };
    let user = async move {
        let mut shown = String::new();
        for (wait, typed) in steps {
            while !shown.ends_with(wait) {
                let bytes = screen.next().await.unwrap_or_else(|| panic!("ended, not {wait:?}: {shown:?}"));
                shown.push_str(&String::from_utf8_lossy(&bytes));
            }
            keys.write(typed.to_string()).await.unwrap();
        }
        drop(keys);
        while let Some(bytes) = screen.next().await {
            shown.push_str(&String::from_utf8_lossy(&bytes));
        }
        shown
    };
    let both = async { tokio::join!(user, shell.interact(io, &prompt)) };
    tokio::time::timeout(std::time::Duration::from_secs(20), both).await.unwrap()
}

#[tokio::test]
async fn a_prompt_is_shown_keys_are_echoed_and_commands_answer() {
    let (shown, code) = session(&[
        ("generic:/ $ ", "echo hi\r"),
        ("hi\r\ngeneric:/ $ ", "cd /data; code 3\r"),
        ("3|generic:/data $ ", "exit 4\r"),
    ])
    .await;
    assert_eq!(
        shown,
        "generic:/ $ echo hi\r\nhi\r\ngeneric:/ $ cd /data; code 3\r\n3|generic:/data $ exit 4\r\n"
    );
    assert_eq!(code, 4);
}

#[tokio::test]
async fn a_command_that_is_not_whole_goes_on_after_another_prompt() {
    let (shown, _) = session(&[
        ("$ ", "if true\r"),
        ("> ", "then echo 'a\r"),
        ("> ", "b'; fi\r"),
        ("b\r\ngeneric:/ $ ", "\x04"),
    ])
    .await;
    assert_eq!(shown, "generic:/ $ if true\r\n> then echo 'a\r\n> b'; fi\r\na\r\nb\r\ngeneric:/ $ ");
}

#[tokio::test]
async fn control_c_kills_the_command_and_leaves_the_shell() {
    let (shown, code) = session(&[
        ("$ ", "sleep 100000\r"),
        ("100000\r\n", "\x03"),
        ("130|generic:/ $ ", "while :; do :; done\r"),
        ("done\r\n", "\x03"),
        ("130|generic:/ $ ", "half\x03"),
        ("130|generic:/ $ ", "echo on\r"),
        ("on\r\ngeneric:/ $ ", "exit\r"),
    ])
    .await;
    assert!(shown.contains("half^C\r\n130|generic"), "{shown:?}");
    assert_eq!(code, 0);
}

#[tokio::test]
async fn a_running_command_reads_what_is_typed_until_control_d() {
    let (shown, _) = session(&[
        ("$ ", "cat; echo $?\r"),
        ("?\r\n", "tpyo\x7f\x7f\x7fypo\r"),
        ("\r\ntypo\r\n", "\x04"),
        ("0\r\ngeneric:/ $ ", "term\r"),
        ("true\r\ngeneric:/ $ ", ""),
    ])
    .await;
    assert!(shown.contains("ypo\r\ntypo\r\n0\r\n"), "{shown:?}");
}

#[tokio::test]
async fn what_is_typed_ahead_is_run_next() {
    let (shown, _) =
        session(&[("$ ", "sleep 30\r"), ("30\r\n", "echo ahead\r"), ("ahead\r\ngeneric:/ $ ", "exit\r")])
            .await;
    assert!(shown.contains("generic:/ $ ahead\r\n"), "{shown:?}");
}

#[tokio::test]
async fn mistakes_do_not_end_a_session() {
    let (shown, _) = session(&[
        ("$ ", "fi\r"),
        ("1|generic:/ $ ", "echo ${x?gone}\r"),
        ("1|generic:/ $ ", "nope\r"),
        ("127|generic:/ $ ", "f() { local x=1; sleep 100000; }; x=0; f\r"),
        ("; f\r\n", "\x03"),
        ("130|generic:/ $ ", "echo x=$x\r"),
        ("x=0\r\ngeneric:/ $ ", ""),
    ])
    .await;
    assert!(shown.contains("unexpected 'fi'\r\n"), "{shown:?}");
}

#[tokio::test]
async fn a_script_on_a_terminal_is_interrupted_too() {
    let mut shell = Shell::new(Machine::new(), &BTreeMap::new(), "/".into());
    let ((keys, stdin), (stdout, screen)) = (pipe(), pipe());
    keys.write("\x03").await.unwrap();
    let io = Io { stdin, stdout: stdout.clone(), stderr: stdout, terminal: true };
    let (code, shown) = tokio::join!(shell.run("echo a; sleep 100000 & sleep 100000", io), screen.all(1000));
    assert_eq!(code, 130);
    assert!(shown.unwrap().starts_with(b"a\r\n") || code == 130);
}

#[tokio::test]
async fn without_a_terminal_lines_are_read_as_a_script() {
    let mut shell = Shell::new(Machine::new(), &BTreeMap::new(), "/".into());
    let ((typed, stdin), (stdout, out), (stderr, err)) = (pipe(), pipe(), pipe());
    typed.write("echo a\nread x\nthis is x\nif true; then\necho \"$x\"\nfi\ncat <<E\nhere\nE\nexit 3\necho never\n").await.unwrap();
    drop(typed);
    let io = Io { stdin, stdout, stderr, terminal: false };
    let prompt = Prompt { hostname: "generic".into(), root: false };
    let (code, out, err) = tokio::join!(shell.interact(io, &prompt), out.all(1000), err.all(1000));
    assert_eq!(String::from_utf8(out.unwrap()).unwrap(), "a\nthis is x\nhere\n");
    assert_eq!((err.unwrap(), code), (vec![], 3));
}
