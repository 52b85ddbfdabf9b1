"""Every image is the mean of the training part."""

import json

import numpy as np

from data import load_data
from metrics import evaluate

data = load_data()
mean = np.broadcast_to(data.train.x.mean(axis=0), data.test.x.shape)
print(json.dumps(evaluate(mean, data.test.y)))
