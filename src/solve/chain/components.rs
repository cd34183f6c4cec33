//! Strongly connected components.

/// Strongly connected components of a chain, with the way from a state to its place.
pub(super) struct Parts {
    /// States in order of component, successors first.
    order: Vec<u32>,
    /// First place of each component in `order`, plus the end.
    starts: Vec<usize>,
    /// Place of each state in `order`.
    place: Vec<u32>,
}

impl Parts {
    /// Of the graph of a square matrix in CSR form. O(nnz).
    pub(super) fn of(ptr: &[usize], col: &[u32]) -> Self {
        let n = ptr.len() - 1;
        let (order, starts) = components(n, ptr, col);
        let mut place = vec![0; n];
        for (i, &s) in order.iter().enumerate() {
            place[s as usize] = i as u32;
        }
        Parts { order, starts, place }
    }

    pub(super) fn blocks(&self) -> impl DoubleEndedIterator<Item = (usize, &[u32])> {
        self.starts.windows(2).map(|w| (w[0], &self.order[w[0]..w[1]]))
    }

    /// Size of the largest component.
    pub(super) fn largest(&self) -> usize {
        self.starts.windows(2).map(|w| w[1] - w[0]).max().unwrap_or(0)
    }

    /// Place of state `t` inside the block that begins at `first`, if it is there.
    pub(super) fn inside(&self, first: usize, block: &[u32], t: usize) -> Option<usize> {
        let i = (self.place[t] as usize).wrapping_sub(first);
        (i < block.len()).then_some(i)
    }
}

/// Strongly connected components, successors before predecessors (Tarjan 1972, without recursion).
fn components(n: usize, ptr: &[usize], col: &[u32]) -> (Vec<u32>, Vec<usize>) {
    const NEW: u32 = u32::MAX;
    let (mut index, mut low) = (vec![NEW; n], vec![0u32; n]);
    let mut on_stack = vec![false; n];
    let (mut stack, mut work): (Vec<u32>, Vec<(u32, usize)>) = (Vec::new(), Vec::new());
    let (mut order, mut starts) = (Vec::with_capacity(n), vec![0]);
    let mut count = 0;
    for root in 0..n {
        if index[root] != NEW {
            continue;
        }
        work.push((root as u32, ptr[root]));
        while let Some(&mut (s, ref mut edge)) = work.last_mut() {
            let s = s as usize;
            if *edge == ptr[s] && index[s] == NEW {
                index[s] = count;
                low[s] = count;
                count += 1;
                stack.push(s as u32);
                on_stack[s] = true;
            }
            if *edge < ptr[s + 1] {
                let t = col[*edge] as usize;
                *edge += 1;
                if index[t] == NEW {
                    work.push((t as u32, ptr[t]));
                } else if on_stack[t] {
                    low[s] = low[s].min(index[t]);
                }
                continue;
            }
            work.pop();
            if let Some(&(parent, _)) = work.last() {
                low[parent as usize] = low[parent as usize].min(low[s]);
            }
            if low[s] == index[s] {
                // `s` is on the stack, so the loop ends at it.
                while let Some(t) = stack.pop() {
                    on_stack[t as usize] = false;
                    order.push(t);
                    if t as usize == s {
                        break;
                    }
                }
                starts.push(order.len());
            }
        }
    }
    (order, starts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_come_successors_first() {
        // 0 -> {1, 2} in a loop -> 3
        let (order, starts) = components(4, &[0, 1, 2, 4, 5], &[1, 2, 1, 3, 3]);
        assert_eq!(starts, vec![0, 1, 3, 4]);
        assert_eq!(order[0], 3);
        assert_eq!(order[3], 0);
    }
}
