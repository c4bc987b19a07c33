"""What a tool's export looks like and how it maps onto the contracts.

Here: the adapter language, read into types; the adapters of an installation. Not here: reading an
export (`ingest`), or whether an adapter is sound (`adapter_tools`).
"""
