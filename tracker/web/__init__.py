"""The pages behind a sign-in: they show what services say and hand on what people decide.

Must never hold a rule of the workflow, SQL, or state that a second process would miss.
"""
