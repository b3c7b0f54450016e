"""The same actions as JSON for other systems, under `/api/v1`: bearer tokens only, never a cookie."""
