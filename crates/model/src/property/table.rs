//! The rows of `contract/properties.csv`, in its order.

use super::Constraint::{Nothing, Range, Regex};
use super::Kind::{Integer, Text};
use super::{Constraint, Kind, PropertyKey};

/// Every row.
pub(super) const ALL: &[PropertyKey] = &[
    live("com.cph.mainkeys", Integer, "0", Regex(r"^[01]$")),
    live("disable.status.bar", Integer, "0", Regex(r"^[01]$")),
    live("ro.permission.changed", Integer, "0", Regex(r"^[01]$")),
    live("ro.install.auto", Integer, "0", Regex(r"^[01]$")),
    live("ro.com.cph.non_root", Integer, "0", Regex(r"^[01]$")),
    live("ro.com.cph.notification_disable", Integer, "0", Regex(r"^[01]$")),
    live("com.cph.disable_fb_permission", Integer, "0", Regex(r"^[01]$")),
    live("com.cph.bandwidth_limit", Text, "", Regex(r"^(-1|[1-9][0-9]{0,7})$")),
    live("ro.com.cph.toast_enable", Integer, "0", Regex(r"^[01]$")),
    live("com.cph.cam_local_pic_path", Text, "", Regex(r"^[0-9A-Za-z_@#.:/ \u{4e00}-\u{9fff}-]{1,90}$")),
    live("persist.sys.locale", Text, "", Regex(r"^[0-9A-Za-z-]{1,64}$")),
    live("sys.prop.writeimsi", Text, "", Regex(r"^[0-9]{0,15}$")),
    live("sys.prop.writephonenum", Text, "", Regex(r"^[0-9]{0,20}$")),
    live("sys.prop.writewifissid", Text, "cloudphone_wifi", Regex(r"^[0-9A-Za-z_./-]{1,64}$")),
    live("gsm.sim.operator.iso-country", Text, "cn", Regex(r"^[A-Za-z,]{0,10}$")),
    live("gsm.sim.operator.numeric", Text, "46000", Regex(r"^[0-9A-Za-z,]{0,10}$")),
    live("gsm.sim.operator.alpha", Text, "CMCC", Regex(r"^[A-Za-z,]{0,20}$")),
    live("gsm.operator.iso-country", Text, "cn", Regex(r"^[A-Za-z,]{0,10}$")),
    live("gsm.operator.numeric", Text, "46000", Regex(r"^[0-9A-Za-z,]{0,10}$")),
    live("gsm.operator.alpha", Text, "CMCC", Regex(r"^[A-Za-z,]{0,20}$")),
    deprecated("ro.hardware.gpurenderer", Text, ""),
    deprecated("ro.board.platform", Text, "hi3660"),
    deprecated("ro.build.product", Text, "STF"),
    deprecated("ro.product.device", Text, "HWSTF"),
    deprecated("ro.com.cph.sfs_enable", Text, "0"),
    deprecated("ro.product.manufacturer", Text, "Huawei"),
    deprecated("ro.product.name", Text, "monbox"),
    deprecated("qemu.hw.mainkeys", Integer, "0"),
    live("ro.horizontal.screen", Text, "0", Regex(r"^[01]$")),
    live("com.cph.cg.sign_check_url", Text, "", Regex(r"^http[A-Za-z0-9_.,/:-]{0,252}$")),
    live("com.cph.cg.event_notify_url", Text, "", Regex(r"^http[A-Za-z0-9_.,/:-]{0,252}$")),
    live("com.cph.cg.heartbeat_url", Text, "", Regex(r"^http[A-Za-z0-9_.,/:-]{0,252}$")),
    live("com.cph.cg.heartbeat_interval", Text, "", Regex(r"^[0-9]{1,10}$")),
    live("com.cph.cg.app_port", Text, "", Range { from: 10_000, to: 11_000 }),
    live("com.cph.cg.h5_port", Text, "", Range { from: 10_000, to: 11_000 }),
    live("ro.com.cph.cloud_app_engine", Text, "", Regex(r"^[01]$")),
    deprecated("phone_brand", Text, ""),
    deprecated("phone_type", Text, ""),
    deprecated("serial_num", Text, ""),
    deprecated("os_version", Text, ""),
    deprecated("phone_num", Text, ""),
    deprecated("imsi", Text, ""),
    deprecated("iccid", Text, ""),
    deprecated("wifi_name", Text, ""),
    deprecated("mac_address", Text, ""),
    deprecated("imei", Text, ""),
    deprecated("build_id", Text, ""),
    deprecated("android_id", Text, ""),
    deprecated("hide_navigate", Text, ""),
    deprecated("gsm_country", Text, ""),
    deprecated("gsm_number", Text, ""),
    deprecated("gsm_operator", Text, ""),
    deprecated("sim_country", Text, ""),
    deprecated("sim_number", Text, ""),
    deprecated("sim_operator", Text, ""),
];

const fn live(name: &'static str, kind: Kind, default: &'static str, constraint: Constraint) -> PropertyKey {
    PropertyKey { name, kind, default, constraint, deprecated: false }
}

const fn deprecated(name: &'static str, kind: Kind, default: &'static str) -> PropertyKey {
    PropertyKey { name, kind, default, constraint: Nothing, deprecated: true }
}
