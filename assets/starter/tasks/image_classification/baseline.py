"""A logistic regression on the pixels."""

import json

from sklearn.linear_model import LogisticRegression

from data import load_data
from metrics import evaluate

data = load_data()
model = LogisticRegression(max_iter=5000)
model.fit(data.train.x.reshape(len(data.train.x), -1), data.train.y)
print(json.dumps(evaluate(model.predict_proba(data.test.x.reshape(len(data.test.x), -1)), data.test.y)))
