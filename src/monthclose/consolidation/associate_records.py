"""Records of associates, held against the methods of companies and against each other."""

from collections.abc import Mapping

from monthclose.consolidation.retained import RetainedUnrecorded, check_months
from monthclose.ledger.acquisitions import Acquisition
from monthclose.ledger.entities import Method
from monthclose.ledger.errors import CloseError
from monthclose.ledger.group import Group


class AssociateUnrecorded(CloseError):
    """A company by the equity method, and no record of how the group came to its shares."""

    code = "associate-unrecorded"

    def __init__(self, entity: str) -> None:
        super().__init__(entity=entity)


class AssociateMethod(CloseError):
    """Shares bought as of an associate, in a company that is consolidated."""

    code = "associate-method"

    def __init__(self, acquisition: str, entity: str, method: str) -> None:
        super().__init__(acquisition=acquisition, entity=entity, method=method)


class AssociateEvent(CloseError):
    """An event of an associate that the equity method carries nothing from."""

    code = "associate-event"

    def __init__(self, entity: str, kind: str, on: str) -> None:
        super().__init__(entity=entity, kind=kind, on=on)


def check_methods(group: Group, bought: Mapping[str, list[Acquisition]]) -> None:
    """Companies by the equity method and those bought as associates are the same ones."""
    held = {each.investee for each in group.interests}
    check_months(group)
    for entity in group.entities:
        records = bought.get(entity.code, ())
        known = entity.code in held or entity.code in group.associate_sales_of
        if entity.method is Method.EQUITY and not records and known:
            raise AssociateUnrecorded(entity.code)
        both = entity.code in group.stepped_on or entity.code in group.kept_on
        if entity.method is not Method.EQUITY and records and not both:
            raise AssociateMethod(records[0].id, entity.code, entity.method.value)
        kept = group.kept_on.get(entity.code)
        if kept is not None and not any(each.on == kept for each in records):
            raise RetainedUnrecorded(entity.code, kept)
        if entity.method is Method.EQUITY or kept is not None:
            for paid in group.contributions_of.get(entity.code, ()):
                if kept is None or paid.on > kept:
                    raise AssociateEvent(entity.code, "contribution", str(paid.on))
            for given in group.reductions_of.get(entity.code, ()):
                if kept is None or given.on > kept:
                    raise AssociateEvent(entity.code, "capital_reduction", str(given.on))
            for moved in group.transfers_of.get(entity.code, ()):
                if kept is None or moved.on > kept:
                    raise AssociateEvent(entity.code, "reserve_transfer", str(moved.on))
