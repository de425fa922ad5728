"""Files and event logs as typed records: fast, tolerant of unknown fields, strict about what is used."""
