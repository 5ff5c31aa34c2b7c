import numpy as np

from amparo.joboffers.splits import group, group_folds, random_folds

LONG = "The kitchen opens at seven and closes at four, and every cook has a key to the store room."


def test_near_duplicates_and_equal_keys_are_one_group_even_over_a_third() -> None:
    texts = [
        LONG,
        LONG.replace("four", "five"),
        "Something else is written here today.",
        "A last text stands alone.",
        "",
    ]
    found = group(texts, [["a"], [""], ["a"], [""], [""]])
    assert found[0] == found[1] == found[2]
    assert len(set(found)) == 3


def test_no_group_is_parted_and_folds_are_alike_in_size() -> None:
    groups = np.repeat(np.arange(50), np.arange(50) % 7 + 1)
    folds = group_folds(groups)
    assert all(len(set(folds[groups == one])) == 1 for one in range(50))
    sizes = np.bincount(folds, minlength=5)
    assert sizes.max() - sizes.min() <= 7
    assert np.ptp(np.bincount(random_folds(103))) <= 1
