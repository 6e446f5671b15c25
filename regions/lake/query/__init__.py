"""SQL over event data stores: what a statement may say, and DuckDB that carries it out."""
