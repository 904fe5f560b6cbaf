//! What a phone answers to the requests of the sync service.

use super::DATA_BYTES_MAX;
use bytes::{BufMut, Bytes, BytesMut};

/// The state of a file, or why there is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SyncStat {
    /// The errno of the attempt, 0 where it worked.
    pub error: u32,
    /// Its type and permissions, as in `st_mode`.
    pub mode: u32,
    /// Its length in bytes.
    pub size: u64,
    /// When it was changed, seconds since 1970.
    pub mtime_s: i64,
    /// Its number in the file system.
    pub inode: u64,
    /// How many names it has.
    pub links: u32,
    /// Whose it is.
    pub uid: u32,
    /// Whose group's it is.
    pub gid: u32,
}

impl SyncStat {
    /// Itself; where there was an error, only that.
    fn or_error(self) -> Self {
        if self.error == 0 { self } else { Self { error: self.error, ..Self::default() } }
    }

    /// Mode, size and time, cut to what v1 can say.
    fn put_v1(self, out: &mut BytesMut) {
        let stat = self.or_error();
        out.put_u32_le(stat.mode);
        out.put_u32_le(u32::try_from(stat.size).unwrap_or(u32::MAX));
        out.put_u32_le(stat.mtime_s.clamp(0, i64::from(u32::MAX)) as u32);
    }

    fn put_v2(self, out: &mut BytesMut) {
        let stat = self.or_error();
        out.put_u32_le(stat.error);
        // All files are on one file system.
        out.put_u64_le(0);
        out.put_u64_le(stat.inode);
        for number in [stat.mode, stat.links, stat.uid, stat.gid] {
            out.put_u32_le(number);
        }
        out.put_u64_le(stat.size);
        // Read, changed, and changed in what is known about it: the phone keeps one time.
        for _ in 0..3 {
            out.put_i64_le(stat.mtime_s);
        }
    }
}

/// Bytes that begin with an id.
fn message(id: &[u8; 4], put: impl FnOnce(&mut BytesMut)) -> Bytes {
    let mut out = BytesMut::from(id.as_slice());
    put(&mut out);
    out.freeze()
}

fn put_name(name: &str, out: &mut BytesMut) {
    out.put_u32_le(name.len() as u32);
    out.put_slice(name.as_bytes());
}

/// Answers STAT. A file that is not there is all zeros.
pub fn stat_v1(stat: &SyncStat) -> Bytes {
    message(b"STAT", |out| stat.put_v1(out))
}

/// Answers STA2.
pub fn stat_v2(stat: &SyncStat) -> Bytes {
    message(b"STA2", |out| stat.put_v2(out))
}

/// Answers LST2.
pub fn lstat_v2(stat: &SyncStat) -> Bytes {
    message(b"LST2", |out| stat.put_v2(out))
}

/// One entry of LIST's answer.
pub fn dent_v1(stat: &SyncStat, name: &str) -> Bytes {
    message(b"DENT", |out| {
        stat.put_v1(out);
        put_name(name, out);
    })
}

/// One entry of LIS2's answer.
pub fn dent_v2(stat: &SyncStat, name: &str) -> Bytes {
    message(b"DNT2", |out| {
        stat.put_v2(out);
        put_name(name, out);
    })
}

/// The end of LIST's answer.
pub fn done_v1() -> Bytes {
    message(b"DONE", |out| out.put_bytes(0, 16))
}

/// The end of LIS2's answer.
pub fn done_v2() -> Bytes {
    message(b"DONE", |out| out.put_bytes(0, 72))
}

/// A file's bytes, in as many chunks as they need. The same in both directions.
pub fn data(bytes: &[u8]) -> Bytes {
    let mut out = BytesMut::new();
    let mut rest = bytes;
    loop {
        let (chunk, others) = rest.split_at(rest.len().min(DATA_BYTES_MAX));
        out.put_slice(b"DATA");
        out.put_u32_le(chunk.len() as u32);
        out.put_slice(chunk);
        rest = others;
        if rest.is_empty() {
            return out.freeze();
        }
    }
}

/// The end of what RECV asked for.
pub fn done() -> Bytes {
    message(b"DONE", |out| out.put_u32_le(0))
}

/// What was sent is written.
pub fn okay() -> Bytes {
    message(b"OKAY", |out| out.put_u32_le(0))
}

/// It did not work, and why.
pub fn fail(text: &str) -> Bytes {
    message(b"FAIL", |out| put_name(text, out))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: SyncStat = SyncStat {
        error: 0,
        mode: 0o100_644,
        size: 5,
        mtime_s: 1_700_000_000,
        inode: 77,
        links: 1,
        uid: 2000,
        gid: 1000,
    };

    #[test]
    fn a_v1_state_is_mode_size_and_time() {
        assert_eq!(stat_v1(&FILE).as_ref(), b"STAT\xa4\x81\0\0\x05\0\0\0\0\xf1\x53\x65");
    }

    #[test]
    fn a_v1_state_is_cut_to_what_it_can_say() {
        let huge = SyncStat { size: 1 << 40, mtime_s: i64::MAX, ..FILE };
        assert_eq!(&stat_v1(&huge)[8..], [255; 8]);
        assert_eq!(&stat_v1(&SyncStat { mtime_s: -1, ..FILE })[12..], [0; 4]);
    }

    #[test]
    fn a_missing_file_is_zeros_and_in_v2_its_errno() {
        let missing = SyncStat { error: 2, ..FILE };
        assert_eq!(stat_v1(&missing).as_ref(), [b"STAT".as_slice(), &[0; 12]].concat());
        assert_eq!(stat_v2(&missing).as_ref(), [b"STA2\x02\0\0\0".as_slice(), &[0; 64]].concat());
    }

    #[test]
    fn a_v2_state_has_72_bytes_in_the_order_of_the_protocol() {
        let mut expected = b"LST2\0\0\0\0\0\0\0\0\0\0\0\0\x4d\0\0\0\0\0\0\0".to_vec();
        expected.extend_from_slice(b"\xa4\x81\0\0\x01\0\0\0\xd0\x07\0\0\xe8\x03\0\0\x05\0\0\0\0\0\0\0");
        expected.extend_from_slice(&b"\0\xf1\x53\x65\0\0\0\0".repeat(3));
        assert_eq!(expected.len(), 72);
        assert_eq!(lstat_v2(&FILE).as_ref(), expected);
        assert_eq!(stat_v2(&FILE)[4..], expected[4..]);
    }

    #[test]
    fn an_entry_is_a_state_and_a_name() {
        let name = b"\x03\0\0\0a\xc3\xa4".as_slice();
        assert_eq!(dent_v1(&FILE, "aä"), [b"DENT", &stat_v1(&FILE)[4..], name].concat());
        assert_eq!(dent_v2(&FILE, "aä"), [b"DNT2", &stat_v2(&FILE)[4..], name].concat());
    }

    #[test]
    fn a_list_ends_with_an_entry_of_zeros() {
        assert_eq!(done_v1().len(), dent_v1(&FILE, "").len());
        assert_eq!(done_v2().len(), dent_v2(&FILE, "").len());
    }

    #[test]
    fn long_data_is_cut_into_chunks() {
        let encoded = data(&vec![1; DATA_BYTES_MAX + 2]);
        assert_eq!(encoded.len(), DATA_BYTES_MAX + 2 + 16);
        assert!(encoded.ends_with(b"DATA\x02\0\0\0\x01\x01"));
        assert_eq!(data(b"").as_ref(), b"DATA\0\0\0\0");
    }

    #[test]
    fn short_answers_have_their_length() {
        assert_eq!(okay().as_ref(), b"OKAY\0\0\0\0");
        assert_eq!(done().as_ref(), b"DONE\0\0\0\0");
        assert_eq!(fail("no").as_ref(), b"FAIL\x02\0\0\0no");
    }
}
