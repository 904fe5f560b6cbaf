//! What the picture of a phone shows, asked from the phone.

use super::display::Display;
use super::state::ScreenState;
use super::view::{App, View};
use crate::apps::launcher;
use crate::apps::packages::Package;
use crate::error::Error;
use crate::guest::Guest;
use crate::phone::boot::{Power, Stage};

/// Configured properties that the picture shows, where they have a value.
pub const SHOWN_PROPERTIES: [&str; 32] = [
    "ro.product.model",
    "persist.sys.locale",
    "sys.prop.writewifissid",
    "sys.prop.writephonenum",
    "sys.prop.writeimsi",
    "com.cph.bandwidth_limit",
    "gsm.operator.alpha",
    "gsm.operator.numeric",
    "gsm.operator.iso-country",
    "gsm.sim.operator.alpha",
    "gsm.sim.operator.numeric",
    "gsm.sim.operator.iso-country",
    "com.cph.cam_local_pic_path",
    "com.cph.mainkeys",
    "qemu.hw.mainkeys",
    "disable.status.bar",
    "ro.horizontal.screen",
    "com.cph.disable_fb_permission",
    "ro.permission.changed",
    "ro.install.auto",
    "ro.com.cph.non_root",
    "ro.com.cph.notification_disable",
    "ro.com.cph.toast_enable",
    "ro.com.cph.cloud_app_engine",
    "ro.com.cph.sfs_enable",
    "com.cph.cg.app_port",
    "com.cph.cg.h5_port",
    "com.cph.cg.heartbeat_interval",
    "com.cph.cg.heartbeat_url",
    "com.cph.cg.event_notify_url",
    "com.cph.cg.sign_check_url",
    "ro.hardware.gpurenderer",
];

/// Everything that a [`View`] shows.
#[derive(Debug)]
pub(crate) struct Scene {
    size: (u32, u32, u32),
    now_ms: u64,
    wall_ms: i64,
    uptime_ms: u64,
    booting: Option<Stage>,
    phone_name: String,
    phone_id: String,
    image_name: String,
    image_id: String,
    android_version: String,
    properties: Vec<(String, String)>,
    apps: Vec<App>,
    status_bar: bool,
    navigation_bar: bool,
    screen: ScreenState,
}

/// The phone has not booted yet: adbd answers, but the system's services do not.
pub(crate) fn booting(guest: &Guest) -> Result<bool, Error> {
    Ok(matches!(guest.observe()?.power, Power::Booting(_)))
}

/// The apps of the home screen; none while they cannot be read.
fn apps(guest: &Guest) -> Vec<App> {
    let icon = |package: Package| App {
        activity: package.main_activity.unwrap_or_default(),
        package: package.name,
        label: package.label,
        version: package.version_name,
    };
    launcher::shown(guest).unwrap_or_default().into_iter().map(icon).collect()
}

impl Scene {
    /// The phone as it is now.
    pub(crate) fn of(guest: &Guest) -> Result<Self, Error> {
        let seen = guest.observe()?;
        let set = |name: &str| Ok::<_, Error>(Some(guest.getprop(name)?).filter(|value| !value.is_empty()));
        let on = |name: &str| Ok::<_, Error>(guest.getprop(name)? == "1");
        let now_ms = guest.clock().now_ms();
        let screen = guest.session(|session| session.screen.clone())?;
        let display = Display::of(guest)?;
        let mut size = display.holds();
        if display.sideways() || (on("ro.horizontal.screen")? && size.0 < size.1) {
            size = (size.1, size.0, size.2);
        }
        let mut properties = Vec::new();
        for name in SHOWN_PROPERTIES {
            properties.extend(set(name)?.map(|value| (name.to_owned(), value)));
        }
        let phone_name = guest.session(|session| session.phone_name.clone())?;
        Ok(Self {
            size,
            now_ms,
            wall_ms: guest.clock().wall_ms(),
            uptime_ms: now_ms.saturating_sub(seen.started_ms.unwrap_or(now_ms)),
            booting: match seen.power {
                Power::Booting(stage) => Some(stage),
                Power::Off | Power::Running | Power::Dead { .. } => None,
            },
            // Nobody has come in yet who knew the name.
            phone_name: if phone_name.is_empty() { guest.phone_id().to_owned() } else { phone_name },
            phone_id: guest.phone_id().to_owned(),
            image_name: seen.image.name.clone(),
            image_id: seen.image.id.clone(),
            android_version: guest.getprop("ro.build.version.release")?,
            properties,
            apps: apps(guest),
            status_bar: !on("disable.status.bar")?,
            navigation_bar: !(on("com.cph.mainkeys")? || on("qemu.hw.mainkeys")?),
            screen,
        })
    }

    /// To draw, and to ask what is where.
    pub(crate) fn view(&self) -> View<'_> {
        View {
            width: self.size.0,
            height: self.size.1,
            density: self.size.2,
            now_ms: self.now_ms,
            wall_ms: self.wall_ms,
            uptime_ms: self.uptime_ms,
            booting: self.booting,
            phone_name: &self.phone_name,
            phone_id: &self.phone_id,
            image_name: &self.image_name,
            image_id: &self.image_id,
            android_version: &self.android_version,
            properties: &self.properties,
            apps: &self.apps,
            status_bar: self.status_bar,
            navigation_bar: self.navigation_bar,
            screen: &self.screen,
        }
    }
}
