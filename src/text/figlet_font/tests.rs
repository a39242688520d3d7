use super::*;
use proptest::prelude::*;

/// A one-row font with `tail` after the required characters.
fn font(header: &str, tail: &str) -> Vec<u8> {
    let mut source = format!("{header}\n");
    for code in 32u8..127 {
        let mark = if code == b'@' { '#' } else { '@' };
        source += &format!("{}{mark}{mark}\n", char::from(code));
    }
    (source + tail).into_bytes()
}

fn refused(source: &[u8]) -> String {
    match Font::parse(source) {
        Err(Error::Invalid(message)) => message,
        other => panic!("expected Invalid, got {other:?}"),
    }
}

#[test]
fn built_in_fonts_are_complete_and_keep_their_notice() {
    for (name, _) in BUILT_IN {
        let font = Font::built_in(name).unwrap();
        assert!(font.len() >= 102 && !font.is_empty(), "{name}: {}", font.len());
        assert!(font.comment().contains("Permission is hereby given to modify this font"), "{name}");
        assert_eq!(font.hardblank(), '$');
        assert!(font.baseline() < font.height() && !font.right_to_left());
    }
    assert_eq!(Font::built_in("standard").unwrap().smushing(), 15);
    assert_eq!(
        Font::built_in("comic").unwrap_err().to_string(),
        "font must be one of standard, big, slant, small, or the file of a font given as font_file, got \"comic\""
    );
}

#[test]
fn tags_are_decimal_octal_hexadecimal_and_negative_ones_are_passed_over() {
    let tail = "Ä@@\nÖ@@\nÜ@@\nä@@\nö@@\nü@@\nß@@\n\
                8364 EURO SIGN\nE@@\n0x263A smile\n:@@\n0351 e acute\ne@@\n-2 table\nz@@\n0 missing\n?@@\n";
    let font = Font::parse(&font("flf2a$ 1 1 9 0 0 0 0 5", tail)).unwrap();
    let drawn = |c: char| font.glyph(c).unwrap().rows[0].iter().collect::<String>();
    assert_eq!((drawn('€'), drawn('☺'), drawn('é')), ("E".into(), ":".into(), "e".into()));
    assert_eq!((drawn('ß'), drawn('\u{2}')), ("ß".into(), "?".into()));
    assert_eq!(drawn('中'), "?"); // the font's missing character
}

#[test]
fn older_fonts_end_after_ascii_and_may_be_latin_1_with_any_line_end() {
    let source = font("flf2a\u{7f} 1 1 9 -1 0", "");
    assert_eq!(Font::parse(&source).unwrap().len(), 95);
    let crlf: Vec<u8> = String::from_utf8(source.clone()).unwrap().replace('\n', "\r\n").into_bytes();
    assert_eq!(Font::parse(&crlf).unwrap().glyph('a').unwrap().rows, [['a']]);
    let mut latin: Vec<u8> = source;
    latin.extend(b"\xc4@@\n\xd6@@\n\xdc@@\n\xe4@@\n\xf6@@\n\xfc@@\n\xdf@@\n\x1a");
    assert_eq!(Font::parse(&latin).unwrap().glyph('Ä').unwrap().rows, [['Ä']]);
}

#[test]
fn layout_comes_from_the_full_layout_else_from_the_old_one() {
    let smushing = |header: &str| Font::parse(&font(header, "")).unwrap().smushing();
    assert_eq!(smushing("flf2a$ 1 1 9 -1 0"), 0);
    assert_eq!(smushing("flf2a$ 1 1 9 15 0"), 15);
    assert_eq!(smushing("flf2a$ 1 1 9 15 0 0 24463 229"), 15);
    assert_eq!(smushing("flf2a$ 1 1 9 15 0 1 128"), 0);
}

#[test]
fn hostile_files_are_refused_by_what_is_wrong() {
    assert!(refused(b"").starts_with("font must start with the signature flf2a, got"));
    assert!(refused(b"PK\x03\x04").starts_with("font must start with the signature"));
    assert!(refused(b"flf2a").starts_with("font must name its hardblank"));
    assert!(refused(b"flf2a$ 6 5").starts_with("font must give height"));
    assert!(refused(b"flf2a$ 0 5 9 0 0").starts_with("font must have a height in 1..=256"));
    assert!(refused(b"flf2a$ 9999999 5 9 0 0").starts_with("font must have a height in 1..=256"));
    assert!(refused(b"flf2a$ 1 1 9 0 -4").starts_with("font must have 0 or more comment lines"));
    assert!(refused(b"flf2a$ 1 1 9 0 9223372036854775807").contains("comment lines its header"));
    assert!(refused(b"flf2a$ 2 1 9 0 0\na@\na@@\n").contains("2 rows for character 33, got 0"));
    assert_eq!(
        refused(b"flf2a$ 1 1 9 0 0\n\x1b[2J@@\n"),
        "font must draw character 32 in printable characters of one cell, got '\\u{1b}' before line 3"
    );
    assert!(refused("flf2a$ 1 1 9 0 0\n中@@\n".as_bytes()).contains("got '中' before line 3"));
    let wide = format!("{}@@\n", "#".repeat(MAX_WIDTH + 1));
    assert!(refused(&font("flf2a$ 1 1 9 0 0", &wide)).contains("at most 1024 characters, got 1025"));
    let tail = "a@@\n".repeat(7) + "not a code\n";
    assert!(refused(&font("flf2a$ 1 1 9 0 0", &tail)).contains("a character code on line 104"));
    assert!(refused(&vec![b'\n'; MAX_BYTES + 1]).starts_with("font must be at most"));
}

#[test]
fn no_control_character_reaches_a_terminal() {
    let tail = "\x1b[2J@@\nÖ@@\n\nÜ@@\nä@@\nö@@\nü@@\nß@@\n155\n\u{9b}@@\n8364\n中@@\n";
    let parsed = Font::parse(&font("flf2a$ 1 1 9 0 0", tail)).unwrap();
    assert!(parsed.glyph('Ö').is_some());
    assert!(['Ä', '\u{9b}', '€'].iter().all(|&c| parsed.glyph(c).is_none()));
}

#[test]
fn a_small_file_cannot_ask_for_much_memory() {
    let mut source = String::from("flf2a$ 256 1 9 0 0\n");
    for _ in 0..102 {
        source += &format!("{}@\n", "#".repeat(MAX_WIDTH));
        source += &"@\n".repeat(255);
    }
    assert!(refused(source.as_bytes()).starts_with("font must have at most 8388608 cells in all"));
}

#[test]
fn a_missing_file_and_a_directory_are_errors_of_their_own() {
    let path = Path::new("no/such/font.flf");
    assert!(matches!(Font::load(path), Err(Error::Io { path: named, .. }) if named == path));
    assert!(Font::load(Path::new(env!("CARGO_MANIFEST_DIR"))).is_err());
}

proptest! {
    #[test]
    fn any_bytes_parse_or_are_refused(source in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Font::parse(&source);
    }

    #[test]
    fn a_damaged_font_parses_or_is_refused(at in 0usize..12_000, byte: u8, cut in 0usize..13_000) {
        let mut source = BUILT_IN[3].1.to_vec();
        let at = at % source.len();
        source[at] = byte;
        source.truncate(cut.max(at));
        if let Ok(font) = Font::parse(&source) {
            prop_assert!(font.len() >= REQUIRED);
        }
    }
}
