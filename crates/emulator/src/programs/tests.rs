//! Stories of programs, run by the shell of a phone.

#![allow(clippy::unwrap_used)]

use crate::clock::Clock;
use crate::emulator::{Config, Emulator};
use crate::guest::Guest;
use crate::phone::image::Image;
use crate::pipe::pipe;
use crate::shell::{Io, guest_shell};
use std::collections::BTreeMap;
use std::sync::Arc;

mod depth;
mod endless;
mod left;
mod nasty;
mod own;
mod users;

struct Fixed;

impl Clock for Fixed {
    fn now_ms(&self) -> u64 {
        10_000_000
    }

    fn wall_ms(&self) -> i64 {
        1_795_567_500_000
    }
}

fn phone() -> Guest {
    let emulator =
        Arc::new(Emulator::new(Config { boot_ms: 1000, boot_variance: 0.0, ..Config::default() }).unwrap());
    let image = Arc::new(Image {
        id: "image".into(),
        name: "image one".into(),
        android_version: "11".into(),
        build_properties: Arc::new(BTreeMap::from([("ro.product.device".to_owned(), "yard".to_owned())])),
    });
    emulator.add("phone", image, &BTreeMap::new(), true, 0).unwrap();
    Guest::enter(emulator, "phone", Arc::new(Fixed)).unwrap()
}

async fn run(script: &str) -> (String, u8) {
    let mut shell = guest_shell(phone(), &BTreeMap::new());
    let (output, input) = pipe();
    let io =
        Io { stdin: crate::pipe::Input::empty(), stdout: output.clone(), stderr: output, terminal: false };
    let (code, out) = tokio::join!(shell.run(script, io), input.all(1 << 24));
    (String::from_utf8_lossy(&out.unwrap()).into_owned(), code)
}

/// Script, what it prints to both outputs, exit code.
type Row = (&'static str, &'static str, u8);

async fn check(rows: &[Row]) {
    let mut wrong = String::new();
    for (script, out, code) in rows {
        let script = format!("cd /data/local/tmp; {script}");
        let gave = tokio::time::timeout(std::time::Duration::from_secs(20), run(&script)).await;
        if gave.as_ref().ok() != Some(&((*out).to_owned(), *code)) {
            wrong.push_str(&format!("{script}\n  gave     {gave:?}\n  expected {:?}\n", (out, code)));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[tokio::test]
async fn text_is_read_cut_counted_and_sorted() {
    check(&[
        ("printf 'a\\nb\\n' > f; cat f f", "a\nb\na\nb\n", 0),
        ("cat /nope", "cat: /nope: No such file or directory\n", 1),
        ("cat /data/local", "cat: /data/local: Is a directory\n", 1),
        ("echo in | cat -", "in\n", 0),
        ("printf 'x\\ny\\n' | cat -n", "     1\tx\n     2\ty\n", 0),
        ("seq 20 | head -n 3", "1\n2\n3\n", 0),
        ("seq 20 | head -2; seq 20 | tail -2; seq 5 | tail -n +4", "1\n2\n19\n20\n4\n5\n", 0),
        ("printf abcdef | head -c 3; printf abcdef | tail -c 2", "abcef", 0),
        ("printf 'a\\nb' | tail -n 1", "b", 0),
        ("printf 'one two\\nthree\\n' | wc; printf 'a\\n' | wc -l", "2 3 14\n1\n", 0),
        ("echo x > f; wc -c f f", "2 f\n2 f\n4 total\n", 0),
        ("printf 'b\\na\\nb\\n10\\n9\\n' | sort", "10\n9\na\nb\nb\n", 0),
        ("printf '10\\n9\\n1\\n' | sort -n; printf '1\\n2\\n' | sort -r", "1\n9\n10\n2\n1\n", 0),
        ("printf 'b 2\\na 10\\n' | sort -k2n; printf 'b\\nb\\na\\n' | sort -u", "b 2\na 10\na\nb\n", 0),
        ("printf 'a\\na\\nb\\n' | uniq -c; printf 'a\\na\\nb\\n' | uniq -d", "      2 a\n      1 b\na\n", 0),
        (
            "echo a:b:c | cut -d: -f2; echo a:b:c | cut -d : -f 1,3; echo abcdef | cut -c2-3",
            "b\na:c\nbc\n",
            0,
        ),
        (
            "echo hello | tr a-y b-z; echo aabb | tr -s ab; echo a1b2 | tr -d '[:digit:]'",
            "ifmmp\nab\nab\n",
            0,
        ),
        ("printf 'a\\r\\n' | tr -d '\\r'; echo up | tr '[:lower:]' '[:upper:]'", "a\nUP\n", 0),
        ("echo abc | rev", "cba\n", 0),
        ("echo x | tee f g; cat f g; echo y | tee -a f >/dev/null; cat f", "x\nx\nx\nx\ny\n", 0),
        ("cat -Q", "cat: Unknown option 'Q' (see \"cat --help\")\n", 1),
    ])
    .await;
}

#[tokio::test]
async fn lines_are_found() {
    check(&[
        ("printf 'apple\\nBanana\\ncherry\\n' | grep an", "Banana\n", 0),
        ("echo x | grep y", "", 1),
        ("printf 'a\\nA\\n' | grep -i a; printf 'a\\nb\\n' | grep -v a; printf 'a\\nb\\n' | grep -c .", "a\nA\nb\n2\n", 0),
        ("echo foo123 | grep -o '[0-9]*'; echo a.b | grep -F . ; echo ab | grep -F .", "123\na.b\n", 1),
        ("printf 'ab\\ncat\\n' > f; grep -n cat f; grep -l a f; grep cat f f", "2:cat\nf\nf:cat\nf:cat\n", 0),
        ("printf 'word\\nwords\\n' | grep -w word; printf 'x\\nxy\\n' | grep -x x", "word\nx\n", 0),
        ("printf 'a|b\\nc\\n' | grep 'a|b'; printf 'a\\nc\\n' | grep -E 'a|c'; printf 'aa\\n' | grep 'a\\{2\\}'", "a|b\na\nc\naa\n", 0),
        ("mkdir -p d/e; echo hit > d/e/f; grep -r hit d; grep -q hit d/e/f && echo quiet", "d/e/f:hit\nquiet\n", 0),
        ("seq 9 | grep -A1 -B1 5; seq 5 | grep -C1 -e 1 -e 5", "4\n5\n6\n1\n2\n--\n4\n5\n", 0),
        ("grep x /nope", "grep: /nope: No such file or directory\n", 2),
        ("echo ab | egrep '(a)(b)'; echo 'a+b' | fgrep a+b; echo 'b]' | grep '[]]'", "ab\na+b\nb]\n", 0),
        ("ls /system/bin | grep -c ^ls$", "1\n", 0),
    ])
    .await;
}

#[tokio::test]
async fn files_are_made_listed_moved_and_removed() {
    check(&[
        ("mkdir a; ls; ls -d a; rmdir a; ls", "a\na\n", 0),
        ("mkdir a/b", "mkdir: 'a/b': No such file or directory\n", 1),
        ("mkdir -p a/b/c; ls a; mkdir a", "b\nmkdir: 'a': File exists\n", 1),
        ("ls /nope", "ls: /nope: No such file or directory\n", 1),
        ("ls -Q", "ls: Unknown option 'Q' (see \"ls --help\")\n", 1),
        ("echo hi > f; ls -l f", "-rw-rw-rw- 1 shell shell 3 2026-11-25 00:45 f\n", 0),
        ("ls -ld /data/local/tmp; ls -l /sdcard", "drwxrwx--x 2 shell shell 4096 2009-01-01 00:00 /data/local/tmp\nlrwxrwxrwx 1 root root 21 2009-01-01 00:00 /sdcard -> /storage/self/primary\n", 0),
        ("touch .h v; ls; ls -A; ls -a", "v\n.h\nv\n.\n..\n.h\nv\n", 0),
        ("touch -t 202001010000 old; touch new; ls -t; ls -tr", "new\nold\nold\nnew\n", 0),
        ("mkdir d; touch d/x; ls -R", ".:\nd\n\n./d:\nx\n", 0),
        ("echo 1 > a; cp a b; cat b; mv b c; ls; rm a c; ls", "1\na\nc\n", 0),
        ("mkdir d; cp d e; cp -r d e; ls", "cp: Skipped dir 'd'\nd\ne\n", 0),
        ("mkdir -p d/s; echo 1 > d/s/f; cp -r d e; cat e/s/f; cp d/s/f e; ls e", "1\nf\ns\n", 0),
        ("cp /nope x; mv /nope x", "cp: bad '/nope': No such file or directory\nmv: bad '/nope': No such file or directory\n", 1),
        ("mkdir d; rm d; rm -r d; ls; rm /nope; rm -f /nope", "rm: d: Is a directory\nrm: /nope: No such file or directory\n", 0),
        ("rm -rf /system; rm -rf /", "rm: /system: Read-only file system\nrm: bad path '/'\n", 1),
        ("mkdir d; touch d/f; rmdir d", "rmdir: d: Directory not empty\n", 1),
        ("touch f; chmod 600 f; ls -l f | cut -c1-10; chmod u+x,go+r f; ls -l f | cut -c1-10; chmod -x f; ls -l f | cut -c1-10", "-rw-------\n-rwxr--r--\n-rw-r--r--\n", 0),
        ("chmod zz f", "chmod: bad mode 'zz'\n", 1),
        ("touch f; chown root f", "chown: chown 'f' to 'root': Operation not permitted\n", 1),
        ("echo t > f; ln -s f l; cat l; readlink l; readlink -f l; realpath l", "t\nf\n/data/local/tmp/f\n/data/local/tmp/f\n", 0),
        ("basename /a/b.txt .txt; dirname /a/b; dirname x; basename /", "b\n/a\n.\n/\n", 0),
        ("du -s /data/local/tmp; echo x > f; du -h f", "4\t/data/local/tmp\n4.0K\tf\n", 0),
        ("df /data | tail -n 1 | cut -d' ' -f1; df -h / | head -1", "/dev/block/dm-3\nFilesystem      Size Used Avail Use% Mounted on\n", 0),
        ("f=$(mktemp); [ -f $f ] && [ $(dirname $f) = /data/local/tmp ] && echo made", "made\n", 0),
        ("printf '#!/system/bin/sh\\necho ran $1\\n' > s; ./s; chmod +x s; ./s x; sh s y", "/system/bin/sh: ./s: can't execute: Permission denied\nran x\nran y\n", 0),
        ("echo text > /sdcard/a.txt; cat /sdcard/a.txt; echo x > /system/y", "text\n/system/bin/sh: can't create /system/y: Read-only file system\n", 1),
    ])
    .await;
}

#[tokio::test]
async fn the_phone_tells_who_it_is_and_what_time_it_is() {
    check(&[
        (
            "date +%s; date '+%Y-%m-%d %H:%M:%S'; date",
            "1795567500\n2026-11-25 00:45:00\nWed Nov 25 00:45:00 GMT 2026\n",
            0,
        ),
        ("date -d @0 +%F; date -d '2024-02-29' +%j,%a", "1970-01-01\n060,Thu\n", 0),
        ("whoami; id -u; id -un", "shell\n2000\nshell\n", 0),
        ("id | cut -d, -f1", "uid=2000(shell) gid=2000(shell) groups=2000(shell)\n", 0),
        (
            "uname; uname -m; uname -a | cut -d' ' -f1-3",
            "Linux\nx86_64\nLinux localhost 5.10.110-android12-9\n",
            0,
        ),
        ("uptime", " 00:45:00 up  2:46,  0 users,  load average: 0.08, 0.03, 0.01\n", 0),
        ("hostname; nproc; echo $HOSTNAME $USER $TMPDIR", "localhost\n8\nyard shell /data/local/tmp\n", 0),
        ("which ls nope; echo $?; which sh", "/system/bin/ls\n1\n/system/bin/sh\n", 0),
        ("frobnicate", "/system/bin/sh: frobnicate: inaccessible or not found\n", 127),
    ])
    .await;
}

#[tokio::test]
async fn programs_run_others() {
    check(&[
        ("echo a b | xargs; echo a b c | xargs -n 2 echo -", "a b\n- a b\n- c\n", 0),
        (
            "printf 'x\\ny z\\n' | xargs -I{} echo '<{}>'; printf 'a b\\0c' | xargs -0 -n1 echo",
            "<x>\n<y z>\na b\nc\n",
            0,
        ),
        (
            "echo a | xargs false; echo $?; echo a | xargs nope",
            "123\nxargs: exec nope: No such file or directory\n",
            127,
        ),
        ("timeout 0.01 sleep 5; echo $?; timeout 5 echo in time", "124\nin time\n", 0),
        ("env -i A=1 env; A=2 printenv A; env B=3 sh -c 'echo $B'", "A=1\n2\n3\n", 0),
        ("sh -c 'echo $0 $1' name arg; sh -c 'exit 7'; echo $?", "name arg\n7\n", 0),
        ("echo 'echo from stdin' | sh; sh -ec 'false; echo never'; echo $?", "from stdin\n1\n", 0),
        ("expr 1 + 2 \\* 3; expr abc : 'a\\(.*\\)'; expr 1 = 2", "7\nbc\n0\n", 1),
        (
            "seq 3; seq 2 2 6 | head -1; seq -s, 3; seq -w 8 10; yes | head -2",
            "1\n2\n3\n2\n1,2,3\n08\n09\n10\ny\ny\n",
            0,
        ),
        ("sh /nope; echo $?", "/system/bin/sh: can't open /nope: No such file or directory\n127\n", 0),
    ])
    .await;
}

#[tokio::test]
async fn shells_in_shells_end_before_the_stack_does() {
    for script in [
        "echo 'sh me' > me; sh me",
        "echo 'env sh me' > me; sh me",
        "echo '. ./me' > me; sh me",
        "echo 'echo x | xargs sh me' > me; sh me",
        "echo 'x=$(timeout 5 sh me 2>&1); echo \"$x\"' > me; sh me",
        "printf './me\n' > me; chmod 755 me; ./me",
        "printf 'env ./me\n' > me; chmod 755 me; ./me",
    ] {
        let (out, _) = run(&format!("cd /data/local/tmp; {script}")).await;
        assert!(out.contains("recursion too deep"), "{script}: {out:.300}");
    }
}

#[tokio::test]
async fn streams_are_edited() {
    check(&[
        ("echo aXbX | sed s/X/-/; echo aXbX | sed 's/X/-/g'; echo aXbX | sed s,X,-,2", "a-bX\na-b-\naXb-\n", 0),
        ("seq 5 | sed -n 2p; seq 5 | sed '2,4d'; seq 3 | sed '$d'; seq 5 | sed -n '/2/,/4/p'", "2\n1\n5\n1\n2\n2\n3\n4\n", 0),
        ("echo ab | sed 's/\\(a\\)\\(b\\)/\\2\\1/'; echo ab | sed -E 's/(a)(b)/[&]\\2/'; echo a/b | sed 's/\\//-/'", "ba\n[ab]b\na-b\n", 0),
        ("seq 3 | sed -e 1d -e s/3/x/; seq 9 | sed 2q; seq 2 | sed '1!d'; echo abc | sed y/abc/xyz/", "2\nx\n1\n2\n1\nxyz\n", 0),
        ("echo a > f; sed -i s/a/b/ f; cat f; printf 'a\\nb\\n' | sed '/a/a new'; printf x | sed s/x/y/", "b\na\nnew\nb\ny", 0),
        ("echo 'ro.x=1' | sed 's/^ro\\.x=//'; echo k | sed k", "1\nsed: bad pattern 'k'@unknown command 'k'\n", 1),
    ])
    .await;
}

#[tokio::test]
async fn files_are_found_and_looked_at() {
    check(&[
        ("mkdir -p d/e; touch d/a.txt d/e/b.txt d/c; find d | sort; find d -name '*.txt' -type f", "d\nd/a.txt\nd/c\nd/e\nd/e/b.txt\nd/a.txt\nd/e/b.txt\n", 0),
        ("mkdir -p d/e; echo x > d/a; find d -maxdepth 1 -type d; find d -type f -exec cat {} \\; ; find d ! -type d", "d\nd/e\nx\nd/a\n", 0),
        ("mkdir -p d/e; touch d/e/f; find d -delete; ls; touch a b c; find . -name a -o -name b; find . -type f -exec echo {} +", "./a\n./b\n./a ./b ./c\n", 0),
        ("echo 12345 > f; : > g; find . -size +3c -type f; find . -type f -empty; find /nope", "./f\n./g\nfind: '/nope': No such file or directory\n", 1),
        ("printf 123 > f; chmod 640 f; stat -c '%s %a %n %A %U %F %Y' f; stat /nope", "3 640 f -rw-r----- shell regular file 1795567500\nstat: '/nope': No such file or directory\n", 1),
        ("stat -c %N /sdcard; stat -c '%F' /data", "'/sdcard' -> '/storage/self/primary'\ndirectory\n", 0),
        ("printf hello > f; sha256sum f; sha256sum f | sha256sum -c", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824  f\nf: OK\n", 0),
        ("printf hello | md5sum; printf hello | sha1sum", "5d41402abc4b2a76b9719d911017c592  -\naaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d  -\n", 0),
        ("printf hello | base64; printf aGVsbG8= | base64 -d; echo; printf ab | base64; printf '%080d' 0 | base64 | head -1 | wc -c", "aGVsbG8=\nhello\nYWI=\n77\n", 0),
        ("printf 'hello\\nworld, here' | xxd; printf abc | xxd -p", "00000000: 6865 6c6c 6f0a 776f 726c 642c 2068 6572  hello.world, her\n00000010: 65                                       e\n616263\n", 0),
        ("printf 'abc\\n' | hexdump -C", "00000000  61 62 63 0a                                       |abc.|\n00000004\n", 0),
        ("dd if=/dev/zero of=z bs=1k count=3 status=none; wc -c z; dd if=z bs=1024 skip=1 2>&1 >/dev/null", "3072 z\n2+0 records in\n2+0 records out\n2048 bytes (2.0K) copied\n", 0),
        ("file /system/bin/ls /sdcard /data; printf '#!/bin/sh\\n' > s; file -b s", "/system/bin/ls: ELF shared object, 64-bit LSB arm64, dynamic (/system/bin/linker64)\n/sdcard:        symbolic link to /storage/self/primary\n/data:          directory\n/bin/sh script\n", 0),
    ])
    .await;
}

#[tokio::test]
async fn what_is_written_to_files_is_whole_when_nobody_reads_the_output() {
    let guest = phone();
    let sent = "0123456789abcdef".repeat(64 * 1024);
    for script in ["cat > f", "tee f", "dd of=f", "cat | tee f | cat", "tee f > g"] {
        let mut shell = guest_shell(guest.clone(), &BTreeMap::new()).at("/data/local/tmp".to_owned());
        let (typed, stdin) = pipe();
        let (stdout, reader) = pipe();
        drop(reader);
        let io = Io { stdin, stdout: stdout.clone(), stderr: stdout, terminal: false };
        let sending = async {
            let done = typed.write(sent.clone()).await;
            drop(typed);
            done
        };
        let both = futures::future::join(shell.run(script, io), sending);
        let (_, sending) = tokio::time::timeout(std::time::Duration::from_secs(60), both).await.unwrap();
        assert_eq!(sending, Ok(()), "{script}");
        let written = guest.read_file("/data/local/tmp/f", 1 << 24).unwrap();
        assert!(written == sent.as_bytes(), "{script}: {} of {} bytes", written.len(), sent.len());
        guest.unlink("/data/local/tmp/f").unwrap();
    }
}

#[tokio::test]
async fn a_tee_that_nobody_reads_does_not_fill_the_phone() {
    let (out, code) = run("cd /data/local/tmp; yes | tee f | head -n 1; wc -c < f | wc -l").await;
    assert_eq!((out.as_str(), code), ("y\n1\n", 0));
}

#[tokio::test]
async fn much_is_sorted_as_little_is() {
    let script = "seq 100000 | sort -r -n | head -n 2; seq 3 | sort -r -n | head -n 2; \
                  seq 100000 | sort -k 1,1 -n | tail -n 1; printf 'b A\\na B\\nC c\\n' | sort -f -k 2";
    assert_eq!(run(script).await, ("100000\n99999\n3\n2\n100000\nb A\na B\nC c\n".to_owned(), 0));
}

#[tokio::test]
async fn ranges_may_overlap_and_classes_may_not_end() {
    check(&[
        ("echo abcdefgh | cut -c 3-5,1,4-6,8-", "acdefh\n", 0),
        ("echo a,b,c,d,e | cut -d , -f 4-,1,4", "a,d,e\n", 0),
        ("echo 'a[:b' | tr '[:' x-", "ax-b\n", 0),
        ("echo aBc | tr '[:upper:]' '[:lower:]'; echo aabbc | tr -s ab", "abc\nabc\n", 0),
        ("printf '%4096s%4096s' a b | wc -c", "8192\n", 0),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn tail_follows_what_is_added_to_files() {
    let script = "cd /data/local/tmp; echo a > f; echo x > g; \
                  (sleep 3; echo b >> f; sleep 3; printf c > f; rm g; sleep 3; echo new > g) & \
                  timeout 20 tail -n 1 -f f g; echo $?; timeout 2 tail -f; echo $?; echo e | tail -f; head -f f";
    let out = "==> f <==\na\n\n==> g <==\nx\n\n==> f <==\nb\nc\n==> g <==\nnew\n124\n0\ne\n\
               head: Unknown option 'f' (see \"head --help\")\n";
    let (gave, _) = run(script).await;
    assert_eq!(gave, out);
}
