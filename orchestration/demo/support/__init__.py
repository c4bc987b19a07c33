"""The support desk: what happens to a ticket, what the tool shows of it, and rows of its export.

Not here: surveys, or what a ticket does to a customer (`population`).
"""
