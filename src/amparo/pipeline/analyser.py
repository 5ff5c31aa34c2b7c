"""Analyser: the base class of everything that looks at evidence."""

import abc
import hashlib
from typing import TYPE_CHECKING, Any, ClassVar

from amparo.evidence.outcome import Outcome
from amparo.pipeline.stage import Visit, canonical_json

if TYPE_CHECKING:
    from amparo.pipeline.view import View


class Analyser(abc.ABC):
    """One kind of look at one subject. Subclasses set the class variables and :meth:`analyse`.

    Keyword arguments are the configuration: values that pickle and are JSON, so that their digest is stable.
    An Analyser is made in the driver (for its identity) and in each worker (to work), so ``__init__`` is cheap and
    :meth:`setup` loads what is heavy.
    """

    API: ClassVar[int] = 1
    name: ClassVar[str]
    version: ClassVar[str]
    visit: ClassVar[Visit]
    follows: ClassVar[str] = ""  # an Analyser of the same visit, before this one, whose result it uses

    def __init__(self, **config: Any) -> None:
        self.config = config

    @property
    def config_digest(self) -> str:
        """SHA-256 of the configuration, hex: Bank versions, model digests and thresholds belong into it."""
        return hashlib.sha256(canonical_json(self.config)).hexdigest()

    def wants(self, view: "View") -> bool:  # the default wants everything
        """Whether this subject concerns this Analyser at all; not wanted counts as done."""
        return True

    def setup(self) -> Any:
        """Load what all subjects share; called once per worker process."""
        return None

    @abc.abstractmethod
    def analyse(self, view: "View", state: Any) -> Outcome:
        """Look at one subject. ``state`` is what :meth:`setup` returned."""
