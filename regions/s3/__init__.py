"""The object store of a region behind the S3 API: buckets, versions, uploads, and their rules."""
