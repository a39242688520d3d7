//! Shares out cells among columns and regions.
//!
//! The rules are Rich's, by way of Spectre.Console: the widest give first, ratios are rounded so that
//! nothing is lost.
#![forbid(unsafe_code)]

/// Narrows `widths` until they fit `room`: the widest that may wrap first, all of them if need be.
pub(super) fn collapse(widths: &mut [usize], wrappable: &[bool], room: usize) {
    let mut total: usize = widths.iter().sum();
    while total > room {
        let may = |index: &usize| wrappable[*index];
        let Some(widest) = (0..widths.len()).filter(may).map(|index| widths[index]).max() else { break };
        let next = (0..widths.len()).filter(may).map(|index| widths[index]).filter(|width| *width != widest);
        let step = widest - next.max().unwrap_or(0);
        if step == 0 {
            break;
        }
        let ratios: Vec<usize> =
            (0..widths.len()).map(|index| usize::from(may(&index) && widths[index] == widest)).collect();
        let most = vec![step.min(total - room); widths.len()];
        reduce(total - room, &ratios, &most, widths);
        let now = widths.iter().sum();
        if now == total {
            break; // all shares rounded to nothing
        }
        total = now;
    }
    if total > room {
        let most = widths.to_vec();
        reduce(total - room, &vec![1; widths.len()], &most, widths);
    }
}

/// Takes `total` off `widths` in proportion to `ratios`, at most `most` from each.
fn reduce(total: usize, ratios: &[usize], most: &[usize], widths: &mut [usize]) {
    let mut left = total;
    let mut parts: usize =
        ratios.iter().zip(most).filter(|(_, most)| **most > 0).map(|(ratio, _)| ratio).sum();
    for ((width, ratio), most) in widths.iter_mut().zip(ratios).zip(most) {
        if *ratio == 0 || *most == 0 || parts == 0 {
            continue;
        }
        let share = (ratio * left / parts).min(*most);
        *width -= share;
        left -= share;
        parts -= ratio;
    }
}

/// `total` in parts of the given ratios, rounded up from the left so that they add up.
pub(super) fn distribute(total: usize, ratios: &[usize]) -> Vec<usize> {
    let mut parts: usize = ratios.iter().sum();
    let mut left = total;
    let share = |ratio: &usize| {
        let share = if parts > 0 { (ratio * left).div_ceil(parts) } else { left };
        parts -= ratio;
        left -= share;
        share
    };
    ratios.iter().map(share).collect()
}

/// What one region of a layout asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    /// Its share of what the fixed ones leave.
    pub(super) ratio: usize,
    /// A fixed number of cells.
    pub(super) size: Option<usize>,
    /// Never fewer cells than these.
    pub(super) least: usize,
}

/// Sizes of regions that share `total` cells; they may exceed it where the fixed ones do.
pub(super) fn resolve(total: usize, edges: &[Edge]) -> Vec<usize> {
    let mut sizes: Vec<Option<usize>> =
        edges.iter().map(|edge| edge.size.map(|size| size.max(edge.least))).collect();
    loop {
        let flexible: Vec<usize> = (0..edges.len()).filter(|index| sizes[*index].is_none()).collect();
        if flexible.is_empty() {
            return sizes.into_iter().flatten().collect();
        }
        let fixed: usize = sizes.iter().flatten().sum();
        if fixed >= total {
            let least = |(size, edge): (&Option<usize>, &Edge)| size.unwrap_or(edge.least).max(1);
            return sizes.iter().zip(edges).map(least).collect();
        }
        // f32 as upstream, whose sizes these are.
        let parts: usize = flexible.iter().map(|index| edges[*index].ratio).sum();
        let portion = (total - fixed) as f32 / parts as f32;
        let small = |index: &&usize| portion * edges[**index].ratio as f32 <= edges[**index].least as f32;
        if let Some(index) = flexible.iter().find(small) {
            sizes[*index] = Some(edges[*index].least); // which leaves less for the others
            continue;
        }
        let mut remainder = 0.0;
        for index in flexible {
            let exact = portion * edges[index].ratio as f32 + remainder;
            let almost_one = exact.fract() > 0.9999;
            sizes[index] = Some(exact as usize + usize::from(almost_one));
            remainder = if almost_one { 0.0 } else { exact.fract() };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_widest_give_first() {
        let mut widths = [10, 20, 30];
        collapse(&mut widths, &[true; 3], 40);
        assert_eq!(widths, [10, 15, 15]);
        let mut widths = [10, 20, 30];
        collapse(&mut widths, &[true, true, false], 40);
        assert_eq!(widths, [5, 5, 30]);
    }

    #[test]
    fn nothing_is_lost() {
        assert_eq!(distribute(53, &[6, 6, 5]), [19, 19, 15]);
        assert_eq!(distribute(5, &[0, 1]), [0, 5]);
    }

    proptest! {
        #[test]
        fn what_is_collapsed_fits(
            columns in proptest::collection::vec((0_usize..200, any::<bool>()), 1..12),
            room in 0_usize..400,
        ) {
            let mut widths: Vec<usize> = columns.iter().map(|column| column.0).collect();
            let wrappable: Vec<bool> = columns.iter().map(|column| column.1).collect();
            collapse(&mut widths, &wrappable, room);
            prop_assert!(widths.iter().sum::<usize>() <= room.max(columns.iter().map(|column| column.0).sum()));
        }

        #[test]
        fn what_is_distributed_adds_up(
            total in 0_usize..1000,
            ratios in proptest::collection::vec(1_usize..50, 1..12),
        ) {
            prop_assert_eq!(distribute(total, &ratios).iter().sum::<usize>(), total);
        }
    }
}
