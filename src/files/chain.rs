//! A list that grows at its head and shares its tail between threads.
#![forbid(unsafe_code)]

use std::sync::Arc;

/// One link: what a directory adds to what its parents have.
#[derive(Debug)]
pub(super) struct Link<T> {
    pub(super) value: T,
    parent: Chain<T>,
}

/// The nearest link, or none.
pub(super) type Chain<T> = Option<Arc<Link<T>>>;

pub(super) fn add<T>(parent: &Chain<T>, value: T) -> Chain<T> {
    Some(Arc::new(Link { value, parent: parent.clone() }))
}

/// From the nearest link to the furthest.
pub(super) fn values<T>(chain: &Chain<T>) -> impl Iterator<Item = &T> {
    std::iter::successors(chain.as_deref(), |link| link.parent.as_deref()).map(|link| &link.value)
}

/// By hand, because dropping a link drops its parent, and trees are deeper than a stack.
impl<T> Drop for Link<T> {
    fn drop(&mut self) {
        let mut next = self.parent.take();
        while let Some(mut link) = next.and_then(Arc::into_inner) {
            next = link.parent.take();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_come_nearest_first_and_tails_are_shared() {
        let base = add(&None, 1);
        let (left, right) = (add(&base, 2), add(&base, 3));
        assert_eq!(values(&left).copied().collect::<Vec<_>>(), [2, 1]);
        assert_eq!(values(&right).copied().collect::<Vec<_>>(), [3, 1]);
        assert_eq!(values::<i32>(&None).count(), 0);
    }

    #[test]
    fn a_million_links_drop_without_a_stack() {
        let chain = (0..1_000_000).fold(None, |chain, n| add(&chain, n));
        assert_eq!(values(&chain).next(), Some(&999_999));
        drop(chain);
    }
}
