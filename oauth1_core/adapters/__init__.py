"""Adapters: one module for each library that sends, receives or signs requests."""
