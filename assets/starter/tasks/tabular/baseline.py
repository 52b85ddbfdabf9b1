"""A logistic regression on scaled columns."""

import json

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from data import load_data
from metrics import evaluate

data = load_data()
model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000))
model.fit(data.train.x, data.train.y)
print(json.dumps(evaluate(model.predict_proba(data.test.x), data.test.y)))
