//! What the shell itself does with jobs, names and modes.

use super::*;

#[tokio::test]
async fn the_shell_kills_its_jobs_and_itself() {
    check(&[
        ("sleep 1000 & kill $!; wait $!; echo $?", "143\n", 0),
        ("sleep 1000 & kill -9 %1; wait $!; echo $?", "137\n", 0),
        ("sleep 0.05 & kill -0 $! && echo there; wait $!; echo $?", "there\n0\n", 0),
        ("kill -9 $$; echo never", "", 137),
        ("kill 99999", "kill: bad pid '99999': No such process\n", 1),
    ])
    .await;
}

#[tokio::test]
async fn the_shell_knows_aliases_and_its_umask() {
    check(&[
        ("alias hi='echo hi'; hi 'a  b' c; alias hi", "hi a  b c\nhi='echo hi'\n", 0),
        ("alias echo='echo x'; echo y; unalias echo; echo z", "x y\nz\n", 0),
        ("alias nope", "/system/bin/sh: alias: nope: not found\n", 1),
        ("unalias nope", "", 1),
        (
            "umask 077; umask; (umask 022); umask; umask 9",
            "077\n077\n/system/bin/sh: umask: 9: bad mask\n",
            1,
        ),
    ])
    .await;
}
