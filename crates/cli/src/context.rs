//! What a verb works with: a session, standard output and standard error; and how names become ids.

use crate::api::{self, PhoneFilter};
use crate::arguments::{Common, Selection};
use crate::connection::ConnectionFlags;
use crate::failure::Failure;
use crate::out::Out;
use crate::screen::Screen;
use crate::select::{self, Chosen};
use crate::session::Session;
use crate::settings::Need;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use wire::phone::Phone;

/// Up to so many names are asked for one by one; for more the whole list is cheaper.
const NAMES_ASKED_MAX: usize = 4;
/// Far more than a list of phones or a file of properties has.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What a verb works with.
#[derive(Debug)]
pub struct Context {
    /// The connection.
    pub session: Session,
    /// Standard output.
    pub out: Out,
    /// Standard error.
    pub screen: Arc<Screen>,
}

impl Context {
    /// Connects as the flags say.
    ///
    /// # Errors
    /// A setting is missing, or the service is not reached or does not let us in.
    pub async fn open(common: &Common) -> Result<Self, Failure> {
        let out = Out::new(common.json, common.quiet);
        Self::connect(&common.connection, out, common.quiet).await
    }

    /// The same with the output told.
    ///
    /// # Errors
    /// As [`Context::open`].
    pub async fn connect(flags: &ConnectionFlags, out: Out, quiet: bool) -> Result<Self, Failure> {
        let (settings, profiles, notes) = flags.settings(Need::Any)?;
        let screen = Arc::new(Screen::new(quiet));
        notes.iter().for_each(|note| screen.error(note));
        let session = Session::open(settings, screen.clone(), &profiles).await?;
        Ok(Self { session, out, screen })
    }

    /// The phones of a selection; `texts` are the ids and names of a selection that names them.
    ///
    /// # Errors
    /// A name means no phone or several; nothing was sent.
    pub async fn phones(&self, selection: &Selection, texts: &[String]) -> Result<Vec<Chosen>, Failure> {
        if names_phones(selection) {
            return self.named_phones(texts).await;
        }
        let server_id = match &selection.server {
            Some(server) => Some(self.server(server).await?.id),
            None => None,
        };
        let filter = PhoneFilter { server_id, status: selection.status, name: None };
        Ok(api::phones(&self.session, &filter).await?.iter().map(chosen).collect())
    }

    /// One phone by id or name.
    ///
    /// # Errors
    /// As [`Context::phones`].
    pub async fn phone(&self, text: &str) -> Result<Chosen, Failure> {
        first(self.named_phones(&[text.to_string()]).await?, text)
    }

    async fn named_phones(&self, texts: &[String]) -> Result<Vec<Chosen>, Failure> {
        let names = select::names(texts);
        let mut known = Vec::new();
        if names.len() > NAMES_ASKED_MAX {
            known = api::phones(&self.session, &PhoneFilter::default()).await?;
        } else {
            for name in names {
                let filter = PhoneFilter { name: Some(name.into()), ..PhoneFilter::default() };
                known.extend(api::phones(&self.session, &filter).await?);
            }
        }
        let mut known: Vec<Chosen> = known.iter().map(chosen).collect();
        known.sort_by(|one, other| one.id.cmp(&other.id));
        known.dedup();
        select::resolve("phone", texts, &known).map_err(nothing_sent)
    }

    /// Servers by id or name.
    ///
    /// # Errors
    /// A name means no server or several.
    pub async fn servers(&self, texts: &[String]) -> Result<Vec<Chosen>, Failure> {
        if select::names(texts).is_empty() {
            return Ok(texts.iter().map(|id| Chosen::nameless(id)).collect());
        }
        let servers = api::servers(&self.session).await?;
        let known = servers.into_iter().map(|s| Chosen { id: s.server_id, name: Some(s.server_name) });
        select::resolve("server", texts, &known.collect::<Vec<_>>()).map_err(nothing_sent)
    }

    /// One server by id or name.
    ///
    /// # Errors
    /// As [`Context::servers`].
    pub async fn server(&self, text: &str) -> Result<Chosen, Failure> {
        first(self.servers(&[text.to_string()]).await?, text)
    }

    /// The id of an image by id or name.
    ///
    /// # Errors
    /// As [`Context::servers`].
    pub async fn image_id(&self, text: &str) -> Result<String, Failure> {
        if select::is_id(text) {
            return Ok(text.into());
        }
        let images = api::images(&self.session).await?;
        let known =
            images.into_iter().map(|image| Chosen { id: image.image_id, name: Some(image.image_name) });
        let found = select::resolve("image", &[text.to_string()], &known.collect::<Vec<_>>());
        Ok(first(found.map_err(nothing_sent)?, text)?.id)
    }
}

/// Whether a selection names phones instead of filtering the list.
fn names_phones(selection: &Selection) -> bool {
    !selection.phones.is_empty() || selection.from.is_some()
}

/// The ids and names of a selection, those of its file included. Read before anything is asked.
///
/// # Errors
/// Nothing is selected, or the file cannot be read or is empty.
pub fn texts(selection: &Selection) -> Result<Vec<String>, Failure> {
    let filters = selection.all || selection.server.is_some() || selection.status.is_some();
    let mut texts = selection.phones.clone();
    if let Some(file) = &selection.from {
        texts.extend(select::lines(&read(file)?));
        if texts.is_empty() {
            return Err(Failure::usage(format!("--from {}: no phones in it", file.display())));
        }
    } else if texts.is_empty() && !filters {
        return Err(Failure::usage(
            "which phones? Name them, or give --server, --status, --all or --from FILE",
        ));
    }
    Ok(texts)
}

/// The text of a file; - is standard input.
///
/// # Errors
/// It cannot be read.
pub fn read(path: &Path) -> Result<String, Failure> {
    let text = if path.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin().take(FILE_BYTES_MAX))
    } else {
        std::fs::File::open(path).and_then(|file| std::io::read_to_string(file.take(FILE_BYTES_MAX)))
    };
    text.map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}

fn chosen(phone: &Phone) -> Chosen {
    Chosen { id: phone.phone_id.clone(), name: Some(phone.phone_name.clone()) }
}

fn first(found: Vec<Chosen>, text: &str) -> Result<Chosen, Failure> {
    found.into_iter().next().ok_or_else(|| Failure::usage(format!("'{text}' names nothing")))
}

fn nothing_sent(problems: Vec<String>) -> Failure {
    /// More lines help nobody.
    const SHOWN: usize = 20;
    let more = problems.len().saturating_sub(SHOWN);
    let mut lines: Vec<String> = problems.into_iter().take(SHOWN).collect();
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    Failure::usage(format!("{}; nothing was sent", lines.join("\n  ")))
}
