"""The open platform: what anybody may find, read and download without login, and why the rest is not open.

Owns the public face of published entries and their open tables. Open applications, agreements and feedback join
it here later. Yingkou 28-31; Shenyang 24-28; Dongchangfu 21-24.
"""
