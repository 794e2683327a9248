"""Numbering the same classes in two ways."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.classifiers import align, card, labels_of, matching
from engine.classifiers.labels import FOREIGN, UNKNOWN, class_index, numbered
from engine.classifiers.listings import asset
from engine.datasets import load_dataset
from engine.datasets.imageset import ArraySet
from engine.errors import ClassesError, DataError, ParameterError

names = st.lists(st.text("abcdefgh", min_size=1, max_size=3), unique=True, max_size=12)


@given(classes=names, seed=st.integers(0, 99))
def test_a_permutation_is_undone(classes: list[str], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(classes))
    mixed = [classes[i].upper() for i in order]
    assert align(classes, mixed)[:-1].tolist() == np.argsort(order).tolist()


@given(ours=names, theirs=names)
def test_labels_exist_and_an_unknown_label_stays_unknown(
    ours: list[str], theirs: list[str]
) -> None:
    labels = align(ours, theirs)
    assert labels.dtype == np.int64
    assert labels.shape == (len(ours) + 1,)
    assert labels[-1] == -1
    assert labels.max(initial=-1) < len(theirs)


def test_the_ten_classes_are_found_among_a_thousand() -> None:
    from engine.classifiers.listings import class_names

    labels = align(class_names("imagenette"), class_names("imagenet"))
    assert labels.tolist() == [0, 217, 482, 491, 497, 566, 569, 571, 574, 701, -1]


def test_equally_many_strangers_keep_their_order() -> None:
    assert align(["a", "b"], ["0", "1"]).tolist() == [0, 1, -1]
    assert align(["a", "b", "c"], ["0", "1"]).tolist() == [-1, -1, -1, -1]
    assert align(["n01", "n02"], ["tench", "goldfish"]).tolist() == [0, 1, -1]


IMAGENET = card("torchvision:googlenet").classes


@pytest.mark.parametrize(
    ("ours", "expected"),
    [
        (["n01440764", "n03445777"], [0, 574]),
        (["tench, Tinca tinca", "golf ball"], [0, 574]),
        (["great_white_shark"], [2]),
        (["cardigan", "Cardigan", "CARDIGAN"], [474, 264, FOREIGN]),
        (["crane"], [FOREIGN]),
        (["n02012849", "n03126707", "crane"], [134, 517, FOREIGN]),
        (["crane bird", "crane"], [134, 517]),
        (["maillot", "maillot, tank suit"], [638, 639]),
        (["missile"], [657]),
        (["Tinca tinca", "tench2"], [FOREIGN, FOREIGN]),
    ],
)
def test_imagenet_s_names_are_matched_exactly(ours: list[str], expected: list[int]) -> None:
    assert align(ours, IMAGENET).tolist() == [*expected, UNKNOWN]


def test_imagenet_goes_by_its_order_where_all_of_it_is_there() -> None:
    """Its long names have two cranes, and its numbers in WordNet are sorted."""
    words = asset("imagenet.json")
    assert list(words) == sorted(words)
    for names in (list(words), list(words.values()), [w.split(",")[0] for w in words.values()]):
        assert align(names, IMAGENET)[:-1].tolist() == list(range(1000))
        assert align(IMAGENET, names)[:-1].tolist() == list(range(1000))
        assert align(names[::-1][:3], IMAGENET)[:-1].tolist() == [999, 998, 997]


def test_known_numbers_of_wordnet_are_names_to_every_network() -> None:
    fish, birds = ["n01440764", "n01443537"], ["n01518878", "n01530575"]
    assert align(fish, ["tench", "goldfish"]).tolist() == [0, 1, UNKNOWN]
    assert align(fish, ["goldfish, Carassius auratus", "ox"]).tolist() == [FOREIGN, 0, UNKNOWN]
    assert align(birds, fish).tolist() == align(fish, ["disc", "ring"]).tolist()
    assert align(fish, ["disc", "ring"]).tolist() == [FOREIGN, FOREIGN, UNKNOWN]
    assert align(fish, ["0", "1"]).tolist() == [0, 1, UNKNOWN]
    assert align([f"{fish[1]}-goldfish", f"{fish[0]}_tench"], fish).tolist() == [1, 0, UNKNOWN]


def test_spellings_of_one_name_are_the_same() -> None:
    assert align(["ka\u0308fer", "007", "Sea_Lion"], ["sea lion", "k\u00e4fer", "7"])[
        :-1
    ].tolist() == [
        1,
        2,
        0,
    ]
    assert align(["cat", "Cat"], ["dog", "CAT"])[:-1].tolist() == [1, 1]


def test_equally_many_strangers_with_names_are_not_taken_for_each_other() -> None:
    assert align(["disc", "ring"], ["airplane", "bird"]).tolist() == [FOREIGN, FOREIGN, UNKNOWN]


def test_a_class_that_the_classifier_does_not_know_is_no_unknown_one() -> None:
    assert align(["cat", "disc", "dog"], ["dog", "cat"]).tolist() == [1, FOREIGN, 0, UNKNOWN]
    assert align(["0", "1", "2"], ["1", "0"]).tolist() == [1, 0, FOREIGN, UNKNOWN]


def test_two_classes_of_one_name_stay_apart_where_the_lists_are_equal() -> None:
    assert align(["crane", "ox", "crane"], ["Crane", "ox", "crane"]).tolist() == [0, 1, 2, -1]
    assert align(["crane"], ["ox", "crane", "crane"]).tolist() == [FOREIGN, UNKNOWN]


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (("0", "1", "12"), True),
        (("n00000000", "n00000001"), True),
        (("n01440764", "n01443537"), False),
        (("class 1", "class 2"), True),
        (("disc", "ring"), False),
        (("A4", "B52"), False),
        (("0", "one"), False),
        ((), False),
    ],
)
def test_names_that_only_count_are_known_as_such(classes: tuple[str, ...], expected: bool) -> None:
    assert numbered(classes) is expected


def pictures(classes: list[str], labels: list[int], name: str = "own") -> ArraySet:
    images = np.zeros((len(labels), 8, 8, 1), np.uint8)
    return ArraySet(name, "test", classes, np.array(labels), images, identity="made here")


@pytest.mark.parametrize(
    ("dataset", "classifier"),
    [("shapes", "digits-resnet"), ("digits", "shapes-vgg"), ("digits", "vgg16-cifar10")],
)
def test_a_set_of_other_classes_is_refused_in_words(dataset: str, classifier: str) -> None:
    """The digits are called by numbers, and these are their names all the same."""
    data, seen = load_dataset(dataset), card(classifier)
    with pytest.raises(ClassesError) as told:
        labels_of(data, seen)
    assert isinstance(told.value, DataError)
    for words in (
        f"images of {dataset} are of 10 classes ({', '.join(data.classes[:3])} ...)",
        f"{classifier} tells apart 10 classes ({', '.join(seen.classes[:3])} ...)",
        f"it was trained on {seen.dataset}",
        "Choose an image set with classes of the classifier",
        "pictures of your own need no set",
    ):
        assert words in str(told.value)


def test_only_classes_that_are_shown_count() -> None:
    """A set may list a class of the classifier's and have no picture of it."""
    with pytest.raises(ClassesError, match=r"are of 1 class \(cat\)"):
        labels_of(pictures(["disc", "cat"], [1, 1]), card("shapes-resnet"))


def test_where_a_set_says_nothing_nothing_is_refused() -> None:
    bare = labels_of(pictures([], [-1, -1]), card("shapes-resnet"))
    assert bare.tolist() == [UNKNOWN, UNKNOWN]
    counted = pictures(["0", "1", "2"], [0, 2, -1])
    assert labels_of(counted, card("shapes-resnet")).tolist() == [UNKNOWN] * 3
    assert labels_of(counted, card("digits-resnet")).tolist() == [0, 2, UNKNOWN]


def test_an_untrained_network_s_classes_tell_nothing() -> None:
    labels = load_dataset("digits").labels
    for name in ("untrained:shapes-resnet", "untrained:resnet18", "untrained:vgg16-cifar10"):
        assert (labels_of(load_dataset("digits"), card(name)) == labels).all()
    assert (labels_of(load_dataset("digits"), card("untrained:vgg16-cifar100")) == UNKNOWN).all()


def test_an_unnamed_copy_of_a_known_set_keeps_its_order() -> None:
    copy = pictures([str(number) for number in range(10)], [3, 9], name="cifar10")
    assert labels_of(copy, card("vgg16-cifar10")).tolist() == [3, 9]


def test_partly_known_and_partly_labelled_sets_are_told_apart() -> None:
    mixed = pictures(["cat", "ring", "dog"], [0, 1, -1, 2])
    assert labels_of(mixed, card("shapes-resnet")).tolist() == [FOREIGN, 1, UNKNOWN, FOREIGN]


def test_who_opens_a_set_learns_which_classes_match() -> None:
    mixed = matching(pictures(["cat", "ring", "dog", "disc"], [0, 1, -1, 2]), card("shapes-resnet"))
    assert (mixed.known, mixed.unknown, mixed.ambiguous) == (("ring",), ("cat", "dog"), ())
    assert not mixed.complete
    assert "shapes-resnet knows 1 of 3 classes of own" in mixed.sentence
    assert "It does not know 2 classes (cat, dog)" in mixed.sentence
    whole = matching(load_dataset("shapes"), card("shapes-vgg"))
    assert whole.complete
    assert whole.sentence == "shapes-vgg knows 10 of 10 classes of shapes."


def test_classes_that_are_one_to_the_classifier_are_said() -> None:
    found = matching(pictures(["ring", "disc", "Disc"], [0, 1, 2]), card("shapes-resnet"))
    assert found.known == ("ring", "disc", "Disc")
    assert found.alike == (("disc", "Disc"),)
    assert "2 classes (disc, Disc) are one to it" in found.sentence


def test_what_is_matched_by_order_alone_or_not_at_all_is_said() -> None:
    ten = pictures([str(number) for number in range(10)], [3, 9])
    assert "taken to be in the same order" in matching(ten, card("shapes-resnet")).sentence
    three = pictures(["0", "1", "2"], [0, 2])
    assert "nor equally many" in matching(three, card("shapes-resnet")).sentence
    assert matching(pictures([], [-1]), card("shapes-resnet")).complete


def test_an_ambiguous_class_is_said_and_never_guessed() -> None:
    seen = card("torchvision:googlenet")
    found = matching(pictures(["crane", "tench"], [0, 1]), seen)
    assert found.ambiguous == ("crane",)
    assert "Several of its classes may be meant by 1 class (crane)" in found.sentence
    with pytest.raises(ClassesError, match="may be meant by 1 class"):
        labels_of(pictures(["crane"], [0]), seen)


def test_a_class_is_named_as_it_is_spelt_or_by_number() -> None:
    assert class_index("cardigan", IMAGENET) == 474
    assert class_index("Cardigan", IMAGENET) == 264
    assert class_index("TENCH", IMAGENET) == class_index("0", IMAGENET) == 0
    for name in ("CARDIGAN", "crane"):
        with pytest.raises(ParameterError, match="2 classes are called so"):
            class_index(name, [*IMAGENET, "crane"])
