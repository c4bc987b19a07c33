"""What the CRM holds of these lives: contacts, contracts, transactions, interactions.

Not here: tickets and surveys.
"""
