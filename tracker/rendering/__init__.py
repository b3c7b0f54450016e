"""Words and papers: messages, the chart, the ledger. No database, no clock, no network, no decision."""
