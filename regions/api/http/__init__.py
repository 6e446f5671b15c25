"""HTTP/1.1 on Trio: bytes of sockets to plain requests, and answers back."""
