"""The durability model held against the real actors, under rates so high that keys are lost."""
