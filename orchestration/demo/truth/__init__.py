"""What is true of the demo company, counted from the lives and not from the rows written.

For tests alone: nothing of the pipeline reads it. Not here: deciding anything.
"""
