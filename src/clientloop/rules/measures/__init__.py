"""Measures: rates, intervals, times, comparisons."""
