//! What the processor can do beyond the baseline every build needs.
#![forbid(unsafe_code)]

/// The instruction sets present here that some part of the library, or of what it is built on, asks for
/// at run time; by the names Rust and the Linux kernel's documentation give them.
#[cfg(target_arch = "x86_64")]
pub fn features() -> Vec<&'static str> {
    [
        ("sse4.1", is_x86_feature_detected!("sse4.1")),
        ("sse4.2", is_x86_feature_detected!("sse4.2")),
        ("popcnt", is_x86_feature_detected!("popcnt")),
        ("pclmulqdq", is_x86_feature_detected!("pclmulqdq")),
        ("bmi2", is_x86_feature_detected!("bmi2")),
        ("f16c", is_x86_feature_detected!("f16c")),
        ("sha", is_x86_feature_detected!("sha")),
        ("avx2", is_x86_feature_detected!("avx2")),
        ("fma", is_x86_feature_detected!("fma")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
        ("avx512bw", is_x86_feature_detected!("avx512bw")),
        ("avx512dq", is_x86_feature_detected!("avx512dq")),
        ("avx512vl", is_x86_feature_detected!("avx512vl")),
    ]
    .into_iter()
    .filter_map(|(name, present)| present.then_some(name))
    .collect()
}

/// None: other processors run the portable code.
#[cfg(not(target_arch = "x86_64"))]
pub fn features() -> Vec<&'static str> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(target_os = "linux")]
    fn what_is_named_is_what_the_kernel_sees() {
        let Ok(info) = std::fs::read_to_string("/proc/cpuinfo") else { return };
        let Some(flags) = info.lines().find_map(|line| line.strip_prefix("flags")) else { return };
        let flags: Vec<&str> = flags.split_whitespace().collect();
        for name in super::features() {
            let kernel = match name {
                "sse4.1" => "sse4_1",
                "sse4.2" => "sse4_2",
                "sha" => "sha_ni",
                other => other,
            };
            assert!(flags.contains(&kernel), "{name} is not among the kernel's flags");
        }
    }
}
