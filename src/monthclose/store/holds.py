"""A lock of the server that lasts as long as whoever holds it, and not a moment longer."""

import weakref
from typing import Any, cast

import psycopg
from sqlalchemy import Engine
from sqlalchemy.pool import PoolProxiedConnection

type Hold = weakref.finalize[[PoolProxiedConnection], Any]
"""What is held: calling it lets go."""


def hold(holder: object, engine: Engine, key: int) -> Hold | None:
    """
    Take an advisory lock on a connection of its own.

    A process that ends, however it ends, loses the connection and with it the lock.

    Args:
        holder: Letting go of this object lets go of the lock.
        engine: Gives the connection, and takes it back.
        key: What is locked.

    Returns:
        The hold; None: somebody else has the lock.
    """
    taken = engine.raw_connection()
    # Also when nobody calls it: a connection that went back to the pool with the lock on
    # it would hold the lock for ever.
    held = weakref.finalize(holder, _let_go, taken)
    driver = cast("psycopg.Connection", taken.driver_connection)
    driver.autocommit = True
    row = driver.execute("select pg_try_advisory_lock(%s)", (key,)).fetchone()
    if row and row[0]:
        return held
    held()
    return None


def _let_go(taken: PoolProxiedConnection) -> None:
    """Free the lock and give the connection back, or close it when it is past use."""
    driver = cast("psycopg.Connection", taken.driver_connection)
    try:
        driver.execute("select pg_advisory_unlock_all()")
        driver.autocommit = False
    except psycopg.Error:
        taken.invalidate()
    taken.close()
