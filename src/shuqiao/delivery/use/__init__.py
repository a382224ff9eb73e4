"""What becomes of shared data after it was given: reports of use, disposal at the end, correction of misuse, passing on
with consent (Decree 25, 27, 29; Yingkou 22; Shenyang 23). Grants themselves are changed only by `delivery.services`."""
