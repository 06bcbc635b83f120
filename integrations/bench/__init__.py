"""The measurements of `make bench`: whole jobs in real processes, against a sandbox in a process of its own."""
