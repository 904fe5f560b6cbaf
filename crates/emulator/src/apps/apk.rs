//! Reads APKs: who they say they are. Hostile ones cost bounded memory and time.

mod bytes;
mod guard;
mod manifest;
mod resources;
mod strings;
mod zip;

use manifest::{Manifest, Text};
use std::fmt;

/// Largest manifest that is read, in bytes.
const MANIFEST_BYTES_MAX: usize = 8 << 20;
/// Largest table of resources that is read, in bytes.
const RESOURCES_BYTES_MAX: usize = 32 << 20;
/// What native code can be for.
const ABIS: [&str; 7] = ["arm64-v8a", "armeabi", "armeabi-v7a", "mips", "riscv64", "x86", "x86_64"];

/// The bytes of an APK, wherever they are.
pub trait Source {
    /// How many there are.
    fn size(&self) -> u64;

    /// Exactly `bytes` of them from a place.
    ///
    /// # Errors
    /// [`ApkError`] when there are not as many, or they cannot be read.
    fn read(&mut self, at: u64, bytes: usize) -> Result<Vec<u8>, ApkError>;
}

impl Source for &[u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read(&mut self, at: u64, bytes: usize) -> Result<Vec<u8>, ApkError> {
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        let range = at..at.saturating_add(bytes);
        self.get(range).map(<[u8]>::to_vec).ok_or(ApkError::NotApk)
    }
}

/// What an APK says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apk {
    /// The package's name.
    pub package: String,
    /// The name of the split; none for a base.
    pub split: Option<String>,
    /// Version, to compare by.
    pub version_code: u64,
    /// Version, to show.
    pub version_name: String,
    /// What people know it as; its package's name when it says nothing.
    pub label: String,
    /// The oldest Android that it runs on, as an SDK's level.
    pub min_sdk: u32,
    /// The Android that it was made for.
    pub target_sdk: u32,
    /// Whether it may be debugged.
    pub debuggable: bool,
    /// What the launcher starts.
    pub main_activity: Option<String>,
    /// All its activities.
    pub activities: Vec<String>,
    /// The permissions that it asks for.
    pub permissions: Vec<String>,
    /// What its native code is for; empty when it has none.
    pub abis: Vec<String>,
}

/// Why an APK cannot be installed, as Android's package parser says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApkError {
    /// It is not an archive, or has no manifest.
    NotApk,
    /// It is an archive that cannot be read.
    Unexpected(String),
    /// It is not signed.
    NoCertificates,
    /// Its manifest cannot be read.
    BadManifest(String),
    /// Its package's name is none.
    BadPackageName(String),
}

impl ApkError {
    /// Android's name for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotApk => "INSTALL_PARSE_FAILED_NOT_APK",
            Self::Unexpected(_) => "INSTALL_PARSE_FAILED_UNEXPECTED_EXCEPTION",
            Self::NoCertificates => "INSTALL_PARSE_FAILED_NO_CERTIFICATES",
            Self::BadManifest(_) => "INSTALL_PARSE_FAILED_BAD_MANIFEST",
            Self::BadPackageName(_) => "INSTALL_PARSE_FAILED_BAD_PACKAGE_NAME",
        }
    }
}

impl fmt::Display for ApkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotApk => f.write_str("Failed to parse the APK: not a valid archive"),
            Self::NoCertificates => f.write_str("Failed to collect certificates: the APK is not signed"),
            Self::Unexpected(why) | Self::BadManifest(why) | Self::BadPackageName(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for ApkError {}

impl Apk {
    /// Reads an APK.
    ///
    /// # Errors
    /// [`ApkError`].
    pub fn read(mut source: impl Source) -> Result<Self, ApkError> {
        let source = &mut source;
        let zip = zip::Zip::open(source)?;
        let manifest = zip.find("AndroidManifest.xml").ok_or(ApkError::NotApk)?;
        let manifest = Manifest::parse(&zip.read(source, manifest, MANIFEST_BYTES_MAX)?)?;
        if !zip.signed(source)? {
            return Err(ApkError::NoCertificates);
        }
        let wanted = [&manifest.label, &manifest.version_name];
        let resources = wanted.iter().any(|text| matches!(text, Some(Text::Resource(_))));
        let resources = zip.find("resources.arsc").filter(|_| resources);
        // A table that cannot be read leaves the label unknown, and the app as good as it was.
        let table = resources.and_then(|entry| zip.read(source, entry, RESOURCES_BYTES_MAX).ok());
        let resolve = |text: Option<Text>| match text? {
            Text::Literal(text) => Some(text),
            Text::Resource(id) => resources::text(table.as_deref()?, id).map(|text| manifest::clean(&text)),
        };
        let native = |abi: &str| {
            let directory = format!("lib/{abi}/");
            zip.entries().any(|(name, _)| name.starts_with(directory.as_bytes()))
        };
        Ok(Self {
            label: resolve(manifest.label)
                .filter(|label| !label.is_empty())
                .unwrap_or_else(|| manifest.package.clone()),
            version_name: resolve(manifest.version_name).unwrap_or_default(),
            package: manifest.package,
            split: manifest.split,
            version_code: manifest.version_code,
            min_sdk: manifest.min_sdk,
            target_sdk: manifest.target_sdk,
            debuggable: manifest.debuggable,
            main_activity: manifest.main_activity,
            activities: manifest.activities,
            permissions: manifest.permissions,
            abis: ABIS.iter().filter(|abi| native(abi)).map(|abi| (*abi).to_owned()).collect(),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
