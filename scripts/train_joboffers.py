"""Train the text model of job offers and say how it does: ``train_joboffers.py emscad.csv [--write]``.

The table has the columns of EMSCAD, ``fraudulent`` (0 or 1), ``group`` and ``negative_selection``. It is research data
and stays outside the repository. Legitimate offers that were selected for having every field filled train the model,
but are no part of the test: they would flatter it.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_union

from amparo.joboffers.measures import EMSCAD_PREVALENCE, average_precision, bootstrap, recall_at
from amparo.joboffers.model import BUCKETS, TextModel, buckets, fitted_frequency
from amparo.joboffers.offer import Offer
from amparo.joboffers.splits import group, group_folds, random_folds
from amparo.text.words import Words

SELECTED = "all_fields_filled"
PARTS = ("title", "description", "requirements", "benefits")
STRENGTH = 10.0  # inverse of the L2 penalty
FILE = Path(__file__).parent.parent / "src" / "amparo" / "joboffers" / "data" / "model.bin"
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


class Table:
    """The offers with what is known of each."""

    def __init__(self, path: Path) -> None:
        csv.field_size_limit(10_000_000)
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        self.deceptive: Bools = np.array([row["fraudulent"] == "1" for row in rows])
        self.tested: Bools = np.array([row["negative_selection"] != SELECTED for row in rows])
        self.words = [Words.of(Offer.of(row).without("place")) for row in rows]
        self.plain = [
            " ".join(row[part] for part in ("title", "description", "requirements", "benefits")) for row in rows
        ]
        self.whole = [f"{text}\n{row['company_profile']}" for text, row in zip(self.plain, rows, strict=True)]
        self.buckets = [buckets(words) for words in self.words]
        keys = [[f"group {row['group']}" if row.get("group") else "", row["company_profile"].strip()] for row in rows]
        self.groups: Ints = group(self.plain, keys)


def train(table: Table, among: Ints) -> TextModel:
    """The model of the offers ``among``; every group counts as much as any other, and both kinds alike."""
    members: dict[int, list[Ints]] = {}
    for at in among:
        members.setdefault(int(table.groups[at]), []).append(table.buckets[at])
    frequency = fitted_frequency(np.concatenate(texts) for texts in members.values())
    values: list[Floats] = []
    columns: list[Ints] = []
    ends = [0]
    for at in among:
        seen, counts = np.unique(table.buckets[at], return_counts=True)
        value = (1.0 + np.log(counts)) * frequency[seen]
        values.append(value / (np.sqrt(np.sum(value**2)) or 1.0))
        columns.append(seen)
        ends.append(ends[-1] + len(seen))
    matrix = csr_matrix((np.concatenate(values), np.concatenate(columns), ends), shape=(len(among), BUCKETS))
    deceptive = table.deceptive[among]
    weight = 1.0 / np.bincount(table.groups)[table.groups[among]]
    weight = np.where(deceptive, weight / weight[deceptive].sum(), weight / weight[~deceptive].sum())
    fit = LogisticRegression(C=STRENGTH, max_iter=2_000, solver="liblinear", random_state=5)
    fit.fit(matrix, deceptive, sample_weight=weight / weight.mean())
    return TextModel(fit.coef_[0].astype(np.float32), frequency, round(float(fit.intercept_[0]), 6), "emscad 1")


def scored(table: Table, folds: Ints) -> Floats:
    """Scores of the model for each offer by a model that never saw its fold."""
    scores = np.zeros(len(folds))
    for fold in np.unique(folds):
        model = train(table, np.flatnonzero(folds != fold))
        for at in np.flatnonzero(folds == fold):
            scores[at] = model.score(table.words[at])
    return scores


def baseline(table: Table, texts: list[str], folds: Ints) -> Floats:
    """Scores of the usual: TF-IDF of words 1-2 and characters 3-5, logistic regression."""
    scores = np.zeros(len(folds))
    for fold in np.unique(folds):
        learn, test = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        vectors = make_union(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, min_df=2, max_features=100_000),
        )
        matrix = vectors.fit_transform([texts[at] for at in learn])
        fit = LogisticRegression(class_weight="balanced", max_iter=2_000, solver="liblinear")
        fit.fit(matrix, table.deceptive[learn])
        scores[test] = fit.decision_function(vectors.transform([texts[at] for at in test]))
    return scores


def report(table: Table, name: str, scores: Floats) -> None:
    """One line: figures with 95 % intervals over groups, of the offers that are no biased selection."""
    at = np.flatnonzero(table.tested)
    scores, deceptive, groups = scores[at], table.deceptive[at], table.groups[at]
    told = []
    for label, figure in (
        ("AP", lambda drawn: average_precision(scores[drawn], deceptive[drawn], EMSCAD_PREVALENCE)),
        ("R@1%", lambda drawn: recall_at(scores[drawn], deceptive[drawn], 0.01)),
        ("R@5%", lambda drawn: recall_at(scores[drawn], deceptive[drawn], 0.05)),
    ):
        low, high = bootstrap(figure, groups)
        told.append(f"{label} {figure(np.arange(len(at))):.3f} ({low:.3f} to {high:.3f})")
    print(f"{name:44} {'  '.join(told)}", flush=True)


def main() -> None:
    """Evaluate; with ``--write`` also train on everything and write the shipped file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    table = Table(asked.table)
    if asked.write:
        FILE.write_bytes(train(table, np.arange(len(table.words))).to_bytes())
    for split, folds in (("random", random_folds(len(table.words))), ("group", group_folds(table.groups))):
        report(table, f"{split}: TF-IDF baseline, text", baseline(table, table.plain, folds))
        report(table, f"{split}: TF-IDF baseline, text and profile", baseline(table, table.whole, folds))
        report(table, f"{split}: model", scored(table, folds))


if __name__ == "__main__":
    main()
