"""Opening balances that an older schema did not keep come with the next import."""

import pytest

from tests.store.office import Office
from tests.store.sample import small

pytestmark = pytest.mark.server
MAY = "2025-05"


@pytest.fixture
def office(app, database):
    return Office(app, database)


def forget(office) -> None:
    """Leave the columns as the first schema had them: without openings."""
    with office.database.unguarded("trial_balance_columns") as connection:
        connection.execute(
            "update trial_balance_columns as c set opening = null from etl_batches as b"
            " where b.id = c.batch_id and b.tenant_id = %s",
            (office.tenant,),
        )


def opens(office) -> list[int] | None:
    """What SUB began May with, as it is read back."""
    raws = office.records().inputs(MAY).balances
    found = next(raw.opening for raw in raws if raw.entity == "SUB")
    return None if found is None else found.tolist()


def test_the_same_balance_is_the_next_batch_once(office):
    office.load(small(office.code))
    forget(office)
    assert opens(office) is None
    assert office.load(small(office.code)).batches == 1  # only SUB gave any
    assert opens(office) == [1, 2, -3, 0, 0, 0, 0]
    assert office.load(small(office.code)).unchanged


def test_a_locked_month_stays_as_it_was_locked(office):
    office.load(small(office.code))
    forget(office)
    office.lock(MAY)
    assert office.load(small(office.code)).unchanged
    assert opens(office) is None
