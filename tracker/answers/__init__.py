"""What services found, as the public JSON of the contract: the same for the command line and the interface.

Must never ask the database, nor leave out a key: what is not there is null.
"""
