"""The pages a person opens after a night: what came in and was checked, and what it says."""
