"""Shuqiao (数桥): a government-data sharing platform and open platform in one installation."""

__version__ = "0.1.0"
