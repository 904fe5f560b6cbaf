//! Programs that ordinary users miss when they are not there.

use super::*;

#[tokio::test]
async fn wrappers_run_what_they_are_given() {
    check(&[
        ("printf 'a\\nb\\nc\\n' | tac", "c\nb\na\n", 0),
        ("nice -n 5 echo hi; nice echo; setsid echo there", "hi\n\nthere\n", 0),
        ("toybox echo hi; toybox nope", "hi\ntoybox: Unknown command nope\n", 1),
        ("toybox seq 2", "1\n2\n", 0),
        ("run-as com.nope ls", "run-as: unknown package: com.nope\n", 1),
        ("run-as com.android.settings ls", "run-as: package not debuggable: com.android.settings\n", 1),
        ("ping -c 1 8.8.8.8", "connect: Network is unreachable\n", 2),
        ("ping -c 1 example.com", "ping: unknown host example.com\n", 2),
        ("ip addr show eth0 | grep -w inet", "    inet 10.0.2.15/24 brd 10.0.2.255 scope global eth0\n", 0),
        ("ip route; ip link | wc -l; ip addr show wlan9", "10.0.2.0/24 dev eth0 proto kernel scope link src 10.0.2.15 \n4\nDevice \"wlan9\" does not exist.\n", 1),
        ("ifconfig eth0 | head -1; ifconfig x", "eth0      Link encap:Ethernet  HWaddr 52:54:00:12:34:56\nifconfig: x: No such device\n", 1),
        ("mkdir d; echo > d/f; find -L d -type f", "d/f\n", 0),
        ("printf abcdef > f; printf XY | dd of=f bs=1 seek=2 conv=notrunc status=none; cat f", "abXYef", 0),
        ("printf abcdef > f; printf XY | dd of=f bs=1 seek=2 status=none; cat f", "abXY", 0),
        ("printf XY | dd of=n bs=2 seek=2 status=none; xxd -p n", "000000005859\n", 0),
        ("touch f; chmod u=rwx,g=u,o+t f; stat -c %a f", "1776\n", 0),
    ])
    .await;
}

#[tokio::test]
async fn su_makes_root_of_who_runs_it_where_that_is_allowed() {
    check(&[
        (
            "su 0 id -u; su root id -u; su -c 'id -u; whoami'; su -c id -u; id -u",
            "0\n0\n0\nroot\n0\n2000\n",
            0,
        ),
        (
            "su 0 sh -c 'echo x > /data/system/x && cat /data/system/x; sh -c \"id -u\"'; echo id -u | su",
            "x\n0\n0\n",
            0,
        ),
        ("su nobody9 id", "su: invalid uid/gid 'nobody9'\n", 1),
        ("su shell id -u; which su; su 0 false", "2000\n/system/xbin/su\n", 1),
        (
            "setprop ro.com.cph.non_root 1; which su; su 0 id",
            "/system/bin/sh: su: inaccessible or not found\n",
            127,
        ),
    ])
    .await;
}

#[tokio::test]
async fn uiautomator_dumps_what_is_in_front() {
    check(&[
        ("uiautomator dump; grep -c '<hierarchy rotation=\"0\"' /sdcard/window_dump.xml", "UI hierchary dumped to: /sdcard/window_dump.xml\n1\n", 0),
        ("am start -n com.android.settings/.Settings >/dev/null; uiautomator dump x.xml; grep -o 'package=\"[a-z.]*\"' x.xml", "UI hierchary dumped to: x.xml\npackage=\"com.android.settings\"\n", 0),
        ("uiautomator events 2>/dev/null", "", 1),
    ])
    .await;
}

#[tokio::test]
async fn awk_prints_fields_and_refuses_the_rest() {
    check(&[
        ("printf 'a b  c\\n d e\\n' | awk '{print $2}'", "b\ne\n", 0),
        ("printf 'a:b:c\\n' | awk -F: '{print $3, $1 \"-\" $NF; }'", "c a-c\n", 0),
        ("printf 'x y\\nz\\n' > f; awk '{ print NR \":\" NF, $0 }' f", "1:2 x y\n2:1 z\n", 0),
        ("printf 'x y\\nz w\\n' | awk '/z/{print $2}'; printf 'x\\ny\\n' | awk 'NR==2 {print}'", "w\ny\n", 0),
        (
            "echo a | awk '{print $(1)}'",
            "awk: only {print} of fields and texts is known here, not: {print $(1)}\n",
            2,
        ),
        (
            "echo a | awk 'BEGIN{print 1}'; echo a | awk '{print $1; print $2}' 2>/dev/null",
            "awk: only {print} of fields and texts is known here, not: BEGIN{print 1}\n",
            2,
        ),
    ])
    .await;
}
