//! Banners: how the two sides of a connection introduce themselves in CNXN.

/// What the phone's side can do, and nothing else.
pub const FEATURES: &str = "shell_v2,cmd,stat_v2,ls_v2,fixed_push_mkdir,fixed_push_symlink_timestamp";
/// What the host's side can do.
pub const HOST_FEATURES: &str = "shell_v2,cmd,stat_v2,ls_v2,fixed_push_mkdir";

/// What a phone says of itself: its product, model and device names. What would end a value becomes `_`.
pub fn device_banner(name: &str, model: &str, device: &str) -> String {
    let [name, model, device] = [name, model, device].map(plain);
    format!(
        "device::ro.product.name={name};ro.product.model={model};ro.product.device={device};features={FEATURES}"
    )
}

/// What our own host says of itself.
pub fn host_banner() -> String {
    format!("host::features={HOST_FEATURES}")
}

fn plain(value: &str) -> String {
    value.replace(|character: char| character == ';' || character.is_control(), "_")
}

/// A banner of either side. What is not understood is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Banner {
    /// `host`, or the phone's state: `device`, `recovery`, `bootloader` and so on.
    pub kind: String,
    /// What it says of itself, such as `ro.product.model`; without the features.
    pub properties: Vec<(String, String)>,
    /// What it can do.
    pub features: Vec<String>,
}

impl Banner {
    /// Reads `host::features=a,b`, `host::name`, `device::name=value;features=a,b`, with or without a NUL at its
    /// end. Never fails: who says nothing that we understand has no features.
    pub fn parse(banner: &[u8]) -> Self {
        let text = String::from_utf8_lossy(banner);
        let text = text.trim_end_matches('\0');
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        // Between the colons stands a serial number, which nobody fills in.
        let (_serial, rest) = rest.split_once(':').unwrap_or(("", rest));
        let mut parsed = Self { kind: kind.to_owned(), ..Self::default() };
        for (name, value) in rest.split(';').filter_map(|pair| pair.split_once('=')) {
            if name == "features" {
                let features = value.split(',').filter(|feature| !feature.is_empty());
                parsed.features = features.map(str::to_owned).collect();
            } else {
                parsed.properties.push((name.to_owned(), value.to_owned()));
            }
        }
        parsed
    }

    /// Whether it can do this.
    pub fn has(&self, feature: &str) -> bool {
        self.features.iter().any(|known| known == feature)
    }

    /// What it says under this name.
    pub fn property(&self, name: &str) -> Option<&str> {
        self.properties.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_s_banner_says_its_names_and_its_features() {
        let banner = device_banner("sdk", "Pixel 9", "cheetah");
        assert!(banner.starts_with("device::ro.product.name=sdk;ro.product.model=Pixel 9;"));
        let parsed = Banner::parse(banner.as_bytes());
        assert_eq!(parsed.kind, "device");
        assert_eq!(parsed.property("ro.product.device"), Some("cheetah"));
        assert_eq!(parsed.features.join(","), FEATURES);
        assert!(parsed.has("shell_v2") && !parsed.has("delayed_ack"));
    }

    #[test]
    fn a_value_cannot_add_features() {
        let parsed = Banner::parse(device_banner("a;features=abb", "b\0", "c").as_bytes());
        assert_eq!(parsed.property("ro.product.name"), Some("a_features=abb"));
        assert!(!parsed.has("abb"));
    }

    #[test]
    fn a_host_s_banner_gives_its_features() {
        assert_eq!(Banner::parse(b"host::features=a,b\0").features, ["a", "b"]);
        assert_eq!(Banner::parse(host_banner().as_bytes()).features.join(","), HOST_FEATURES);
    }

    #[test]
    fn banners_of_old_and_of_unknown_hosts_have_no_features() {
        for banner in [b"host::name\0".as_slice(), b"host::", b"host", b"", b"\xff\xff", b"a:b:c=d;=;;"] {
            assert!(Banner::parse(banner).features.is_empty());
        }
        assert_eq!(Banner::parse(b"host::name\0").kind, "host");
    }
}
