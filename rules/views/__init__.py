"""The knowledge told in other shapes: tables, times, concepts, old advice beside today's.

Pure functions; nothing stands here that is not in the base.
"""

from rules.views.concepts import Span, concept, concept_spans
from rules.views.decision_map import (
    ArticlePath,
    MapOption,
    MapQuestion,
    article_paths,
    decision_map,
    nearest_path,
)
from rules.views.sources import Sourced, framework_names, lasting_names, sourced
from rules.views.tables import (
    Cell,
    Part,
    PersonaRow,
    Row,
    StarCell,
    StarTable,
    StarTableRow,
    comparison,
    ecosystem,
    matrix,
    personas,
)
from rules.views.then_and_now import ThenAndNow, then_and_now, then_and_now_for
from rules.views.times import Event, Evidence, SharesSaid, Trend, timeline, trend

__all__ = [
    "ArticlePath",
    "Cell",
    "Event",
    "Evidence",
    "MapOption",
    "MapQuestion",
    "Part",
    "PersonaRow",
    "Row",
    "SharesSaid",
    "Sourced",
    "Span",
    "StarCell",
    "StarTable",
    "StarTableRow",
    "ThenAndNow",
    "Trend",
    "article_paths",
    "comparison",
    "concept",
    "concept_spans",
    "decision_map",
    "ecosystem",
    "framework_names",
    "lasting_names",
    "matrix",
    "nearest_path",
    "personas",
    "sourced",
    "then_and_now",
    "then_and_now_for",
    "timeline",
    "trend",
]
