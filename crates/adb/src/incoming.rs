//! Bytes of a stream on their way to becoming what they mean.

use bytes::BytesMut;

/// What one kind of stream consists of, and how far its decoder has come.
pub(crate) trait Parts: Default {
    /// What comes out.
    type Part;
    /// Why bytes are none.
    type Error: Copy;

    /// Takes the next part off the buffer's front; none where more bytes are needed.
    fn take(&mut self, buffer: &mut BytesMut) -> Result<Option<Self::Part>, Self::Error>;
}

/// Gathers bytes and gives out parts, until the first error: that one stays.
#[derive(Debug)]
pub(crate) struct Incoming<P: Parts> {
    buffer: BytesMut,
    parts: P,
    failed: Option<P::Error>,
}

impl<P: Parts> Default for Incoming<P> {
    fn default() -> Self {
        Self { buffer: BytesMut::new(), parts: P::default(), failed: None }
    }
}

impl<P: Parts> Incoming<P> {
    /// Bytes that wait for more.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.buffer.len()
    }

    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        if self.failed.is_none() {
            self.buffer.extend_from_slice(bytes);
        }
    }

    pub(crate) fn next(&mut self) -> Result<Option<P::Part>, P::Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let result = self.parts.take(&mut self.buffer);
        if let Err(error) = &result {
            self.failed = Some(*error);
            self.buffer = BytesMut::new();
        }
        result
    }
}
