//! Graph questions about a model: what can be reached, and where a policy can stay for ever.

use super::Mdp;

impl Mdp {
    /// States that the discounted return of some policy can feel: those some policy visits from the start distribution;
    /// with discount 0, where nothing counts after the first step, those the start distribution gives weight to. O(nnz).
    pub(in crate::model) fn reachable_from_start(&self) -> Vec<bool> {
        let mut seen: Vec<bool> = self.mu0.iter().map(|&m| m > 0.0).collect();
        if self.gamma == 0.0 {
            return seen;
        }
        let mut stack: Vec<usize> = (0..self.n_states()).filter(|&s| seen[s]).collect();
        while let Some(s) = stack.pop() {
            for row in self.rows(s) {
                let (col, val) = self.p(row);
                for (&t, &p) in col.iter().zip(val) {
                    if p > 0.0 && !seen[t as usize] {
                        seen[t as usize] = true;
                        stack.push(t as usize);
                    }
                }
            }
        }
        seen
    }

    /// Non-terminal states from which some policy avoids every terminal state for ever.
    ///
    /// Greatest set of non-terminal states in which each state has an action that cannot leave the set, plus
    /// nothing else: a policy that never ends must eventually stay inside it. Empty iff every policy ends with
    /// probability 1, which is what a discount of 1 needs. O(nnz) by counting.
    pub fn endless_states(&self) -> Vec<usize> {
        let n = self.n_states();
        let mut inside: Vec<bool> = self.terminal.iter().map(|&t| !t).collect();
        // Rows that enter each state, so that removing a state visits only those.
        let mut start = vec![0usize; n + 1];
        for (&t, &p) in self.col.iter().zip(&self.val) {
            if p > 0.0 {
                start[t as usize + 1] += 1;
            }
        }
        for s in 0..n {
            start[s + 1] += start[s];
        }
        let mut fill = start.clone();
        let mut entering = vec![0u32; start[n]];
        let mut owner = vec![0u32; self.n_rows()];
        for s in 0..n {
            for row in self.rows(s) {
                owner[row] = s as u32;
                let (col, val) = self.p(row);
                for (&t, &p) in col.iter().zip(val) {
                    if p > 0.0 {
                        entering[fill[t as usize]] = row as u32;
                        fill[t as usize] += 1;
                    }
                }
            }
        }
        let mut row_stays = vec![true; self.n_rows()];
        let mut staying: Vec<usize> = (0..n).map(|s| self.rows(s).len()).collect();
        let mut removed: Vec<usize> = (0..n).filter(|&s| !inside[s]).collect();
        while let Some(t) = removed.pop() {
            for &row in &entering[start[t]..start[t + 1]] {
                let (row, s) = (row as usize, owner[row as usize] as usize);
                if std::mem::replace(&mut row_stays[row], false) && inside[s] {
                    staying[s] -= 1;
                    if staying[s] == 0 {
                        inside[s] = false;
                        removed.push(s);
                    }
                }
            }
        }
        (0..n).filter(|&s| inside[s]).collect()
    }
}
