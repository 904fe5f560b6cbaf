"""Property texts: what is no JSON object of texts, what is no key, and what no key allows."""

import json

from bad_input import Case, shown

NO_OBJECT = ["nonsense", "[]", '"text"', "1", "null", "true", '{"a":', "{} {}", "{}x", "{", "}", " ", "\n", "''", "\0"]
NO_OBJECT += ['{"com.cph.mainkeys":"1",}', "{'com.cph.mainkeys':'1'}", '{com.cph.mainkeys:"1"}', '{"com.cph.mainkeys"}']
NO_OBJECT += ['{"com.cph.mainkeys":01}', '{"com.cph.mainkeys":NaN}', '{"com.cph.mainkeys":"\\ud800"}', "\ufeff{}"]
NO_OBJECT += ['{"com.cph.mainkeys":"\n"}', '{"com.cph.mainkeys":"1"}' + " " * 2025, "{" * 1000, '{"a":' + "[" * 1900]

NO_KEY = ["", " ", "com.cph.mainkeys ", " com.cph.mainkeys", "COM.CPH.MAINKEYS", "mainkeys", "ro.debuggable", "\0", "päss"]
NO_KEY += ["ro.secure", "sys.powerctl", "persist.sys.locale\n", "__proto__", "a" * 200, "com.cph.*"]

NO_VALUE = [True, False, None, [], ["1"], {}, {"a": "1"}]

# Every key that has a rule, with values that break it.
BROKEN = {
    ("com.cph.mainkeys", "disable.status.bar", "ro.permission.changed", "ro.install.auto", "ro.com.cph.non_root"): [
        "", "2", "-1", "01", "10", " 1", "1 ", "1\n", "true", "１", 2, -1, 1.0, 10**20,
    ],
    ("ro.com.cph.notification_disable", "com.cph.disable_fb_permission", "ro.com.cph.toast_enable"): [
        "", "2", "1\n", "0 ", "x", 2,
    ],
    ("ro.horizontal.screen", "ro.com.cph.cloud_app_engine"): ["", "2", "\0", "0\n", "x", 3],
    ("com.cph.bandwidth_limit",): ["", "0", "-2", "100000000", "1.5", "+1", "01", " 1", "1\n", 0, -2, 1e9, 100000000],
    ("com.cph.cam_local_pic_path",): ["", "a" * 91, "a\n", "a\0", "a;b", "$(a)", "é", "📱", "a'b", "a*"],
    ("persist.sys.locale",): ["", "a" * 65, "zh_CN", "zh CN", "中", "zh-CN\n", "\0"],
    ("sys.prop.writeimsi",): ["1" * 16, "a", "1 ", "-1", "1\n", "１", 10**15, -1, 1.5],
    ("sys.prop.writephonenum",): ["1" * 21, "+86", "1-2", " ", "1\n", -1, 1.5, 10**20],
    ("sys.prop.writewifissid",): ["", "a" * 65, "a b", "a@b", "中", "a\n", "\0"],
    ("gsm.sim.operator.iso-country", "gsm.operator.iso-country"): ["a" * 11, "1", "c n", "cn\n", "中", 1],
    ("gsm.sim.operator.numeric", "gsm.operator.numeric"): ["1" * 11, "4 6", "-1", "1\n", 10**10, -1, 1.5],
    ("gsm.sim.operator.alpha", "gsm.operator.alpha"): ["a" * 21, "1", "a b", "a\n", "中国", 1],
    ("com.cph.cg.sign_check_url", "com.cph.cg.event_notify_url", "com.cph.cg.heartbeat_url"): [
        "", "ftp://a", "HTTP://a", "http" + "a" * 253, "http://a b", "http://a?b", "http://é", "http://a\n", 1,
    ],
    ("com.cph.cg.heartbeat_interval",): ["", "1" * 11, "-1", "1s", "1\n", -1, 1.5, 10**10],
    ("com.cph.cg.app_port", "com.cph.cg.h5_port"): ["", "9999", "11001", "010000", "1e4", "10000.0", " 10000", 9999, 11001, 1e4],
}


def cases(world):
    for path in ("restart", "reset", "update-property"):
        target = world.at(f"/phones/batch-{path}")

        def case(text, code, target=target, path=path):
            body = json.dumps({"phones": [{"phone_id": world.phone, "property": text}]}).encode()
            return Case(f"{path} {shown(text)}", "POST", target, 200, entry=code, body=body)

        for text in NO_OBJECT:
            yield case(text, "CPS.0078")
        for key in NO_KEY:
            yield case(json.dumps({key: "1"}), "CPS.0163")
        for value in NO_VALUE:
            yield case(json.dumps({"com.cph.mainkeys": value}), "CPS.0164")
            # Deprecated keys are ignored, but their values must be values.
            yield case(json.dumps({"phone_brand": value}), "CPS.0164")
    target = world.at("/phones/batch-restart")
    for keys, values in BROKEN.items():
        for key in keys:
            for value in values:
                text = json.dumps({key: value}, ensure_ascii=False)
                body = json.dumps({"phones": [{"phone_id": world.phone, "property": text}]}).encode()
                yield Case(f"value {shown(text)}", "POST", target, 200, entry="CPS.0164", body=body)
