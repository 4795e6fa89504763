"""Orders that have their document and changed in Shopify since: what changed, what is done about it, and doing it.

The rules are in `syncflows.flows.order_changes`. A change is told by the order as it was when the document was
written; the document is read from the ERP before anything is decided, and what people changed there is never
overwritten without one of them saying so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db import transaction

from canonical.changes import Change, ChangeKind, changes_between
from canonical.components import COMPONENTS, TOTAL, components_of_facts
from canonical.ledger import ledger_facts
from canonical.money import MoneyPolicy
from canonical.orders import Order as OrderFacts
from canonical.stages import STAGE_WORDS, DocumentStage
from common.clock import now
from common.errors import NeedsPerson
from common.http import Call
from common.narrow import known
from erps.models import ShippingChoice
from erps.port import ErpAdapter
from mappings.links import unlink
from mappings.models import RecordLink
from shops.models import Shop
from shops.shopify.orders import normalize_order
from syncflows.flows import orders as flow
from syncflows.flows.order_changes import BY_HAND, HARMLESS, REPLACEABLE, Answer, Policies, answer_to
from syncflows.models import Attempt, OrderRules, Outcome, Wish, WrittenDocument
from syncflows.models.rules import CancelPolicy, ChangePolicy
from syncflows.models.written import stored
from syncflows.pipeline.cases import Amendment, Case, reference
from syncflows.pipeline.crediting import settle_parts
from syncflows.pipeline.parts import refuse_in_doubt, since
from syncflows.pipeline.work import Work, close_attempt, content_hash, end, guard, payload_hash

HALF = 32
"""A token is the order's half and the document's half. What was begun goes on for the same order, although the document
may show what was begun already."""
NAMED = 3
"""Changes named in the sentence; the others are counted."""


def settle(shop: Shop, works: Sequence[Work], rules: OrderRules, erp: ErpAdapter) -> list[Work]:
    """Deal with orders that have a document. Returns those that are to be mapped: to amend their document (they hold an
    `amendment`) or, unlinked, to write a new one. The others have ended, or hold a link to a document as it should
    be."""
    ids = [known(work.link).pk for work in works]
    records = WrittenDocument.objects.filter(pk__in=ids).defer("order", "sent").in_bulk() if ids else {}
    policies = Policies(ChangePolicy(rules.changed_orders), CancelPolicy(rules.cancelled_documents))
    again: list[Work] = []
    for work in works:

        def step(work: Work = work) -> None:
            if _settled(shop, work, records.get(known(work.link).pk), policies, erp):
                again.append(work)

        guard(work, step)
    return again


def _settled(
    shop: Shop, work: Work, record: WrittenDocument | None, policies: Policies, erp: ErpAdapter
) -> bool:
    """True when the order goes on to be mapped."""
    facts, link = known(work.facts), known(work.link)
    if record is None:
        flow.check_unchanged(facts, work.order.fingerprint, work.fingerprint)
        remember(work, link, {})
        return False
    settle_parts(work, record, erp)
    work.beside = record.beside_total - record.closed_total
    work.warnings.extend(f"Left as it is in the ERP. {change.sentence}" for change in record.accepted())
    if record.content_hash == content_hash(known(work.raw)):
        _forget_question(record)
        return False
    before = normalize_order(record.raw_order())
    changes = changes_between(before, facts, _policy(shop, link, facts))
    changes = (*changes, *_unexplained(work, changes))
    if not changes:  # a shipment, a status: Shopify's own course
        _take_as_known(work, record)
        return False
    if all(change.kind in HARMLESS for change in changes):
        _note(work, record, changes)
        return False
    state = erp.read_document(reference(link))
    body = record.body()
    in_erp = erp.changed_since(state, body) if body and state.stage is not DocumentStage.MISSING else ()
    there = payload_hash({"stage": str(state.stage), "in_erp": [(d.name, d.written, d.now) for d in in_erp]})
    token = content_hash(known(work.raw))[:HALF] + there[:HALF]
    return _decided(work, Case(link, record, changes, state, in_erp, token, before), policies, erp)


def _policy(shop: Shop, link: RecordLink, facts: OrderFacts) -> MoneyPolicy:
    """The side of the amounts that is in the currency of the order's document."""
    return facts.policy_in(link.currency) if link.currency else shop.money_policy


def _forget_question(record: WrittenDocument) -> None:
    """The order is again as it was when its document was written: nothing is asked any more."""
    if record.token:
        record.changes, record.token, record.wish = [], "", Wish.NONE
        record.save(update_fields=["changes", "token", "wish"])


def _doubts(work: Work, record: WrittenDocument) -> list[Attempt]:
    """Attempts to change the document since it was last known, of which nobody knows whether they succeeded."""
    rows = Attempt.objects.filter(
        sync=work.sync,
        external_id=record.link.external_id,
        outcome__in=(Outcome.INTENT, Outcome.UNKNOWN),
        started_at__gt=record.updated_at,
    )
    return list(rows.only("payload_hash", "started_at").order_by("-started_at"))


def _unexplained(work: Work, changes: tuple[Change, ...]) -> Iterable[Change]:
    """A change of the order's sections that no typed change explains: asked about rather than ignored."""
    sections = flow.changes(work.order.fingerprint, work.fingerprint)
    if sections and all(change.kind in HARMLESS for change in changes):
        yield Change(kind=ChangeKind.OTHER, what=", ".join(sections))


def _decided(work: Work, case: Case, policies: Policies, erp: ErpAdapter) -> bool:
    record, doubtful = case.record, _doubts(work, case.record)
    same_order = record.token[:HALF] == case.token[:HALF]
    doubt = bool(doubtful or record.pending)
    wish = Wish(record.wish) if record.token == case.token or (doubt and same_order) else Wish.NONE
    applying = wish == Wish.APPLY
    considered = case.changes if applying or doubtful else case.shown
    answer = answer_to(considered, case.state.stage, BY_HAND if applying else policies)
    if answer is not Answer.ADD or wish not in (Wish.NONE, Wish.APPLY):
        refuse_in_doubt(record, work.order.name)
    if wish == Wish.KEEP:
        _keep(work, case)
        return False
    if record.parts and answer in (Answer.AMEND, Answer.CLOSE):
        ask(work, case, "Other documents stand beside it.")
        return False
    if wish in (Wish.RECREATE, Wish.RECREATE_CLOSING) and can_be_given_up(record, case.state.stage):
        _recreate(work, case, erp, close=wish == Wish.RECREATE_CLOSING)
        return True
    if answer in (Answer.AMEND, Answer.ADD) and record.sent:
        work.amendment = Amendment(
            case,
            adding=answer is Answer.ADD,
            overwrites=applying and record.token == case.token,
            doubtful=doubtful,
        )
        work.notes.extend(change.sentence for change in case.changes)
        work.warnings.extend(note for part in since(record, case.before) for note in part.notes)
        return True
    if answer is Answer.NOTE:
        _note(work, record, case.changes)
    elif answer is Answer.CLOSE:
        _close(work, case, erp)
    else:
        ask(work, case)
    return False


def can_be_given_up(record: WrittenDocument, stage: DocumentStage) -> bool:
    """Whether a document may make room for a new one: nothing was shipped or billed of it, and it stands alone."""
    return stage in REPLACEABLE and not record.parts


def ask(work: Work, case: Case, reason: str = "", *, calls: Iterable[Call] = ()) -> None:
    """Block the order as changed, with everything that changed kept for its page. `reason` says why what was wanted
    could not be done, `calls` are the requests that showed it."""
    record, shown = case.record, case.shown
    record.changes = stored(shown)
    record.stage, record.token, record.wish = case.state.stage, case.token, Wish.NONE
    record.save(update_fields=["changes", "stage", "token", "wish"])
    _show_totals(work)
    if case.state.stage is DocumentStage.MISSING:
        work.order.document_total = None
        work.order.save(update_fields=["document_total"])
    named = "; ".join(change.sentence for change in shown[:NAMED])
    more = f"; and {len(shown) - NAMED} more" if len(shown) > NAMED else ""
    text = (
        f"Order {work.order.name} was changed in Shopify after it was written. {case.number} is "
        f"{STAGE_WORDS[case.state.stage]}. {named}{more}."
    )
    kinds = dict.fromkeys(change.kind.replace("_", " ") for change in shown)
    error = NeedsPerson("ORDER_CHANGED", f"{text} {reason}".strip(), field=", ".join(kinds), value="")
    end(work, error, calls=calls)


def _show_totals(work: Work) -> None:
    """Lay the order as it is now beside its document, which stays as it was, so that the difference is seen."""
    shop, order = work.sync.shop, work.order
    connection = known(shop.erp_connection)
    policy = _policy(shop, known(work.link), known(work.facts))
    facts = ledger_facts(known(work.facts), policy, refunds_apart=True)
    now_is = components_of_facts(facts, shipping_net=connection.shipping_as == ShippingChoice.BODY)
    written = {name: sides[1] for name, sides in order.components.items() if name != TOTAL}
    if not written:
        return
    names = [name for name in COMPONENTS if now_is.of(name) or name in written]
    document = sum(map(Decimal, written.values()), Decimal(0))
    order.components = {str(name): [str(now_is.of(name)), written.get(name, "0")] for name in names}
    order.components[TOTAL] = [str(now_is.total), str(document)]
    order.books_total = now_is.total
    order.save(update_fields=["components", "books_total"])


def _note(work: Work, record: WrittenDocument, changes: Iterable[Change]) -> None:
    """Changes a document does not show: they go to the timeline, once."""
    work.notes.extend(change.sentence for change in changes)
    with transaction.atomic():
        _take_as_known(work, record)
        close_attempt(work, Outcome.UNCHANGED)


def _take_as_known(work: Work, record: WrittenDocument) -> None:
    """From now on the order as it is now is what later changes are told by."""
    record.order = WrittenDocument.pack(known(work.raw))
    record.content_hash = content_hash(known(work.raw))
    record.changes, record.token, record.wish = [], "", Wish.NONE
    record.save(update_fields=["order", "content_hash", "changes", "token", "wish", "kept", "stage"])
    work.order.fingerprint = work.fingerprint
    work.order.save(update_fields=["fingerprint"])


def _keep(work: Work, case: Case) -> None:
    """A person keeps the document for this version of the order; the difference stays visible."""
    record = case.record
    kept = [change for change in case.changes if change.kind not in HARMLESS]
    record.kept = [*record.kept, *stored(kept)]
    record.stage = case.state.stage
    work.warnings.extend(f"Left as it is in the ERP. {change.sentence}" for change in kept)
    _show_totals(work)
    with transaction.atomic():
        _take_as_known(work, record)
        close_attempt(work, Outcome.UNCHANGED)


def _close(work: Work, case: Case, erp: ErpAdapter) -> None:
    """Close the document of a cancelled order. Closing twice changes nothing, so a lost answer is simply repeated."""
    _intend(work, case.link, "close")
    erp.close_document(reference(case.link))
    work.notes.extend(change.sentence for change in case.changes)
    work.notes.append(f"{case.number} was closed in the ERP.")
    case.record.stage = DocumentStage.CLOSED
    with transaction.atomic():
        _take_as_known(work, case.record)
        close_attempt(work, Outcome.CLOSED)


def _intend(work: Work, link: RecordLink, what: str) -> None:
    """Commit what is about to be done to a document."""
    work.attempt.external_id = link.external_id
    work.attempt.payload_hash = what
    work.attempt.outcome = Outcome.INTENT
    work.attempt.save()


def _recreate(work: Work, case: Case, erp: ErpAdapter, *, close: bool) -> None:
    """Give the document up and let the order be written anew, under the external id of its next edition. Edition and
    link change together, so that a worker that stops anywhere leaves either the old document linked or the next one
    to be looked for by its own id."""
    link = case.link
    if close and case.state.stage is DocumentStage.OPEN:
        _intend(work, link, "close")
        erp.close_document(reference(link))
        Attempt.objects.filter(pk=work.attempt.pk).update(
            outcome=Outcome.CLOSED, finished_at=now(), notes=[f"{case.number} was closed in the ERP."]
        )
        work.attempt = Attempt(sync=work.sync, number=work.sync.attempts, worker=work.attempt.worker)
    with transaction.atomic():
        unlink(link)
        work.order.edition += 1
        work.order.document_number, work.order.document_total = "", None
        work.order.written_back_at = None
        work.order.save(update_fields=["edition", "document_number", "document_total", "written_back_at"])
    work.link = None
    work.notes.append(f"{case.number} was given up; the order is written anew.")


def remember(work: Work, link: RecordLink, sent: dict[str, object]) -> None:
    """Keep the order a document stands for, and what was sent, beside the link."""
    raw = known(work.raw)
    record = WrittenDocument(
        link=link,
        order=WrittenDocument.pack(raw),
        content_hash=content_hash(raw),
        sent=WrittenDocument.pack(sent) if sent else b"",
        stage=DocumentStage.OPEN if sent else "",
        updated_at=now(),
    )
    columns = [field.name for field in WrittenDocument._meta.concrete_fields if not field.primary_key]
    WrittenDocument.objects.bulk_create(
        [record], update_conflicts=True, unique_fields=["link"], update_fields=columns
    )
