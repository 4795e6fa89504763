"""A stand-in NetSuite account: REST records, SuiteQL, OAuth 2.0, TBA, governance and a ledger, over HTTP."""
