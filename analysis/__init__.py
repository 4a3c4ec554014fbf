"""Figures and reports from Laconic's CSV: `laconic plot` and `laconic report`."""
