"""The simulated Segment: it takes everything, keeps what it can use, and shows what it lost."""
