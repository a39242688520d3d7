//! Calls the exported functions with raw pointers, as C would.

use ironwheel::ffi::*;
use std::ptr;

fn last_error() -> String {
    // SAFETY: NULL asks for the length only.
    let mut buf = vec![0; unsafe { iw_last_error(ptr::null_mut(), 0) }];
    // SAFETY: buf holds buf.len() writable bytes.
    unsafe { iw_last_error(buf.as_mut_ptr(), buf.len()) };
    String::from_utf8(buf).unwrap()
}

#[test]
fn the_sample_keeps_its_shape() {
    assert_eq!(multiply(6, 7), 42);
    assert_eq!(multiply(i32::MAX, 2), -2);
    // SAFETY: NULL and two NUL-terminated strings.
    unsafe {
        assert_eq!(write_line(ptr::null()), -1);
        assert_eq!(write_line(c"\xff".as_ptr()), -1);
        assert_eq!(write_line(c"grüße".as_ptr()), 0);
    }
}

#[test]
fn threads_are_set_and_given_back() {
    let mut count = 0_usize;
    // SAFETY: `count` is writable, and NULL is what the check is for.
    unsafe {
        assert_eq!(iw_set_threads(3), IW_OK);
        assert_eq!((iw_threads(&mut count), count), (IW_OK, 3));
        assert_eq!(iw_set_threads(1025), IW_INVALID);
        assert_eq!(last_error(), "threads must be in 1..=1024, got 1025");
        assert_eq!(iw_set_threads(0), IW_OK);
        assert_eq!(iw_threads(ptr::null_mut()), IW_INVALID);
        assert_eq!(last_error(), "out must not be NULL or misaligned");
    }
}

#[test]
fn two_threads_keep_their_own_errors() {
    assert_eq!(iw_set_threads(2000), IW_INVALID);
    std::thread::spawn(|| assert_eq!(last_error(), "")).join().unwrap();
    assert_eq!(last_error(), "threads must be in 1..=1024, got 2000");
}
