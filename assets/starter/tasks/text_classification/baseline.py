"""A logistic regression on words weighted by their rarity; its strength by the validation part."""

import json

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from data import load_data
from metrics import evaluate


def counts(words: np.ndarray) -> csr_matrix:
    """A row per text, a column per word; 0 fills up and does not count."""
    rows, columns = np.nonzero(words)
    return csr_matrix((np.ones(len(rows)), (rows, words[rows, columns])), (len(words), 4096))


data = load_data()
train, validation, test = (counts(part.x) for part in data)
models = [
    make_pipeline(TfidfTransformer(), LogisticRegression(C=strength, max_iter=5000))
    for strength in (1.0, 10.0, 100.0)
]
for model in models:
    model.fit(train, data.train.y)
best = max(models, key=lambda model: model.score(validation, data.validation.y))
print(json.dumps(evaluate(best.predict_proba(test), data.test.y)))
