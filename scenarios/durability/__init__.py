"""The durability laboratory: how likely a key is lost, exactly where that can be had."""
