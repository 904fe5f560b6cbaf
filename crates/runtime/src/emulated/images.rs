//! Images in the emulator's form, made once and shared by all phones.

use crate::want::ImageSpec;
use emulator::Image;
use model::id::ImageId;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Images kept; past that all are made anew.
const IMAGES_MAX: usize = 1024;

/// The images seen so far.
#[derive(Debug, Default)]
pub(super) struct Images(RwLock<HashMap<ImageId, Pair>>);

/// An image in both forms.
type Pair = (Arc<ImageSpec>, Arc<Image>);

impl Images {
    /// The image in the emulator's form.
    pub(super) fn get(&self, spec: &Arc<ImageSpec>) -> Arc<Image> {
        let images = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((seen, image)) = images.get(&spec.id)
            && (Arc::ptr_eq(seen, spec) || seen == spec)
        {
            return image.clone();
        }
        drop(images);
        let image = Arc::new(Image {
            id: spec.id.as_str().to_owned(),
            name: spec.name.clone(),
            android_version: spec.version.trim_start_matches("AOSP").trim().to_owned(),
            build_properties: Arc::new(spec.build_properties.clone()),
        });
        let mut images = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if images.len() >= IMAGES_MAX {
            images.clear();
        }
        images.insert(spec.id.clone(), (spec.clone(), image.clone()));
        image
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_made_once_and_again_when_it_changes() {
        let images = Images::default();
        let spec = |version: &str| {
            let id = ImageId::new("i");
            Arc::new(ImageSpec { id, name: "n".into(), version: version.into(), build_properties: [].into() })
        };
        let first = images.get(&spec("AOSP 11"));
        assert_eq!(first.android_version, "11");
        assert!(Arc::ptr_eq(&first, &images.get(&spec("AOSP 11"))), "equal is enough");
        assert_eq!(images.get(&spec("AOSP 12.0")).android_version, "12.0");
        assert_eq!(images.get(&spec("13")).android_version, "13");
    }
}
