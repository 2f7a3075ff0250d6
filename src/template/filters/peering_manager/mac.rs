//! Hardware addresses as Peering Manager's filter mac reads and writes them.

/// The number of an address that is written in one of the usual ways, or as a plain number.
pub(super) fn parse(text: &str) -> Option<u64> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    grouped(text, 48).or_else(|| plain(text)).or_else(|| grouped(text, 64))
}

fn plain(text: &str) -> Option<u64> {
    let number = crate::template::python::number::parse_int(text, 10)?;
    u64::try_from(number).ok()
}

/// How an address of so many bits may be grouped: separators, groups, the fewest and the most digits of a group.
fn forms(bits: usize) -> &'static [(&'static str, usize, usize, usize)] {
    if bits == 48 {
        &[(":-", 6, 1, 2), (":-.", 3, 1, 4), (":-", 2, 5, 6), ("", 1, 11, 12)]
    } else {
        &[(":-", 8, 1, 2), (":-.", 4, 1, 4), ("", 1, 16, 16)]
    }
}

fn grouped(text: &str, bits: usize) -> Option<u64> {
    forms(bits).iter().find_map(|(separators, groups, fewest, most)| {
        let separator = separators.chars().find(|separator| text.contains(*separator));
        if separator.is_none() != separators.is_empty() {
            return None;
        }
        let parts: Vec<&str> = separator.map_or_else(|| vec![text], |separator| text.split(separator).collect());
        let fits =
            |part: &&str| (*fewest..=*most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        if parts.len() != *groups || !parts.iter().all(fits) {
            return None;
        }
        let width = bits / groups;
        parts.iter().try_fold(0_u64, |number, part| {
            let value = u64::from_str_radix(part, 16).ok()?;
            Some(if *groups == 1 { value } else { number << width | value })
        })
    })
}

/// The text of an address of 48 bits.
pub(super) fn text(number: u64, format: &str) -> String {
    let bare = format!("{number:012x}");
    let group = match format {
        "cisco" => 4,
        "bare" => return bare,
        _ => 2,
    };
    let parts: Vec<&str> = (0..12).step_by(group).map(|start| &bare[start..start + group]).collect();
    parts.join(if group == 4 { "." } else { ":" })
}
