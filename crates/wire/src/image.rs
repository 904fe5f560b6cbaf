//! Images (`contract/operations.md`, "Images").

use crate::request::{MARKER, MarkerPage, Parts, QueryField, Request};
use model::code::{self, Refusal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most images on a page.
pub const IMAGES_PER_PAGE_MAX: i64 = 500;

/// Which images a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ImageType {
    /// Everybody's.
    Public,
    /// The project's own.
    Private,
    /// Another project's, shared with this one.
    Share,
    /// All of them.
    #[default]
    All,
}

/// ListCloudPhoneImages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListCloudPhoneImages {
    /// Which images.
    pub image_type: ImageType,
    /// Which part of the list.
    pub page: MarkerPage,
}

impl Request for ListCloudPhoneImages {
    const QUERY: &'static [QueryField] = &[
        QueryField::text("image_type", "public, private, share or all; all by default."),
        MARKER,
        QueryField::integer("limit", "Most images to answer: 1 to 500, 500 by default."),
    ];

    /// CPS.0116 for the type, CPS.0002 for marker and limit.
    fn decode(parts: &Parts<'_>) -> Result<Self, Refusal> {
        let image_type = match parts.query("image_type") {
            None | Some("all") => ImageType::All,
            Some("public") => ImageType::Public,
            Some("private") => ImageType::Private,
            Some("share") => ImageType::Share,
            Some(_) => return Err(code::TYPE_INVALID.into()),
        };
        Ok(Self { image_type, page: parts.marker_page(IMAGES_PER_PAGE_MAX, IMAGES_PER_PAGE_MAX)? })
    }
}

/// The answer of ListCloudPhoneImages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CloudPhoneImages {
    /// The request's id.
    pub request_id: String,
    /// The images, newest first.
    pub phone_images: Vec<PhoneImage>,
    /// Where the next page starts.
    pub page_info: PageInfo,
}

/// An image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhoneImage {
    /// Its name.
    pub image_name: String,
    /// The kind of system, for example `Android`.
    pub os_type: String,
    /// 1 public, 2 private.
    pub is_public: i64,
    /// The system's name, for example `AOSP 11`.
    pub os_name: String,
    /// The phone models that it suits: those with the same label.
    pub image_label: String,
    /// Its id.
    pub image_id: String,
    /// Whether it can be encrypted.
    pub is_support_encrypt: bool,
    /// Where its share with this project stands: 0 waiting, 1 accepted, 2 rejected; absent when not shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receive_status: Option<i64>,
}

/// Where the next page of a list by marker starts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageInfo {
    /// The marker to send for the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_marker: Option<String>,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::{code as code_of, has_fields, query};

    #[test]
    fn types_and_pages() {
        let listed = |text: &str| query::<ListCloudPhoneImages>(text).unwrap();
        for (text, expected) in [
            ("", ImageType::All),
            ("image_type=", ImageType::All),
            ("image_type=all", ImageType::All),
            ("image_type=public", ImageType::Public),
            ("image_type=private", ImageType::Private),
            ("image_type=share", ImageType::Share),
        ] {
            assert_eq!(listed(text).image_type, expected, "{text}");
        }
        assert_eq!(listed("").page, MarkerPage { marker: None, limit: 500 });
        assert_eq!(listed("marker=a&limit=1").page, MarkerPage { marker: Some("a".into()), limit: 1 });
        assert_eq!(code_of(query::<ListCloudPhoneImages>("image_type=mine")), "CPS.0116");
        assert_eq!(code_of(query::<ListCloudPhoneImages>("limit=501")), "CPS.0002");
    }

    #[test]
    fn the_fields_of_the_contract() {
        let image = PhoneImage { receive_status: Some(1), ..PhoneImage::default() };
        has_fields(
            &serde_json::to_value(image).unwrap(),
            "image_name:str, os_type:str, is_public:int, os_name:str, image_label:str, image_id:str, \
             is_support_encrypt:bool, receive_status:int",
        );
        let list = serde_json::to_string(&CloudPhoneImages::default()).unwrap();
        assert_eq!(list, r#"{"request_id":"","phone_images":[],"page_info":{}}"#);
    }
}
