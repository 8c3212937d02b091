"""A Spark session as our plans need it: ANSI arithmetic, UTC, no Hive, no web page, listening on loopback alone.

PySpark and Java are an extra (`pip install 'cantoria[spark]'`, Java 17 or newer); without them `start` says so. A
session on this machine (`local[2]`) keeps all its files in one temporary folder and leaves no process behind.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cantoria.kernel.errors import InputError, UnavailableError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MEMORY_BYTES_DEFAULT: Final = 1 << 30
PARTITIONS_DEFAULT: Final = 4
CONNECT: Final = "sc://"
_STOP_SECONDS: Final = 20
# What decides about values; set on every session, also on one that somebody else started.
_MEANING: Final = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    # With it on, two quotes in a text would stay two. So plans write a backslash as chr(92).
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.caseSensitive": "false",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.sources.default": "parquet",
    "spark.sql.adaptive.enabled": "true",
}
_LOGGING: Final = """
rootLogger.level = error
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %p %c{1}: %m%n
# The errors of a query are raised to whoever asked it; they need not be told twice.
logger.executor.name = org.apache.spark.executor.Executor
logger.executor.level = off
logger.tasks.name = org.apache.spark.scheduler.TaskSetManager
logger.tasks.level = off
logger.writing.name = org.apache.spark.sql.execution.datasources.FileFormatWriter
logger.writing.level = off
"""


def start(url: str, *, folder: Path, memory_bytes_max: int, partitions: int) -> tuple[SparkSession, bool]:
    """Return a session on the cluster at `url`, and whether it was started here, to be ended with `stop`.

    `url` is a cluster's (`local[2]`, `spark://host:7077`, `yarn`) or a Spark Connect address (`sc://host`). Where the
    process has a Spark already, its cluster is used, under a session of our own. Raises `UnavailableError`.
    """
    _require_parts(url)
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise UnavailableError("PySpark is not installed", "pip install 'cantoria[spark]'") from error
    logging.getLogger("SQLQueryContextLogger").disabled = True  # it repeats every error that is raised
    running = SparkSession.getActiveSession()
    try:
        if running is not None:
            session = running.newSession()
        elif url.startswith(CONNECT):
            session = SparkSession.builder.remote(url).create()
        else:
            session = _builder(url, folder, memory_bytes_max).getOrCreate()
        for name, value in (_MEANING | {"spark.sql.shuffle.partitions": str(partitions)}).items():
            session.conf.set(name, value)
    except (PySparkException, ImportError, OSError, RuntimeError) as error:
        raise UnavailableError(f"Spark at {url} does not start: {error}", "check the address and Java") from error
    return session, running is None


def stop(session: SparkSession) -> None:
    """End a session that `start` began, with its Java process."""
    gateway: Any = None
    with suppress(ImportError):
        from pyspark import SparkContext

        gateway = SparkContext._gateway
    session.stop()
    if gateway is None:
        return
    SparkContext._gateway = SparkContext._jvm = None
    gateway.shutdown()
    process: subprocess.Popen[bytes] | None = getattr(gateway, "proc", None)
    if process is not None:
        if process.stdin is not None:
            process.stdin.close()  # Spark's process ends with its standard input
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def missing_parts() -> str:
    """Return what Spark needs and this machine lacks, in words; empty where nothing is."""
    try:
        import pyspark  # noqa: F401
    except ImportError:
        return "PySpark"
    return "" if _java() else "Java"


def _require_parts(url: str) -> None:
    missing = missing_parts()
    if missing == "PySpark":
        raise UnavailableError("PySpark is not installed", "pip install 'cantoria[spark]'")
    if missing == "Java" and not url.startswith(CONNECT):
        raise UnavailableError(
            "Spark needs Java 17 or newer, which is not on this machine",
            "install it (Debian: apt-get install openjdk-17-jre-headless) or set JAVA_HOME",
        )


def _java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return bool(shutil.which("java")) or bool(home and (Path(home) / "bin" / "java").exists())


def _builder(url: str, folder: Path, memory_bytes_max: int) -> Any:
    from pyspark.sql import SparkSession

    if memory_bytes_max < 512 << 20:
        raise InputError(f"{memory_bytes_max} bytes are too few for Spark", "give at least 512 MiB")
    quiet = folder / "log4j2.properties"
    quiet.write_text(_LOGGING, encoding="utf-8")
    settings = {
        "spark.app.name": "cantoria",
        "spark.log.level": "ERROR",
        "spark.driver.memory": f"{memory_bytes_max >> 20}m",
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={quiet.as_uri()} -Djava.io.tmpdir={folder}",
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": (folder / "warehouse").as_uri(),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    if url.startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        settings |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    builder: Any = SparkSession.builder
    builder = builder.config("spark.master", url)
    for name, value in (settings | _MEANING).items():
        builder = builder.config(name, value)
    return builder
