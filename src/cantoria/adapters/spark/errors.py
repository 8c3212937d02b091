"""Spark's errors as ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cantoria.kernel.errors import CantoriaError, InputError, IntegrityError, UnavailableError


@contextmanager
def translated() -> Iterator[None]:
    """Turn the engine's errors into ours: what to fix, what to stop for, what to try again."""
    from py4j.protocol import Py4JError  # type: ignore[import-untyped]
    from pyspark import errors

    try:
        yield
    except errors.ArithmeticException as error:
        raise IntegrityError(f"a number leaves its type: {_first(error)}", "a defect or a forged input") from error
    except (errors.NumberFormatException, errors.DateTimeException, errors.IllegalArgumentException) as error:
        raise InputError(f"unreadable input: {_first(error)}", "check the file against its columns") from error
    except errors.AnalysisException as error:
        if (error.getCondition() or "").startswith(("PATH_NOT_FOUND", "UNABLE_TO_INFER_SCHEMA")):
            raise UnavailableError(f"cannot read or write: {_first(error)}", "check the path") from error
        raise IntegrityError(f"the plan does not run: {_first(error)}", "report it with the plan's text") from error
    except (errors.PySparkException, Py4JError, OSError) as error:
        raise _by_cause(error) from error


def _by_cause(error: Exception) -> CantoriaError:
    """Return our error for a failed job, whose cause stands in the text alone."""
    text = str(error)
    if "OVERFLOW" in text:
        return IntegrityError(f"a number leaves its type: {_first(error)}", "a defect or a forged input")
    if "CAST_INVALID_INPUT" in text or "FAILED_READ_FILE" in text or "is not a Parquet file" in text:
        return InputError(f"unreadable input: {_first(error)}", "check the file against its documented columns")
    if "OutOfMemory" in text or "OUT_OF_MEMORY" in text:
        return UnavailableError(f"out of memory: {_first(error)}", "give Spark more memory or partitions")
    return UnavailableError(f"Spark failed: {_first(error)}", "check the cluster and its storage, then try again")


def _first(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0][:500]
