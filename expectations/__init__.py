"""What the data must be: contracts, Great Expectations suites and the gates made of them."""
