"""The order service's scenarios, one TOML file each."""
