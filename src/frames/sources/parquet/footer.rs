//! The footer of a Parquet file, looked at before it is decoded: schemas that are nested without end would have every
//! function that goes down into them run out of stack.
//!
//! It is a struct `FileMetaData` in Thrift's compact protocol, whose second field is the list of the schema's elements in
//! the order of a walk from the root, each with the number of its children (parquet.thrift).
#![forbid(unsafe_code)]

/// Most levels of a schema: 64 lists within each other, of three levels each.
const DEEPEST: usize = 192;

/// Most structs within each other in the footer itself.
const MOST_STRUCTS: usize = 32;

const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const I16: u8 = 4;
const I64: u8 = 6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;

/// What is wrong with the schema in a footer.
///
/// # Errors
/// A sentence's end: it is nested too deep, its counts of children do not fit, or it is no Thrift.
pub(super) fn check(footer: &[u8]) -> Result<(), &'static str> {
    let mut from = Thrift(footer);
    let mut children = Vec::new();
    from.fields(|from, id, kind| match (id, kind) {
        (2, LIST) => {
            let (kind, size) = from.list()?;
            for _ in 0..size {
                children.push(if kind == STRUCT {
                    from.children()?
                } else {
                    from.skip(kind, 0).map(|()| 0)?
                });
            }
            Some(())
        }
        _ => from.skip(kind, 0),
    })
    .ok_or("its footer cannot be decoded")?;
    depth(&children)
}

fn depth(children: &[i64]) -> Result<(), &'static str> {
    const COUNTS: &str = "its schema has other children than it says";
    let mut open: Vec<i64> = Vec::new();
    for (at, count) in children.iter().enumerate() {
        while open.pop_if(|left| *left == 0).is_some() {}
        match open.last_mut() {
            Some(left) => *left -= 1,
            None if at > 0 => return Err(COUNTS),
            None => {}
        }
        if !(0..children.len() as i64).contains(count) {
            return Err(COUNTS);
        }
        open.push(*count);
        if open.len() > DEEPEST {
            return Err("its schema is nested more than 192 levels deep");
        }
    }
    if open.iter().any(|left| *left > 0) { Err(COUNTS) } else { Ok(()) }
}

/// Takes values off the front; none where there are none.
struct Thrift<'b>(&'b [u8]);

impl Thrift<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    fn pass(&mut self, size: usize) -> Option<()> {
        self.0 = self.0.get(size..)?;
        Some(())
    }

    fn number(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let value = self.number()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// Calls `each` with the number and the type of every field, whose value it has to take.
    fn fields(&mut self, mut each: impl FnMut(&mut Self, i64, u8) -> Option<()>) -> Option<()> {
        let mut id = 0_i64;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            id = match head >> 4 {
                0 => self.signed()?,
                step => id.checked_add(i64::from(step))?,
            };
            each(self, id, head & 0x0f)?;
        }
    }

    /// The type and the number of a list's elements, which are not more than there are bytes.
    fn list(&mut self) -> Option<(u8, usize)> {
        let head = self.byte()?;
        let size = match head >> 4 {
            15 => usize::try_from(self.number()?).ok()?,
            size => usize::from(size),
        };
        (size <= self.0.len()).then_some((head & 0x0f, size))
    }

    /// The number of children that an element of a schema says it has.
    fn children(&mut self) -> Option<i64> {
        let mut children = 0;
        self.fields(|from, id, kind| match (id, kind) {
            (5, I16..=I64) => {
                children = from.signed()?;
                Some(())
            }
            _ => from.skip(kind, 0),
        })?;
        Some(children)
    }

    fn skip(&mut self, kind: u8, within: usize) -> Option<()> {
        if within > MOST_STRUCTS {
            return None;
        }
        match kind {
            TRUE | FALSE => Some(()),
            BYTE => self.pass(1),
            I16..=I64 => self.number().map(drop),
            DOUBLE => self.pass(8),
            BINARY => {
                let size = self.number()?;
                self.pass(usize::try_from(size).ok()?)
            }
            LIST | SET => {
                let (kind, size) = self.list()?;
                // A truth within a list takes a byte, as a field it is in the type.
                let skip = |from: &mut Self| {
                    if kind <= FALSE { from.pass(1) } else { from.skip(kind, within + 1) }
                };
                (0..size).try_for_each(|_| skip(self))
            }
            MAP => {
                let size = usize::try_from(self.number()?).ok()?;
                if size == 0 {
                    return Some(());
                }
                let kinds = self.byte()?;
                (0..size.min(self.0.len() + 1)).try_for_each(|_| {
                    self.skip(kinds >> 4, within + 1)?;
                    self.skip(kinds & 0x0f, within + 1)
                })
            }
            STRUCT => self.fields(|from, _, kind| from.skip(kind, within + 1)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A footer with version 1 and elements that have so many children.
    fn footer(children: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x15, 2, 0x19, 0xfc, children.len() as u8 | 0x80, (children.len() >> 7) as u8];
        for count in children {
            bytes.extend([0x48, 1, b'x', 0x15, 2 * count, 0]);
        }
        bytes.extend([0x16, 0, 0]);
        bytes
    }

    #[test]
    fn schemas_may_be_wide_and_not_endless() {
        assert_eq!(check(&footer(&[2, 1, 0, 0])), Ok(()));
        assert_eq!(check(&footer(&[[60].as_slice(), &[0; 60]].concat())), Ok(()));
        let nested = |levels: usize| footer(&[vec![1; levels], vec![0]].concat());
        assert_eq!(check(&nested(DEEPEST - 1)), Ok(()));
        assert!(check(&nested(DEEPEST)).unwrap_err().contains("192 levels"));
        for counts in [&[2, 0][..], &[0, 0], &[60, 0]] {
            assert!(check(&footer(counts)).unwrap_err().contains("children"), "{counts:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_come_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = check(&bytes);
            let _ = check(&[&[0x15, 2, 0x19, 0xfc][..], &bytes].concat());
        }
    }
}
