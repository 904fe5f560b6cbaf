//! Phones as a runtime is told of them: what the store says, with images read once.

use model::code::{self, Refusal};
use model::id::ImageId;
use model::phone::Phone;
use runtime::{Generation, ImageSpec, PhoneSpec};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::{Store, StoreError};

/// First pause before something out of reach is asked again; doubles up to the last.
pub(crate) const RETRY_FIRST: Duration = Duration::from_millis(200);
/// Longest of these pauses.
pub(crate) const RETRY_LAST: Duration = Duration::from_secs(5);

/// Makes specs of phones. Cheap to clone; clones share what they have read.
#[derive(Debug, Clone)]
pub struct Specs {
    store: Store,
    /// Images never change once stored.
    images: Arc<Mutex<HashMap<ImageId, Arc<ImageSpec>>>>,
}

impl Specs {
    /// Over a store.
    pub fn new(store: Store) -> Self {
        Self { store, images: Arc::default() }
    }

    /// An image in a runtime's form.
    pub(crate) async fn image(&self, image_id: &ImageId) -> Result<Arc<ImageSpec>, Refusal> {
        if let Some(image) = self.images.lock().unwrap_or_else(PoisonError::into_inner).get(image_id) {
            return Ok(image.clone());
        }
        let image = patiently(|| self.store.image_get(image_id)).await?.ok_or(code::IMAGE_NOT_FOUND)?;
        let spec = Arc::new(ImageSpec {
            id: image.id.clone(),
            name: image.name.clone(),
            version: image.version(),
            build_properties: image.build_properties,
        });
        let mut images = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(images.entry(image_id.clone()).or_insert(spec).clone())
    }

    /// The phone as it is in force; `was_running` is whether it has its power on.
    ///
    /// # Errors
    /// The refusal of a phone whose image or properties cannot be read.
    pub async fn phone(&self, phone: &Phone, epoch: i64, was_running: bool) -> Result<PhoneSpec, Refusal> {
        let was = Generation {
            image: self.image(&phone.image_id).await?,
            properties: properties(&phone.property)?,
        };
        Ok(PhoneSpec {
            phone_id: phone.id.clone(),
            server_id: phone.server_id.clone(),
            phone_name: phone.name.clone(),
            phone_model: phone.phone_model.clone(),
            epoch,
            was,
            was_running,
        })
    }
}

/// Reads again and again as long as the database is out of reach: that is no verdict on the job, whose
/// deadline ends it.
pub(crate) async fn patiently<T, F>(mut read: impl FnMut() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut pause = RETRY_FIRST;
    loop {
        match read().await {
            Err(error) if error.unavailable() => tracing::warn!(%error, "a job waits for the database"),
            other => return other,
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(RETRY_LAST);
    }
}

/// Stored properties as a map.
pub(crate) fn properties(text: &str) -> Result<BTreeMap<String, String>, Refusal> {
    serde_json::from_str(text).map_err(|_| code::INTERNAL_ERROR.into())
}
