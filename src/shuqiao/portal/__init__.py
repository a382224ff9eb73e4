"""The face of the platform: page shell, components, assets, error pages, style guide, workbench pages.

Owns no row. Every other app builds its pages on the templates and tags from here; nobody imports its Python.
"""
