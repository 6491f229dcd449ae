"""Scores: asked for, broken down, compared, and held against targets."""
