"""Verification (校核): a user department says that rows it was given are wrong, the provider checks and corrects by a
new version, and everybody who read the wrong value hears of it (Yingkou 23, Decree 26). Publishing is resources'."""
