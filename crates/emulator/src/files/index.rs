//! The bytes in which a phone's [`Data`] is kept: magic, then records. The first record holds every entry,
//! each further one a change. A record is its length (u64), the checksum of that, the payload, and its
//! checksum; all numbers are little-endian. The last record may be cut short by a crash: then its change
//! did not happen. Anything else that is not as written is damage.

use crate::files::data::{Content, Data, Entry, INLINE_BYTES_MAX, Key, PIECE_BYTES_MAX, What};
use crate::phone::rng;
use bytes::Bytes;

/// First bytes of a stored phone; the last one is the format's version.
const MAGIC: &[u8; 8] = b"phdata\0\x02";

/// The format before: `persist.*` properties and files below /data, two flat maps.
const MAGIC_FLAT: &[u8; 8] = b"phdata\0\x01";

/// Length and its checksum.
const HEADER_BYTES: usize = 16;

/// Kinds of entries, as they are written.
const GONE: u8 = 0;
const DIRECTORY: u8 = 1;
const LINK: u8 = 2;
const INLINE: u8 = 3;
const BLOB: u8 = 4;
const REMOVED: u8 = 5;

/// Everything, as a file's whole content.
pub(crate) fn encode(data: &Data) -> Vec<u8> {
    let mut payload = Vec::with_capacity(usize::try_from(data.memory_bytes()).unwrap_or(0));
    for (key, entry) in data.every() {
        put_entry(&mut payload, key, Some(entry));
    }
    let mut out = MAGIC.to_vec();
    put_record(&mut out, &payload);
    out
}

/// What changed since the last [`Data::settle`], to be put behind what is there.
pub(crate) fn encode_changes(data: &Data) -> Vec<u8> {
    let mut payload = Vec::new();
    for key in data.changed() {
        put_entry(&mut payload, key, data.every().get(key));
    }
    let mut out = Vec::with_capacity(payload.len() + HEADER_BYTES + 8);
    put_record(&mut out, &payload);
    out
}

fn put_record(out: &mut Vec<u8>, payload: &[u8]) {
    let length = (payload.len() as u64).to_le_bytes();
    out.extend_from_slice(&length);
    out.extend_from_slice(&rng::fnv(&length).to_le_bytes());
    out.extend_from_slice(payload);
    out.extend_from_slice(&rng::fnv(payload).to_le_bytes());
}

fn put_part(out: &mut Vec<u8>, part: &[u8]) {
    out.extend_from_slice(&(part.len() as u64).to_le_bytes());
    out.extend_from_slice(part);
}

fn put_entry(out: &mut Vec<u8>, (inode, name): &Key, entry: Option<&Entry>) {
    out.extend_from_slice(&inode.to_le_bytes());
    put_part(out, name.as_bytes());
    let Some(entry) = entry else { return out.push(REMOVED) };
    out.push(match &entry.what {
        What::Gone => GONE,
        What::Directory => DIRECTORY,
        What::Link(_) => LINK,
        What::File(Content::Blob { .. }) => BLOB,
        What::File(Content::Inline(_) | Content::Pieces(_) | Content::System(_)) => INLINE,
    });
    for number in [entry.mode, entry.uid, entry.gid] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    out.extend_from_slice(&entry.mtime_s.to_le_bytes());
    out.extend_from_slice(&entry.inode.to_le_bytes());
    match &entry.what {
        What::Gone | What::Directory => {}
        What::Link(target) => put_part(out, target.as_bytes()),
        What::File(Content::Blob { id, size }) => {
            out.extend_from_slice(&id.to_le_bytes());
            out.extend_from_slice(&size.to_le_bytes());
        }
        What::File(Content::Inline(bytes)) => put_part(out, bytes),
        What::File(Content::Pieces(pieces)) => put_part(out, &pieces.concat()),
        // Entries that are made up stay in the base; one that is changed is copied first.
        What::File(Content::System(_)) => put_part(out, b""),
    }
}

/// Reads what [`encode`] and [`encode_changes`] wrote; none for anything else.
pub(crate) fn decode(bytes: &[u8]) -> Option<Data> {
    let Some(mut rest) = bytes.strip_prefix(MAGIC) else { return decode_flat(bytes) };
    let mut data = Data::default();
    match take_record(&mut rest)? {
        Taken::Whole(payload) => load(&mut data, payload)?,
        Taken::Cut => return None,
    }
    let whole = bytes.len() - rest.len();
    while !rest.is_empty() {
        match take_record(&mut rest)? {
            Taken::Whole(payload) => load(&mut data, payload)?,
            // What comes next must not be put behind it: all is written anew then.
            Taken::Cut => return Some(data),
        }
    }
    data.stored = crate::files::data::Stored { whole: whole as u64, total: bytes.len() as u64 };
    Some(data)
}

enum Taken<'a> {
    Whole(&'a [u8]),
    /// The file ends within the record.
    Cut,
}

/// The next record; none when it is damaged.
fn take_record<'a>(rest: &mut &'a [u8]) -> Option<Taken<'a>> {
    // Some file systems lengthen a file before they fill it.
    if rest.len() < HEADER_BYTES || rest.iter().all(|byte| *byte == 0) {
        return Some(Taken::Cut);
    }
    let (length, mut after) = rest.split_first_chunk::<8>()?;
    if take_u64(&mut after)? != rng::fnv(length) {
        return None;
    }
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    if after.len() < length.checked_add(8)? {
        return Some(Taken::Cut);
    }
    let (payload, mut after) = after.split_at_checked(length)?;
    if take_u64(&mut after)? != rng::fnv(payload) {
        return None;
    }
    *rest = after;
    Some(Taken::Whole(payload))
}

fn load(data: &mut Data, mut rest: &[u8]) -> Option<()> {
    while !rest.is_empty() {
        let inode = take_u64(&mut rest)?;
        let name = std::str::from_utf8(take_part(&mut rest)?).ok()?;
        let entry = take_entry(&mut rest)?;
        data.load((inode, name.into()), entry);
    }
    Some(())
}

fn take_entry(rest: &mut &[u8]) -> Option<Option<Entry>> {
    let (kind, after) = rest.split_first()?;
    *rest = after;
    if *kind == REMOVED {
        return Some(None);
    }
    let (mode, uid, gid) = (take_u32(rest)?, take_u32(rest)?, take_u32(rest)?);
    let mtime_s = take_u64(rest)?.cast_signed();
    let inode = take_u64(rest)?;
    let what = match *kind {
        GONE => What::Gone,
        DIRECTORY => What::Directory,
        LINK => What::Link(std::str::from_utf8(take_part(rest)?).ok()?.into()),
        INLINE => What::File(held(take_part(rest)?)),
        BLOB => What::File(Content::Blob { id: take_u64(rest)?, size: take_u64(rest)? }),
        _ => return None,
    };
    Some(Some(Entry { what, mode, uid, gid, mtime_s, inode }))
}

fn held(bytes: &[u8]) -> Content {
    if bytes.len() <= INLINE_BYTES_MAX {
        return Content::Inline(Bytes::copy_from_slice(bytes));
    }
    Content::Pieces(bytes.chunks(PIECE_BYTES_MAX).map(Bytes::copy_from_slice).collect())
}

/// Reads the format before this one.
fn decode_flat(bytes: &[u8]) -> Option<Data> {
    let (body, mut sum) = bytes.split_at_checked(bytes.len().checked_sub(8)?)?;
    if take_u64(&mut sum)? != rng::fnv(body) {
        return None;
    }
    let mut rest = body.strip_prefix(MAGIC_FLAT)?;
    let mut data = Data::default();
    for files in [false, true] {
        for _ in 0..take_u32(&mut rest)? {
            let key = std::str::from_utf8(take_flat_part(&mut rest)?).ok()?;
            let value = take_flat_part(&mut rest)?;
            if files {
                load_flat_file(&mut data, key, value)?;
            } else {
                data.property_set(key, std::str::from_utf8(value).ok()?);
            }
        }
    }
    data.settle();
    rest.is_empty().then_some(data)
}

/// Puts a file of the flat format where its path says, with the directories above it.
fn load_flat_file(data: &mut Data, path: &str, value: &[u8]) -> Option<()> {
    let mut names = path.split('/').filter(|name| !matches!(*name, "" | "." | ".."));
    let name = names.next_back().unwrap_or("unnamed");
    let mut inode = crate::files::base::inode("/data");
    for name in names {
        let here = data.get(inode, name).or_else(|| crate::files::base::get(inode, name));
        inode = match here.map(|entry| (&entry.what, entry.inode)) {
            Some((What::Directory, below)) => below,
            Some((What::File(_) | What::Link(_) | What::Gone, _)) => return None,
            None => {
                let below = data.inode_next();
                data.set(inode, name, Some(flat(What::Directory, 0o771, below)));
                below
            }
        };
    }
    let own = data.inode_next();
    data.set(inode, name, Some(flat(What::File(held(value)), 0o660, own)));
    Some(())
}

fn flat(what: What, mode: u32, inode: u64) -> Entry {
    Entry { what, mode, uid: crate::files::base::SYSTEM, gid: crate::files::base::SYSTEM, mtime_s: 0, inode }
}

fn take_u32(rest: &mut &[u8]) -> Option<u32> {
    let (number, after) = rest.split_first_chunk::<4>()?;
    *rest = after;
    Some(u32::from_le_bytes(*number))
}

fn take_u64(rest: &mut &[u8]) -> Option<u64> {
    let (number, after) = rest.split_first_chunk::<8>()?;
    *rest = after;
    Some(u64::from_le_bytes(*number))
}

fn take_part<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(take_u64(rest)?).ok()?;
    let (part, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(part)
}

fn take_flat_part<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(take_u32(rest)?).ok()?;
    let (part, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(part)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::files::data::BASE_INODE;

    fn entry(what: What, inode: u64) -> Entry {
        Entry { what, mode: 0o644, uid: 2000, gid: 1023, mtime_s: -5, inode }
    }

    fn sample() -> Data {
        let mut data = Data::default();
        data.property_set("persist.a", "1");
        for (inode, what) in [
            (1, What::Directory),
            (2, What::Link("../x".into())),
            (3, What::File(held(&[0, 255, 7]))),
            (4, What::File(held(&[9; 70_000]))),
            (5, What::File(Content::Blob { id: 7, size: 1 << 40 })),
            (6, What::Gone),
        ] {
            data.set(BASE_INODE, &format!("name{inode}"), Some(entry(what, inode)));
        }
        data
    }

    /// An index with a change behind it, and how it was before that change.
    fn changed() -> (Vec<u8>, Data, Data) {
        let (before, mut after) = (sample(), sample());
        let mut bytes = encode(&after);
        after.settle();
        after.property_set("persist.b", "2");
        after.set(BASE_INODE, "name3", None);
        after.set(BASE_INODE, "name2", Some(entry(What::Directory, 8)));
        bytes.extend(encode_changes(&after));
        (bytes, before, after)
    }

    #[test]
    fn what_is_written_is_read_back() {
        for data in [Data::default(), sample()] {
            let read = decode(&encode(&data)).unwrap();
            assert_eq!((read.bytes(), read.memory_bytes()), (data.bytes(), data.memory_bytes()));
            assert_eq!(read, data);
        }
        let (bytes, _, after) = changed();
        let read = decode(&bytes).unwrap();
        assert_eq!(read.stored.total, bytes.len() as u64);
        assert_eq!(read, after);
    }

    #[test]
    fn damage_is_noticed_at_every_byte() {
        let (good, _, _) = changed();
        // The long file is in the middle: its bytes are much alike.
        for at in (0..good.len()).filter(|at| *at < 600 || at % 1009 == 0 || *at > good.len() - 600) {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            assert_eq!(decode(&bad), None, "flipped byte {at}");
        }
    }

    #[test]
    fn a_change_cut_short_did_not_happen_and_is_written_over() {
        let (good, before, _) = changed();
        let whole = encode(&before).len();
        for at in (0..whole).filter(|at| *at < 600 || at % 1009 == 0 || *at > whole - 600) {
            assert_eq!(decode(&good[..at]), None, "cut at {at}");
        }
        for at in whole + 1..good.len() {
            let read = decode(&good[..at]).unwrap();
            assert_eq!((read.stored.whole, read), (0, sample()), "cut at {at}");
        }
        let mut longer = good[..whole].to_vec();
        longer.resize(whole + 100, 0);
        assert_eq!(decode(&longer).unwrap(), before, "lengthened, but not yet filled");
    }

    #[test]
    fn a_lie_about_lengths_is_refused_even_with_a_right_checksum() {
        let mut bytes = MAGIC.to_vec();
        let mut payload = 1_u64.to_le_bytes().to_vec();
        payload.extend_from_slice(&u64::MAX.to_le_bytes());
        put_record(&mut bytes, &payload);
        assert_eq!(decode(&bytes), None);

        let mut flat = MAGIC_FLAT.to_vec();
        flat.extend_from_slice(&[0xff; 8]);
        flat.extend_from_slice(&rng::fnv(&flat).to_le_bytes());
        assert_eq!(decode(&flat), None);
    }
}
