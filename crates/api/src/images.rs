//! Images and phone models.

use crate::context::Context;
use model::code::Refusal;
use model::image::Image;
use model::server::{PHONE_MODELS, PhoneModel};
use wire::image::{CloudPhoneImages, ImageType, ListCloudPhoneImages, PageInfo, PhoneImage};
use wire::phone_model::{CloudPhoneModels, ListCloudPhoneModels};

/// ListCloudPhoneImages.
pub async fn list(context: Context, request: ListCloudPhoneImages) -> Result<CloudPhoneImages, Refusal> {
    let images = context.store().images_list(context.project()?).await?;
    let wanted = images.into_iter().filter(|image| of_type(image, request.image_type));
    let images: Vec<PhoneImage> = wanted.map(listed).collect();
    let (phone_images, next_marker) = marker_page(images, &request.page, |image| &image.image_id);
    Ok(CloudPhoneImages {
        request_id: context.request_text(),
        phone_images,
        page_info: PageInfo { next_marker },
    })
}

fn of_type(image: &Image, wanted: ImageType) -> bool {
    match wanted {
        ImageType::All => true,
        ImageType::Public => image.project_id.is_none(),
        ImageType::Share => image.receive_status.is_some(),
        ImageType::Private => image.project_id.is_some() && image.receive_status.is_none(),
    }
}

fn listed(image: Image) -> PhoneImage {
    PhoneImage {
        os_name: image.version(),
        image_name: image.name,
        os_type: "Android".into(),
        is_public: if image.project_id.is_none() { 1 } else { 2 },
        image_label: image.label,
        image_id: image.id.into_string(),
        is_support_encrypt: false,
        receive_status: image.receive_status.map(|s| s.number()),
    }
}

/// The part of a list behind a marker, and the marker of the next part if there is one. An unknown marker
/// starts from the beginning.
pub(crate) fn marker_page<T>(
    list: Vec<T>,
    page: &wire::request::MarkerPage,
    name: impl Fn(&T) -> &String,
) -> (Vec<T>, Option<String>) {
    let start = match &page.marker {
        Some(marker) => list.iter().position(|item| name(item) == marker).map_or(0, |at| at + 1),
        None => 0,
    };
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let more = list.len().saturating_sub(start) > limit;
    let part: Vec<T> = list.into_iter().skip(start).take(limit).collect();
    let next = part.last().filter(|_| more).map(|item| name(item).clone());
    (part, next)
}

/// ListCloudPhoneModels.
pub async fn phone_models(
    context: Context,
    request: ListCloudPhoneModels,
) -> Result<CloudPhoneModels, Refusal> {
    // All models are on sale.
    let wanted = PHONE_MODELS.iter().filter(|_| request.status.is_none_or(|s| s == 1));
    let offset = usize::try_from(request.page.offset).unwrap_or(usize::MAX);
    let limit = usize::try_from(request.page.limit).unwrap_or(usize::MAX);
    let phone_models = wanted.skip(offset).take(limit).map(model_listed).collect();
    Ok(CloudPhoneModels { request_id: context.request_text(), phone_models })
}

fn model_listed(model: &PhoneModel) -> wire::phone_model::PhoneModel {
    wire::phone_model::PhoneModel {
        server_model_name: model.server_model.into(),
        phone_model_name: model.name.into(),
        status: 1,
        cpu: model.cpu,
        memory: model.memory_mb,
        disk: model.disk_gib,
        resolution: model.resolution.into(),
        extend_spec: "{}".into(),
        spec_code: model.name.into(),
        phone_capacity: model.capacity,
        image_label: model.image_label.into(),
        product_type: model.product_type,
        phone_model_version: 1,
        dpi: model.dpi,
        fps: model.fps.to_string(),
        volume_mode: 1,
        render_fps: model.fps,
        stream_fps: model.fps,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::request::MarkerPage;

    #[test]
    fn markers_lead_through_a_list_and_end() {
        let list: Vec<String> = ["a", "b", "c"].map(String::from).into();
        let page = |marker: Option<&str>, limit| {
            let page = MarkerPage { marker: marker.map(String::from), limit };
            let (part, next) = marker_page(list.clone(), &page, |item| item);
            (part.concat(), next)
        };
        assert_eq!(page(None, 2), ("ab".into(), Some("b".into())));
        assert_eq!(page(Some("b"), 2), ("c".into(), None));
        assert_eq!(page(None, 3), ("abc".into(), None));
        assert_eq!(page(Some("c"), 2), (String::new(), None));
        assert_eq!(page(Some("gone"), 1), ("a".into(), Some("a".into())));
    }
}
