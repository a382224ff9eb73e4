"""What the public says of open data: corrections, comments, questions, demands and ratings (Yingkou 4, 23; Shenyang 6)."""
