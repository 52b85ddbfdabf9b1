"""A clock that goes back an hour each time somebody looks; loaded by every Python that finds it.

What is to measure time spans, `monotonic` and `perf_counter`, goes on as it must.
"""

import datetime
import itertools
import time

_HOURS = itertools.count()
_real_time, _Date, _Datetime = time.time, datetime.date, datetime.datetime


def _back() -> float:
    return _real_time() - 3600.0 * next(_HOURS)


class _BackDate(_Date):
    @classmethod
    def today(cls):
        return cls.fromtimestamp(_back())


class _BackDatetime(_Datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(_back(), tz)


time.time = _back
datetime.date, datetime.datetime = _BackDate, _BackDatetime
