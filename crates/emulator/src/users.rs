//! Android's users and groups. Facts: AOSP's `android_filesystem_config.h`, and the groups that adbd gives a shell.

/// Names by id.
const USERS: [(u32, &str); 19] = [
    (0, "root"),
    (1000, "system"),
    (1001, "radio"),
    (1004, "input"),
    (1007, "log"),
    (1011, "adb"),
    (1013, "media"),
    (1015, "sdcard_rw"),
    (MEDIA_RW, "media_rw"),
    (1028, "sdcard_r"),
    (1036, "logd"),
    (1041, "audioserver"),
    (1078, "ext_data_rw"),
    (1079, "ext_obb_rw"),
    (SHELL, "shell"),
    (3001, "net_bt_admin"),
    (3003, "inet"),
    (3009, "readproc"),
    (9998, "misc"),
];

/// Ids of apps.
const APPS: std::ops::Range<u32> = 10_000..20_000;
const MEDIA_RW: u32 = crate::files::base::MEDIA_RW;
const SHELL: u32 = crate::files::base::SHELL;

/// Groups of adb's shell.
pub(crate) const SHELL_GROUPS: [u32; 10] = [SHELL, 1004, 1007, 1011, 1015, 1028, 1078, 1079, 3001, 3003];
/// Groups of adb's shell once it is root.
pub(crate) const ROOT_GROUPS: [u32; 8] = [0, 1004, 1007, 1011, 1015, 1028, 3001, 3003];

/// The name of a user or group; an app's for an app, the number where there is none.
pub(crate) fn name(id: u32) -> String {
    match USERS.iter().find(|(own, _)| *own == id) {
        Some((_, name)) => (*name).to_owned(),
        None if APPS.contains(&id) => format!("u0_a{}", id - APPS.start),
        None => id.to_string(),
    }
}

/// Whether files of a group are open to adb's shell as to its members: its own groups, and that of shared storage,
/// which Android lets the shell write to without being in it.
pub(crate) fn shell_is_let_in(gid: u32) -> bool {
    gid == MEDIA_RW || SHELL_GROUPS.contains(&gid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_names_and_those_without_are_numbers() {
        let names = [0, 1013, 2000, 9998, 9999, 10_000, 10_123, 20_000, u32::MAX].map(name);
        let known = ["root", "media", "shell", "misc", "9999", "u0_a0", "u0_a123", "20000", "4294967295"];
        assert_eq!(names, known);
        assert!(shell_is_let_in(MEDIA_RW) && shell_is_let_in(1079) && !shell_is_let_in(1000));
        assert!(SHELL_GROUPS.iter().chain(&ROOT_GROUPS).all(|id| name(*id) != id.to_string()));
    }
}
