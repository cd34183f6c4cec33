//! How far is the reward you wrote from the reward you meant?
