//! A phone's /data: files and the `persist.*` properties that were set while it ran. A restart keeps it, a
//! reset wipes it.

use crate::disk::DataDir;
use crate::error::Error;
use crate::rng;
use std::collections::BTreeMap;
use std::io;

/// Longest path of a file below /data, in bytes.
pub const PATH_BYTES_MAX: usize = 1024;

/// Counted for every entry on top of its key and value, so that empty files are not free.
const ENTRY_BYTES: u64 = 64;

/// First bytes of a stored /data; the last one is the format's version.
const MAGIC: &[u8; 8] = b"phdata\0\x01";

/// The two kinds of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    /// `persist.*` properties.
    Persist,
    /// Files by their path below /data.
    Files,
}

/// What /data holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Data {
    maps: [BTreeMap<String, Vec<u8>>; 2],
    bytes: u64,
}

fn cost(key: &str, value: &[u8]) -> u64 {
    key.len() as u64 + value.len() as u64 + ENTRY_BYTES
}

impl Data {
    /// The entries of one kind, by key.
    pub(crate) fn map(&self, space: Space) -> &BTreeMap<String, Vec<u8>> {
        &self.maps[space as usize]
    }

    /// What all entries cost, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    fn is_empty(&self) -> bool {
        self.maps.iter().all(BTreeMap::is_empty)
    }

    /// Sets an entry, or removes it for none; returns what was there.
    fn put(&mut self, space: Space, key: &str, value: Option<Vec<u8>>) -> Option<Vec<u8>> {
        let map = &mut self.maps[space as usize];
        let before = match value {
            Some(value) => {
                self.bytes += cost(key, &value);
                map.insert(key.to_owned(), value)
            }
            None => map.remove(key),
        };
        if let Some(before) = &before {
            self.bytes -= cost(key, before);
        }
        before
    }

    /// Magic, then for each kind a count and that many keys and values, each with its length before it
    /// (little-endian u32), then a checksum of all that.
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(usize::try_from(self.bytes).unwrap_or(0) + 32);
        out.extend_from_slice(MAGIC);
        let length = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
        for map in &self.maps {
            out.extend_from_slice(&length(map.len()));
            for (key, value) in map {
                for part in [key.as_bytes(), value] {
                    out.extend_from_slice(&length(part.len()));
                    out.extend_from_slice(part);
                }
            }
        }
        out.extend_from_slice(&rng::fnv(&out).to_le_bytes());
        out
    }

    /// Reads what [`Data::encode`] wrote; none for anything else.
    fn decode(bytes: &[u8]) -> Option<Self> {
        let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(8)?)?;
        if sum != rng::fnv(body).to_le_bytes() {
            return None;
        }
        let mut rest = body.strip_prefix(MAGIC)?;
        let mut data = Self::default();
        for space in [Space::Persist, Space::Files] {
            for _ in 0..take_length(&mut rest)? {
                let key = std::str::from_utf8(take_part(&mut rest)?).ok()?;
                let value = take_part(&mut rest)?.to_vec();
                data.put(space, key, Some(value));
            }
        }
        rest.is_empty().then_some(data)
    }
}

fn take_length(rest: &mut &[u8]) -> Option<usize> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    *rest = after;
    usize::try_from(u32::from_le_bytes(*length)).ok()
}

fn take_part<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = take_length(rest)?;
    let (part, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(part)
}

/// Where a phone's /data is.
#[derive(Debug)]
pub(crate) enum Slot {
    /// On disk, if anywhere; not read yet.
    Unread,
    /// Nothing there.
    Empty,
    /// Here.
    Held(Box<Data>),
}

/// The limits and the place of every phone's /data.
#[derive(Debug)]
pub(crate) struct Keeper {
    /// Most that one phone's /data may hold, in bytes.
    pub(crate) bytes_max: u64,
    /// Where it is kept between processes.
    pub(crate) disk: Option<DataDir>,
}

impl Keeper {
    /// The /data of a phone that nothing was asked of yet.
    pub(crate) fn slot(&self) -> Slot {
        if self.disk.is_some() { Slot::Unread } else { Slot::Empty }
    }

    /// Reads the phone's /data if that was not done yet.
    ///
    /// # Errors
    /// [`Error::Data`] when it cannot be read, or is not what was written.
    pub(crate) fn open<'a>(&self, phone_id: &str, slot: &'a mut Slot) -> Result<Option<&'a Data>, Error> {
        if let (Slot::Unread, Some(disk)) = (&*slot, &self.disk) {
            // Room for the length of every key and value; anything longer was not written by us.
            let stored = disk.read(phone_id, self.bytes_max.saturating_mul(2).saturating_add(1024))?;
            *slot = match stored {
                None => Slot::Empty,
                Some(bytes) => Slot::Held(Box::new(Data::decode(&bytes).ok_or_else(|| {
                    let path = disk.path(phone_id);
                    Error::Data(io::Error::new(
                        io::ErrorKind::InvalidData,
                        format!("{} is damaged; a reset of the phone removes it", path.display()),
                    ))
                })?)),
            };
        }
        match slot {
            Slot::Held(data) => Ok(Some(data)),
            Slot::Unread | Slot::Empty => Ok(None),
        }
    }

    /// Sets an entry, or removes it for none. When this returns, the change is on disk; when it fails,
    /// nothing changed.
    ///
    /// # Errors
    /// [`Error::DataFull`] over the limit, [`Error::Data`] when the disk fails.
    pub(crate) fn edit(
        &self,
        phone_id: &str,
        slot: &mut Slot,
        space: Space,
        key: &str,
        value: Option<Vec<u8>>,
    ) -> Result<(), Error> {
        let held = self.open(phone_id, slot)?;
        let before = held.and_then(|data| data.map(space).get(key));
        if before.map(Vec::as_slice) == value.as_deref() {
            return Ok(());
        }
        let freed = before.map_or(0, |before| cost(key, before));
        let added = value.as_ref().map_or(0, |value| cost(key, value));
        let bytes = (held.map_or(0, Data::bytes) - freed).saturating_add(added);
        if added > freed && bytes > self.bytes_max {
            return Err(Error::DataFull { bytes_max: self.bytes_max });
        }
        let mut data = match std::mem::replace(slot, Slot::Empty) {
            Slot::Held(data) => data,
            Slot::Unread | Slot::Empty => Box::default(),
        };
        let before = data.put(space, key, value);
        let saved = match &self.disk {
            Some(disk) if data.is_empty() => disk.remove(phone_id),
            Some(disk) => disk.write(phone_id, &data.encode()),
            None => Ok(()),
        };
        if saved.is_err() {
            data.put(space, key, before);
        }
        *slot = if data.is_empty() { Slot::Empty } else { Slot::Held(data) };
        saved.map_err(Error::Data)
    }

    /// Forgets everything, on disk too.
    ///
    /// # Errors
    /// [`Error::Data`] when the disk fails; nothing is forgotten then.
    pub(crate) fn wipe(&self, phone_id: &str, slot: &mut Slot) -> Result<(), Error> {
        if let (Some(disk), false) = (&self.disk, matches!(slot, Slot::Empty)) {
            disk.remove(phone_id)?;
        }
        *slot = Slot::Empty;
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn sample() -> Data {
        let mut data = Data::default();
        data.put(Space::Persist, "persist.a", Some(b"1".to_vec()));
        data.put(Space::Files, "app/x.apk", Some(vec![0, 255, 7]));
        data.put(Space::Files, "empty", Some(Vec::new()));
        data
    }

    #[test]
    fn what_is_written_is_read_back() {
        for data in [Data::default(), sample()] {
            assert_eq!(Data::decode(&data.encode()).unwrap(), data);
        }
    }

    #[test]
    fn damage_is_noticed_at_every_byte() {
        let good = sample().encode();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            assert_eq!(Data::decode(&bad), None, "flipped byte {at}");
            assert_eq!(Data::decode(&good[..at]), None, "cut at {at}");
        }
    }

    #[test]
    fn a_lie_about_lengths_is_refused_even_with_a_right_checksum() {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&u32::MAX.to_le_bytes());
        bytes.extend_from_slice(&u32::MAX.to_le_bytes());
        let sum = rng::fnv(&bytes).to_le_bytes();
        bytes.extend_from_slice(&sum);
        assert_eq!(Data::decode(&bytes), None);
    }

    #[test]
    fn the_limit_counts_what_is_there_and_lets_entries_shrink() {
        let keeper = Keeper { bytes_max: 200, disk: None };
        let mut slot = keeper.slot();
        let mut put = |key: &str, value: Option<usize>| {
            keeper.edit("p", &mut slot, Space::Files, key, value.map(|n| vec![1; n]))
        };
        put("a", Some(100)).unwrap();
        assert!(matches!(put("b", Some(0)), Err(Error::DataFull { .. })));
        put("b", None).unwrap();
        assert!(matches!(put("a", Some(136)), Err(Error::DataFull { bytes_max: 200 })));
        put("a", Some(135)).unwrap();
        assert!(matches!(put("b", Some(0)), Err(Error::DataFull { .. })));
        put("a", None).unwrap();
        assert!(matches!(slot, Slot::Empty));
    }
}
