"""What a journal says: one type for each kind of record, and for each action within a kind.

``migrate.model.records`` puts them into lines and reads them back.
"""
