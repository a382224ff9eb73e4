"""The access matrix in parts: each module of `parts` has its ROWS and builds, in `build`, the things they are about."""
