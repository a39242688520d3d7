//! The pages of some row groups, checked for what the decoders take on trust: they make room for as many values as a delta
//! encoding says it has before they look for one of them.
//!
//! Encodings.md of the Parquet format, "Delta Encoding" and the two after it.
#![forbid(unsafe_code)]

use super::{ParquetFile, Place};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, RowGroups, RowSelector};
use parquet::arrow::{ProjectionMask, parquet_to_arrow_field_levels};
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageIterator, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::serialized_reader::SerializedPageReader;
use std::ops::Range;
use std::sync::Arc;

/// Reads the column at `place` of neighbouring row groups, of these rows of theirs, `step` at a time.
pub(super) fn reader(
    of: &ParquetFile,
    place: usize,
    groups: Range<usize>,
    rows: Range<usize>,
    step: usize,
) -> Result<ParquetRecordBatchReader> {
    let parquet = of.metadata.metadata().file_metadata().schema_descr();
    let mask = ProjectionMask::roots(parquet, [place]);
    let levels = parquet_to_arrow_field_levels(parquet, mask, Some(of.metadata.schema().fields()))?;
    let groups = Groups { file: Arc::new(of.file.clone()), metadata: of.metadata.metadata().clone(), groups };
    let behind = || vec![RowSelector::skip(rows.start), RowSelector::select(rows.len())].into();
    let selection = (rows.start > 0).then(behind);
    ParquetRecordBatchReader::try_new_with_row_groups(&levels, &groups, step, selection)
}

/// Neighbouring row groups of a file.
#[derive(Clone)]
struct Groups {
    file: Arc<Place>,
    metadata: Arc<ParquetMetaData>,
    groups: Range<usize>,
}

impl RowGroups for Groups {
    fn num_rows(&self) -> usize {
        self.row_groups().map(|group| group.num_rows() as usize).sum()
    }

    fn column_chunks(&self, column: usize) -> Result<Box<dyn PageIterator>> {
        Ok(Box::new(Chunks { of: self.clone(), column }))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(self.groups.clone().map(|group| self.metadata.row_group(group)))
    }

    fn metadata(&self) -> &ParquetMetaData {
        &self.metadata
    }
}

/// A column's pages in one row group after the other.
struct Chunks {
    of: Groups,
    column: usize,
}

impl Iterator for Chunks {
    type Item = Result<Box<dyn PageReader>>;

    fn next(&mut self) -> Option<Self::Item> {
        let group = self.of.metadata.row_group(self.of.groups.next()?);
        let column = group.column(self.column);
        let pages = SerializedPageReader::new(self.of.file.clone(), column, group.num_rows() as usize, None);
        let descriptor = column.column_descr();
        let levels = [descriptor.max_rep_level(), descriptor.max_def_level()];
        Some(pages.map(|pages| Box::new(Checked { pages, levels }) as Box<dyn PageReader>))
    }
}

impl PageIterator for Chunks {}

struct Checked {
    pages: SerializedPageReader<Place>,
    /// The largest repetition and definition level.
    levels: [i16; 2],
}

impl PageReader for Checked {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.pages.get_next_page()?;
        match &page {
            Some(page) if !sound(page, self.levels) => {
                Err(ParquetError::General("a page has other values than it says".to_owned()))
            }
            _ => Ok(page),
        }
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.pages.skip_next_page()
    }

    fn supports_deferred_dictionary(&self) -> bool {
        self.pages.supports_deferred_dictionary()
    }

    fn take_deferred_dictionary(&mut self) -> Result<Option<Page>> {
        self.pages.take_deferred_dictionary()
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.pages.at_record_boundary()
    }
}

impl Iterator for Checked {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

/// Whether a page in a delta encoding claims no more values than its header.
fn sound(page: &Page, levels: [i16; 2]) -> bool {
    let encoding = page.encoding();
    let lists = match encoding {
        Encoding::DELTA_BINARY_PACKED | Encoding::DELTA_LENGTH_BYTE_ARRAY => 1,
        Encoding::DELTA_BYTE_ARRAY => 2, // lengths shared with the text before, and lengths of what follows
        _ => return true,
    };
    let values = u64::from(page.num_values());
    let start = match page {
        Page::DataPage { buf, rep_level_encoding, def_level_encoding, .. } => {
            let kinds = [*rep_level_encoding, *def_level_encoding];
            levels.iter().zip(kinds).try_fold(0_usize, |at, (most, encoding)| match encoding {
                _ if *most == 0 => Some(at),
                Encoding::RLE => {
                    let size = buf.get(at..)?.first_chunk::<4>()?;
                    at.checked_add(4)?.checked_add(u32::from_le_bytes(*size) as usize)
                }
                _ => {
                    let bits = u64::from(16 - most.unsigned_abs().leading_zeros());
                    at.checked_add(usize::try_from((values * bits).div_ceil(8)).ok()?)
                }
            })
        }
        Page::DataPageV2 { rep_levels_byte_len, def_levels_byte_len, .. } => {
            (*rep_levels_byte_len as usize).checked_add(*def_levels_byte_len as usize)
        }
        Page::DictionaryPage { .. } => Some(0),
    };
    let Some(mut rest) = start.and_then(|start| page.buffer().get(start..)) else { return false };
    if rest.is_empty() {
        return true; // of nulls alone
    }
    for list in 0..lists {
        let Some(claimed) = packed(&mut rest, list + 1 < lists) else { return false };
        if claimed > values {
            return false;
        }
    }
    true
}

/// The number of values that a list in `DELTA_BINARY_PACKED` says it has; with `pass`, `bytes` goes on behind it.
fn packed(bytes: &mut &[u8], pass: bool) -> Option<u64> {
    let block = number(bytes)?;
    let minis = number(bytes)?;
    let claimed = number(bytes)?;
    number(bytes)?; // the first value
    if !pass || claimed <= 1 {
        return Some(claimed);
    }
    let of_mini = block.checked_div(minis).filter(|values| *values > 0)?;
    let mut left = claimed - 1;
    while left > 0 {
        number(bytes)?; // the least delta
        let (widths, rest) = bytes.split_at_checked(usize::try_from(minis).ok()?)?;
        *bytes = rest;
        for width in widths {
            if left == 0 {
                break; // later ones are not stored
            }
            let size = of_mini.checked_mul(u64::from(*width))?.div_ceil(8);
            *bytes = bytes.get(usize::try_from(size).ok()?..)?;
            left = left.saturating_sub(of_mini);
        }
    }
    Some(claimed)
}

fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn page(buf: Vec<u8>, encoding: Encoding) -> Page {
        let (def_level_encoding, rep_level_encoding) = (Encoding::RLE, Encoding::RLE);
        let buf = Bytes::from(buf);
        Page::DataPage {
            buf,
            num_values: 100,
            encoding,
            def_level_encoding,
            rep_level_encoding,
            statistics: None,
        }
    }

    #[test]
    fn delta_pages_have_as_many_values_as_they_say_or_fewer() {
        let list = |claimed: &[u8]| [&[128, 1, 4][..], claimed, &[0]].concat(); // blocks of 128 in 4 parts
        let many = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1]; // 2^42
        for encoding in [Encoding::DELTA_BINARY_PACKED, Encoding::DELTA_LENGTH_BYTE_ARRAY] {
            assert!(sound(&page(list(&[100]), encoding), [0, 0]));
            assert!(!sound(&page(list(&[101]), encoding), [0, 0]));
            assert!(!sound(&page(list(&many), encoding), [0, 0]));
            let behind_levels = [&[2, 0, 0, 0, 9, 9][..], &list(&many)].concat();
            assert!(!sound(&page(behind_levels, encoding), [0, 1]));
        }
        // 33 values: of one block the first two parts, of 1 and 2 bits.
        let first = [&list(&[34])[..], &[0, 1, 2, 0, 0], &[0; 4 + 8]].concat();
        let both = |second: &[u8]| [&first, &list(second)[..]].concat();
        assert!(sound(&page(both(&[34]), Encoding::DELTA_BYTE_ARRAY), [0, 0]));
        assert!(!sound(&page(both(&many), Encoding::DELTA_BYTE_ARRAY), [0, 0]));
        assert!(!sound(&page(first, Encoding::DELTA_BYTE_ARRAY), [0, 0]));
        assert!(sound(&page(many.to_vec(), Encoding::PLAIN), [0, 0]));
    }
}
