"""Adapters: one small file for each library that signs or moves a request."""
