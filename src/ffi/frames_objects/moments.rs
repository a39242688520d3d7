//! Dates and times, read where the types of `datetime` keep them.
//!
//! They keep their fields as bytes behind the header, the hash and a flag for the time zone, in this order since
//! Python 2.3. It is tested on live objects before it is relied on.

use crate::ffi::frames_python::Object;

const FLAG: usize = 24;
const FIELDS: usize = 25;
const ZONE: usize = 40;

/// # Safety
/// `object` is laid out as a date, of which `COUNT` bytes from [`FIELDS`] on are readable.
#[inline]
unsafe fn fields<const COUNT: usize>(object: Object) -> [u8; COUNT] {
    // SAFETY: the caller's promise.
    unsafe { object.byte_add(FIELDS).cast::<[u8; COUNT]>().read_unaligned() }
}

/// Whether a datetime or time has no time zone.
///
/// # Safety
/// `object` is a live datetime or time of the tested layout.
#[inline]
pub(in crate::ffi) unsafe fn is_naive(object: Object) -> bool {
    // SAFETY: the caller's promise.
    unsafe { *object.byte_add(FLAG).cast::<u8>() == 0 }
}

/// Whether an aware datetime's time zone is `utc` itself.
///
/// # Safety
/// `object` is a live, aware datetime of the tested layout.
#[inline]
pub(in crate::ffi) unsafe fn is_utc(object: Object, utc: Object) -> bool {
    // SAFETY: the caller's promise; aware ones have the field.
    unsafe { *object.byte_add(ZONE).cast::<Object>() == utc }
}

/// Days since 1970.
///
/// # Safety
/// `object` is a live date or datetime of the tested layout.
#[inline]
pub(in crate::ffi) unsafe fn date(object: Object) -> i32 {
    // SAFETY: the caller's promise.
    let [high, low, month, day] = unsafe { fields::<4>(object) };
    days(i32::from(high) << 8 | i32::from(low), i32::from(month), i32::from(day))
}

/// Days since 1970 of a date in the Gregorian calendar, from year 1 on (Hinnant, chrono-compatible date algorithms).
#[inline]
fn days(year: i32, month: i32, day: i32) -> i32 {
    let year = year - i32::from(month <= 2); // years begin in March, so that leap days end them
    let (era, in_era) = (year.div_euclid(400), year.rem_euclid(400));
    let in_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719_468
}

#[inline]
fn clock(hour: u8, minute: u8, second: u8, micro: [u8; 3]) -> i64 {
    let seconds = (i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second);
    let [high, middle, low] = micro.map(i64::from);
    seconds * 1_000_000 + (high << 16 | middle << 8 | low)
}

/// Microseconds since 1970 by the datetime's own clock.
///
/// # Safety
/// `object` is a live datetime of the tested layout.
#[inline]
pub(in crate::ffi) unsafe fn datetime(object: Object) -> i64 {
    // SAFETY: the caller's promise.
    let [_, _, _, _, hour, minute, second, micro @ ..] = unsafe { fields::<10>(object) };
    // SAFETY: the caller's promise.
    i64::from(unsafe { date(object) }) * 86_400_000_000 + clock(hour, minute, second, micro)
}

/// Microseconds since midnight.
///
/// # Safety
/// `object` is a live time of the tested layout.
#[inline]
pub(in crate::ffi) unsafe fn time(object: Object) -> i64 {
    // SAFETY: the caller's promise.
    let [hour, minute, second, micro @ ..] = unsafe { fields::<6>(object) };
    clock(hour, minute, second, micro)
}

/// Microseconds of a timedelta, which reach past 64 bits.
///
/// # Safety
/// `object` is a live timedelta of the tested layout.
#[inline]
pub(in crate::ffi) unsafe fn timedelta(object: Object) -> i128 {
    // SAFETY: the caller's promise.
    let [days, seconds, micros] = unsafe { object.byte_add(FLAG).cast::<[i32; 3]>().read() };
    (i128::from(days) * 86_400 + i128::from(seconds)) * 1_000_000 + i128::from(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        assert_eq!([days(1970, 1, 1), days(1969, 12, 31), days(2000, 2, 29)], [0, -1, 11_016]);
        assert_eq!([days(1, 1, 1), days(9999, 12, 31), days(1900, 3, 1)], [-719_162, 2_932_896, -25_508]);
        let mut expected = days(1896, 1, 1);
        for year in 1896..2105 {
            for month in 1..=12 {
                let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
                let length = match month {
                    2 => 28 + i32::from(leap),
                    4 | 6 | 9 | 11 => 30,
                    _ => 31,
                };
                for day in 1..=length {
                    assert_eq!(days(year, month, day), expected, "{year}-{month}-{day}");
                    expected += 1;
                }
            }
        }
    }

    #[test]
    fn fields_are_read_from_where_python_keeps_them() {
        let mut bytes = [0_u8; 48];
        bytes[FIELDS..FIELDS + 10].copy_from_slice(&[7, 229, 3, 4, 5, 6, 7, 0x0D, 0x95, 0x0B]);
        let words: Vec<u64> = bytes.as_chunks::<8>().0.iter().map(|word| u64::from_ne_bytes(*word)).collect();
        let object: Object = words.as_ptr().cast_mut().cast();
        // SAFETY: laid out as a datetime is.
        unsafe {
            assert!(is_naive(object) && is_utc(object, std::ptr::null_mut()));
            assert_eq!((date(object), datetime(object)), (18_690, 1_614_834_367_890_123));
        }
    }
}
