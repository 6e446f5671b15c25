"""The security token service of each region: sessions of roles and users."""
