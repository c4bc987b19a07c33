"""Surveys: whom they reach, what is answered, who is called back after a low answer.

Not here: what customers feel (`population`).
"""
