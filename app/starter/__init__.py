"""Starter code: choose, render, write and run a project that trains, from the templates in assets.

Which frameworks, tasks, deliveries and trackers there are is read from the templates' folder; no
framework is named here. Knows nothing of rules, probes or Qt.
"""

from app.starter.catalogue import (
    Choice,
    Offer,
    Offers,
    offers,
    search_offers,
    task_for,
    variant_offers,
)
from app.starter.errors import StarterError
from app.starter.project import Project, Request, load_request, prepare, request_problem
from app.starter.running import Outcome, installed_versions, run
from app.starter.writing import write

__all__ = [
    "Choice",
    "Offer",
    "Offers",
    "Outcome",
    "Project",
    "Request",
    "StarterError",
    "installed_versions",
    "load_request",
    "offers",
    "prepare",
    "request_problem",
    "run",
    "search_offers",
    "task_for",
    "variant_offers",
    "write",
]
