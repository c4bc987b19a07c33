"""For whoever writes an adapter: is it sound, and what would it make of a sample?

They try it with ingestion itself and leave nothing behind. Not here: the adapter language
(`adapters`), or reading for a run (`ingest`).
"""
