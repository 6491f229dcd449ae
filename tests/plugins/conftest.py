"""Leaves the plugins under `packages/` alone: they are tested where they are installed, by `test_packages.py`."""

collect_ignore = ["packages"]
