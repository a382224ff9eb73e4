"""What the public says of open data: corrections, comments, questions, demands, ratings (Yingkou 4, 23)."""
