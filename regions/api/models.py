"""The service models of botocore, each read once: operations, shapes, and what a reference adds.

What does not belong here: what is made of them (shapes.py, protocols/).
Source: botocore's data files, format "service-2".
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from botocore.loaders import Loader

Shape = Mapping[str, Any]


@lru_cache
def model_of(service: str) -> Mapping[str, Any]:
    """Return the model of a service by its endpoint's name; ``iam`` takes some 20 ms.

    Raises:
      UnknownServiceError: botocore has no such service.
    """
    model: Mapping[str, Any] = Loader().load_service_model(service, "service-2")
    return model


def resolved(shapes: Mapping[str, Shape], reference: Shape) -> dict[str, Any]:
    """Return the shape that a member refers to, with what the member itself says on top."""
    return {**shapes[reference["shape"]], **reference}
