"""Grading: one act for a group, two people who have to agree, taking back, flags, and leaving a group."""

from collections.abc import Callable
from pathlib import Path

import pytest
from casework.installations import actions, case, make
from casework.pictures import copies, picture, verified

from amparo.accounts.models import RoleGrant, User
from amparo.accounts.permissions import Role
from amparo.casework.decisions import decide, decision_rows, set_aside
from amparo.casework.export.grades import standing_acts
from amparo.casework.grading import (
    ask_second,
    decisions_seen_by,
    flag,
    grade,
    newest_seen_by,
    take_out,
    undo,
)
from amparo.casework.groups import make_groups
from amparo.casework.installation import Installation
from amparo.casework.members import add_member, set_two_people
from amparo.casework.scan import scan
from amparo.catalogue.groups import members
from amparo.catalogue.models import Case, Category, Content, Decision, PictureHash, Review
from amparo.catalogue.outbox import chain_path
from amparo.catalogue.review import Queue, queue
from amparo.evidence.errors import BadInput
from amparo.evidence.labels import Labels

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
BASELINE = ["material-abuse-material", "child-real", "age-under-13"]
NOT_RELEVANT = ["material-not-pertinent"]
COPIES = 3


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return make(tmp_path / "home")


@pytest.fixture
def scanned(tmp_path: Path, installation: Installation) -> Case:
    copies(tmp_path / "tree", 1, COPIES)
    picture(2).save(tmp_path / "tree" / "other.png")
    made = case(installation)
    scan(installation, str(tmp_path / "tree"), "R-1")
    make_groups(installation, "R-1")
    return made


@pytest.fixture
def two(scanned: Case) -> Case:
    scanned.two_people = True
    scanned.save(update_fields=["two_people"])
    return scanned


@pytest.fixture
def leader(scanned: Case) -> Content:
    return Content.objects.filter(case=scanned, leader=None, followers__isnull=False).distinct().get()


@pytest.fixture
def staff(installation: Installation, scanned: Case) -> Callable[..., User]:
    def make_one(name: str, owner: bool = False) -> User:
        user = User.objects.create(username=name)
        RoleGrant.objects.create(user=user, role=Role.INVESTIGATOR, given_by="tests")
        add_member(installation, scanned, user, Role.INVESTIGATOR, owner)
        return user

    return make_one


def judged_apart(installation: Installation, content: Content, *acts: tuple[User, list[str]]) -> None:
    """Judged before the Content came into its group."""
    PictureHash.objects.filter(content=content).update(group=None)
    for user, tokens in acts:
        grade(installation, user, content.case, content, tokens)
    make_groups(installation, "R-1")


def states(case: Case) -> dict[tuple[int, int], int]:
    rows = list(Content.objects.filter(case=case).values_list("review", "category"))
    return {row: rows.count(row) for row in set(rows)}


def test_one_act_grades_the_group(
    installation: Installation, scanned: Case, leader: Content, staff: Callable[..., User]
) -> None:
    ana = staff("ana")
    made = grade(installation, ana, scanned, leader, BASELINE, "seen")
    assert len({row.content_id for row in made}) == COPIES
    assert {row.operator for row in made} == {ana.actor}
    assert states(scanned) == {(Review.DONE, Category.BASELINE): COPIES, (Review.OPEN, Category.OPEN): 1}
    assert actions(installation, scanned).count("decision.made") == COPIES
    verified(installation, scanned)
    assert len(grade(installation, ana, scanned, leader, NOT_RELEVANT, spread=False)) == 1
    assert states(scanned)[Review.DONE, Category.NOT_RELEVANT] == 1


def test_two_who_agree(installation: Installation, two: Case, leader: Content, staff: Callable[..., User]) -> None:
    ana, ben = staff("ana"), staff("ben")
    grade(installation, ana, two, leader, BASELINE)
    assert states(two) == {(Review.SECOND, Category.OPEN): COPIES, (Review.OPEN, Category.OPEN): 1}
    grade(installation, ben, two, leader, BASELINE)
    assert states(two)[Review.DONE, Category.BASELINE] == COPIES


def test_two_who_differ_and_one_who_settles(
    installation: Installation, two: Case, leader: Content, staff: Callable[..., User]
) -> None:
    ana, ben, eve, owner = staff("ana"), staff("ben"), staff("eve"), staff("owner", owner=True)
    grade(installation, ana, two, leader, BASELINE)
    grade(installation, ben, two, leader, NOT_RELEVANT)
    assert states(two)[Review.DISAGREED, Category.OPEN] == COPIES
    with pytest.raises(BadInput, match="differently"):
        grade(installation, eve, two, leader, BASELINE, "a note")
    with pytest.raises(BadInput, match="needs a note"):
        grade(installation, owner, two, leader, BASELINE)
    with pytest.raises(BadInput, match="differently"):
        decide(installation, "R-1", bytes(leader.sha256).hex(), BASELINE, "a note", spread=True)
    assert states(two)[Review.DISAGREED, Category.OPEN] == COPIES
    grade(installation, owner, two, leader, BASELINE, "Both were looked at again")
    assert states(two)[Review.DONE, Category.BASELINE] == COPIES
    undo(installation, owner, two)
    assert states(two)[Review.DISAGREED, Category.OPEN] == COPIES
    grade(installation, ben, two, leader, BASELINE)
    assert states(two)[Review.DONE, Category.BASELINE] == COPIES
    verified(installation, two)


def test_a_grade_does_not_spread_to_what_others_differ_on(
    installation: Installation, two: Case, leader: Content, staff: Callable[..., User]
) -> None:
    ana, ben, eve = staff("ana"), staff("ben"), staff("eve")
    follower = Content.objects.filter(leader=leader).latest("pk")
    judged_apart(installation, follower, (ana, BASELINE), (ben, NOT_RELEVANT))
    made = grade(installation, eve, two, leader, NOT_RELEVANT)
    assert {row.content_id for row in made} == {each.pk for each in members(leader)} - {follower.pk}
    assert states(two)[Review.DISAGREED, Category.OPEN] == 1


def test_an_owner_who_was_one_of_the_two_settles_nothing_alone(
    installation: Installation, two: Case, leader: Content, staff: Callable[..., User]
) -> None:
    owner, ben = staff("owner", owner=True), staff("ben")
    grade(installation, owner, two, leader, BASELINE)
    grade(installation, ben, two, leader, NOT_RELEVANT)
    grade(installation, owner, two, leader, ["material-undetermined"], "a note")
    assert states(two)[Review.DISAGREED, Category.OPEN] == COPIES


def test_the_first_decision_is_seen_by_nobody_else_anywhere(
    installation: Installation, two: Case, leader: Content, staff: Callable[..., User]
) -> None:
    ana, ben = staff("ana"), staff("ben")
    grade(installation, ana, two, leader, BASELINE, "telling")
    for each in members(leader):
        assert len(decisions_seen_by(each, ana.actor)) == 1
        assert decisions_seen_by(each, ben.actor) == []
    assert list(decision_rows("R-1", everything=True)) == []
    assert list(decision_rows("R-1", everything=True, actor=ben.actor)) == []
    assert len(list(decision_rows("R-1", actor=ana.actor))) == COPIES
    log = chain_path(installation.settings.home, two.uuid).read_text()
    assert "telling" not in log
    assert "age-under-13" not in log
    undo(installation, ana, two)
    assert decisions_seen_by(leader, ben.actor) == [], "nor what was taken back before anybody else judged"
    grade(installation, ana, two, leader, BASELINE)
    grade(installation, ben, two, leader, NOT_RELEVANT)
    assert {row.operator for row in decisions_seen_by(leader, ben.actor)} == {ana.actor, ben.actor}


def test_custody_entries_do_not_tell_the_labels(
    installation: Installation, two: Case, leader: Content, staff: Callable[..., User]
) -> None:
    ana = staff("ana")
    for tokens in (BASELINE, NOT_RELEVANT):
        grade(installation, ana, two, leader, tokens)
        log = chain_path(installation.settings.home, two.uuid).read_text()
        assert Labels.parse(tokens).digest() not in log, "who knows the vocabulary tells labels by their digest"


def test_taking_back_goes_one_act_at_a_time(
    installation: Installation, scanned: Case, leader: Content, staff: Callable[..., User]
) -> None:
    ana, ben = staff("ana"), staff("ben")
    grade(installation, ana, scanned, leader, BASELINE)
    grade(installation, ana, scanned, leader, NOT_RELEVANT)
    grade(installation, ben, scanned, Content.objects.exclude(picture__group=leader).get(case=scanned), BASELINE)
    assert len(undo(installation, ana, scanned)) == COPIES
    assert states(scanned)[Review.DONE, Category.BASELINE] == COPIES + 1, "what stood before counts again"
    undo(installation, ana, scanned)
    assert states(scanned) == {(Review.OPEN, Category.OPEN): COPIES, (Review.DONE, Category.BASELINE): 1}
    with pytest.raises(BadInput, match="nothing here"):
        undo(installation, ana, scanned)
    assert Decision.objects.exclude(withdrawn=None).count() == 2 * COPIES
    assert actions(installation, scanned).count("decision.withdrawn") == 2 * COPIES
    assert [row["current"] for row in decision_rows("R-1", everything=True, actor=ana.actor)].count(True) == 1
    verified(installation, scanned)


def test_a_second_person_can_be_asked_where_one_is_enough(
    installation: Installation, scanned: Case, leader: Content, staff: Callable[..., User]
) -> None:
    ana, ben = staff("ana"), staff("ben")
    grade(installation, ana, scanned, leader, BASELINE)
    ask_second(installation, ana, scanned, leader)
    assert states(scanned)[Review.SECOND, Category.OPEN] == COPIES
    assert decisions_seen_by(leader, ben.actor) == []
    assert list(queue(scanned, Queue.SECOND, ben.actor)) == [leader]
    grade(installation, ben, scanned, leader, NOT_RELEVANT)
    assert states(scanned)[Review.DISAGREED, Category.OPEN] == COPIES
    grade(installation, ben, scanned, leader, BASELINE)
    assert states(scanned)[Review.DONE, Category.BASELINE] == COPIES
    with pytest.raises(BadInput, match="Two people have judged"):
        ask_second(installation, ana, scanned, leader)


def test_a_second_person_asked_before_anybody_judged(
    installation: Installation, scanned: Case, leader: Content, staff: Callable[..., User]
) -> None:
    ana = staff("ana")
    ask_second(installation, ana, scanned, leader)
    grade(installation, ana, scanned, leader, BASELINE)
    assert states(scanned)[Review.SECOND, Category.OPEN] == COPIES
    assert actions(installation, scanned).count("second.asked") == COPIES


def test_flags(installation: Installation, scanned: Case, leader: Content, staff: Callable[..., User]) -> None:
    ana = staff("ana")
    for wanted in (True, False):
        flag(installation, ana, scanned, leader, wanted)
        assert queue(scanned, Queue.FLAGGED).count() == int(wanted)
    assert actions(installation, scanned).count("content.flagged") == 2


@pytest.mark.parametrize("of", ["leader", "follower"])
def test_leaving_a_group(
    of: str, installation: Installation, scanned: Case, leader: Content, staff: Callable[..., User]
) -> None:
    ana = staff("ana")
    row = leader if of == "leader" else Content.objects.filter(leader=leader).latest("pk")
    rest = [each for each in members(leader) if each != row]
    take_out(installation, ana, scanned, row)
    row.refresh_from_db()
    assert (row.leader_id, members(row)) == (None, [row])
    assert members(rest[0]) == rest
    heads = [each for each in rest if Content.objects.get(pk=each.pk).leader_id is None]
    assert len(heads) == 1
    assert queue(scanned, Queue.ALL).count() == 3
    assert len(grade(installation, ana, scanned, heads[0], BASELINE)) == COPIES - 1
    with pytest.raises(BadInput, match="stands for itself"):
        take_out(installation, ana, scanned, row)
    verified(installation, scanned)


def test_contents_of_another_case_are_refused(
    installation: Installation, scanned: Case, leader: Content, staff: Callable[..., User]
) -> None:
    ana, other = staff("ana"), case(installation, "R-2")
    for act in (
        lambda: grade(installation, ana, other, leader, BASELINE),
        lambda: flag(installation, ana, other, leader, True),
        lambda: ask_second(installation, ana, other, leader),
        lambda: take_out(installation, ana, other, leader),
    ):
        with pytest.raises(BadInput, match="no such content"):
            act()
    assert Decision.objects.count() == 0


def test_who_has_seen_the_first_judgement_does_not_take_theirs_back_to_copy_it(
    installation: Installation, two: Case, leader: Content, staff: Callable[..., User]
) -> None:
    ana, ben = staff("ana"), staff("ben")
    grade(installation, ana, two, leader, BASELINE)
    grade(installation, ben, two, leader, NOT_RELEVANT)
    with pytest.raises(BadInput, match="judged this before you"):
        undo(installation, ben, two)
    assert not Decision.objects.exclude(withdrawn=None).exists()
    undo(installation, ana, two)
    assert Decision.objects.exclude(withdrawn=None).count() == COPIES


def test_nothing_leaves_a_group_that_waits_for_a_second_person(
    installation: Installation, two: Case, leader: Content, staff: Callable[..., User]
) -> None:
    ana, ben = staff("ana"), staff("ben")
    grade(installation, ana, two, leader, BASELINE)
    follower = Content.objects.filter(leader=leader).first()
    assert follower is not None
    for each in (follower, leader):
        with pytest.raises(BadInput, match="waits for a second person"):
            take_out(installation, ben, two, each)
    grade(installation, ben, two, leader, BASELINE)
    take_out(installation, ben, two, follower)


def test_a_second_opinion_that_was_asked_for_outlasts_taking_back(
    installation: Installation, scanned: Case, leader: Content, staff: Callable[..., User]
) -> None:
    ana, ben = staff("ana"), staff("ben")
    ask_second(installation, ana, scanned, leader)
    leader.refresh_from_db()
    assert (leader.second_by, leader.second_at is not None) == (ana.actor, True)
    asked = leader.second_at
    grade(installation, ben, scanned, leader, BASELINE)
    undo(installation, ben, scanned)
    assert states(scanned) == {(Review.SECOND, Category.OPEN): COPIES, (Review.OPEN, Category.OPEN): 1}
    grade(installation, ben, scanned, leader, BASELINE)
    assert states(scanned)[Review.SECOND, Category.OPEN] == COPIES, "one is still not enough"
    ask_second(installation, ben, scanned, leader)
    leader.refresh_from_db()
    assert (leader.second_by, leader.second_at) == (ana.actor, asked), "who asked first stays"
    grade(installation, ana, scanned, leader, BASELINE)
    assert states(scanned)[Review.DONE, Category.BASELINE] == COPIES


def test_what_one_person_judged_waits_where_two_are_asked_for_later(
    installation: Installation, scanned: Case, leader: Content, staff: Callable[..., User]
) -> None:
    ana, ben = staff("ana"), staff("ben")
    grade(installation, ana, scanned, leader, BASELINE)
    set_two_people(installation, scanned, True)
    assert states(scanned) == {(Review.SECOND, Category.OPEN): COPIES, (Review.OPEN, Category.OPEN): 1}
    assert decisions_seen_by(leader, ben.actor) == []
    grade(installation, ben, scanned, leader, BASELINE)
    set_two_people(installation, scanned, False)
    set_two_people(installation, scanned, True)
    assert states(scanned)[Review.DONE, Category.BASELINE] == COPIES, "what two judged is not asked for again"
    verified(installation, scanned)


def test_what_was_taken_out_stays_out_when_the_case_is_grouped_anew(
    installation: Installation, scanned: Case, leader: Content, staff: Callable[..., User], tmp_path: Path
) -> None:
    ana = staff("ana")
    follower = Content.objects.filter(leader=leader).order_by("pk").last()
    assert follower is not None
    take_out(installation, ana, scanned, follower)
    picture(1).resize((960, 720)).save(tmp_path / "tree" / "larger.png")
    scan(installation, str(tmp_path / "tree"), "R-1", again=True)
    make_groups(installation, "R-1")
    follower.refresh_from_db()
    assert follower.leader is None
    assert members(follower) == [follower]
    leader.refresh_from_db()
    assert len(members(leader)) == COPIES, "one went, the new one came"
    take_out(installation, ana, scanned, leader)
    make_groups(installation, "R-1")
    assert members(leader) == [leader]


def test_the_operator_of_the_command_line_sees_their_own_first_decision(
    installation: Installation, two: Case, leader: Content, staff: Callable[..., User]
) -> None:
    decide(installation, "R-1", bytes(leader.sha256).hex(), BASELINE, spread=True)
    grade(installation, staff("ana"), two, Content.objects.get(leader=None, followers=None), BASELINE)
    own = list(decision_rows("R-1", everything=True, actor=installation.settings.operator))
    assert [each["operator"] for each in own] == [installation.settings.operator] * COPIES
    assert not any(each["current"] for each in own), "it counts for neither of the two"


def test_two_people_judge_a_group_as_a_whole_so_that_one_member_tells_nothing_of_it(
    installation: Installation, two: Case, leader: Content, staff: Callable[..., User]
) -> None:
    ana, ben = staff("ana"), staff("ben")
    follower = Content.objects.filter(leader=leader).latest("pk")
    for user in (ana, ben):
        for each in (leader, follower):
            with pytest.raises(BadInput, match="for all of them"):
                grade(installation, user, two, each, NOT_RELEVANT, spread=False)
        grade(installation, user, two, leader, BASELINE)
    alone = Content.objects.get(case=two, leader=None, followers=None)
    assert len(grade(installation, ana, two, alone, BASELINE, spread=False)) == 1


def test_a_second_opinion_on_a_group_is_one_on_the_whole_where_else_one_person_is_enough(
    installation: Installation, scanned: Case, leader: Content, staff: Callable[..., User]
) -> None:
    ana, ben = staff("ana"), staff("ben")
    follower = Content.objects.filter(leader=leader).latest("pk")
    grade(installation, ana, scanned, leader, BASELINE)
    assert len(grade(installation, ana, scanned, follower, BASELINE, spread=False)) == 1
    ask_second(installation, ana, scanned, leader)
    with pytest.raises(BadInput, match="for all of them"):
        grade(installation, ben, scanned, follower, BASELINE, spread=False)
    assert decisions_seen_by(follower, ben.actor) == []


def test_an_act_on_a_group_is_unseen_while_any_of_it_waits(
    installation: Installation, two: Case, leader: Content, staff: Callable[..., User]
) -> None:
    ana, ben = staff("ana"), staff("ben")
    follower = Content.objects.filter(leader=leader).latest("pk")
    judged_apart(installation, follower, (ana, NOT_RELEVANT), (ben, NOT_RELEVANT))
    grade(installation, ana, two, leader, BASELINE)
    follower.refresh_from_db()
    assert follower.review == Review.DISAGREED
    told = [row.labels for row in decisions_seen_by(follower, ben.actor)]
    assert told == [NOT_RELEVANT, NOT_RELEVANT], "the group waits for ben"
    listed = [row["labels"] for row in decision_rows("R-1", everything=True, actor=ben.actor)]
    assert listed == [NOT_RELEVANT, NOT_RELEVANT]
    grade(installation, ben, two, leader, NOT_RELEVANT)
    assert len(decisions_seen_by(follower, ben.actor)) == 4


def test_the_command_line_is_nobodys_second(
    installation: Installation, two: Case, leader: Content, staff: Callable[..., User]
) -> None:
    ana, ben = staff("ana"), staff("ben")
    digest = bytes(leader.sha256).hex()
    waiting = {(Review.SECOND, Category.OPEN): COPIES, (Review.OPEN, Category.OPEN): 1}
    assert len(set_aside(decide(installation, "R-1", digest, BASELINE, spread=True))) == COPIES
    assert states(two) == waiting, "it is nobody's first, either"
    assert decisions_seen_by(leader, ana.actor) == []
    assert list(queue(two, Queue.SECOND, ana.actor)) == [leader]
    grade(installation, ana, two, leader, BASELINE)
    decide(installation, "R-1", digest, BASELINE, spread=True)
    assert states(two) == waiting
    undo(installation, ana, two)
    grade(installation, ana, two, leader, BASELINE)
    grade(installation, ben, two, leader, BASELINE)
    decide(installation, "R-1", digest, NOT_RELEVANT, spread=True)
    assert states(two)[Review.DONE, Category.BASELINE] == COPIES
    acts = standing_acts(two, members(leader))
    assert {row.operator for each in acts.values() for row in each} == {ana.actor, ben.actor}
    assert [row["operator"] for row in decision_rows("R-1")] == [ben.actor] * COPIES, "the newest that counts"
    bens = Decision.objects.filter(content=leader, operator=ben.actor).latest("pk")
    assert newest_seen_by(leader, ana.actor) == bens.pk
    verified(installation, two)


def test_a_leader_who_was_one_of_the_two_does_not_take_theirs_back_either(
    installation: Installation, two: Case, leader: Content, staff: Callable[..., User]
) -> None:
    ana, owner = staff("ana"), staff("owner", owner=True)
    grade(installation, ana, two, leader, BASELINE)
    grade(installation, owner, two, leader, NOT_RELEVANT)
    with pytest.raises(BadInput, match="judged this before you"):
        undo(installation, owner, two)
    assert states(two)[Review.DISAGREED, Category.OPEN] == COPIES


def test_nor_does_a_second_person_who_was_asked_where_one_is_enough(
    installation: Installation, scanned: Case, leader: Content, staff: Callable[..., User]
) -> None:
    ana, ben = staff("ana"), staff("ben")
    grade(installation, ana, scanned, leader, BASELINE)
    ask_second(installation, ana, scanned, leader)
    grade(installation, ben, scanned, leader, NOT_RELEVANT)
    with pytest.raises(BadInput, match="judged this before you"):
        undo(installation, ben, scanned)
