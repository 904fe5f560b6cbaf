//! An emulated Android phone: properties, data, boot sequence, faults
