"""Two logical processors of one process under MirroredStrategy."""

from __future__ import annotations

from typing import Any

from .. import apart, workloads
from ..contract import load_adapter
from ..networks.layouts import to_own
from ..networks.tensorflow import logits
from . import WORKERS, WORKLOAD, halves, trained

HOW = "two logical processors under MirroredStrategy"
PROCESSES = 1


def main(arguments: list[str]) -> int:
    adapter = load_adapter("tensorflow")
    adapter.import_framework(None)
    tf = adapter.tried("cpu")[0]  # type: ignore[attr-defined]
    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0],
        [tf.config.LogicalDeviceConfiguration() for _ in range(WORKERS)],
    )
    strategy = tf.distribute.MirroredStrategy(["CPU:{}".format(rank) for rank in range(WORKERS)])
    workload = workloads.find(WORKLOAD)
    with strategy.scope():
        # The mean of both workers' changes is the change by the mean gradient.
        variables = [
            tf.Variable(one, aggregation=tf.VariableAggregation.MEAN)
            for one in to_own(workload, workloads.initial_parameters(workload))
        ]
    model, rate = logits(tf, workload, variables), workload.learning_rate
    cross_entropy = tf.nn.sparse_softmax_cross_entropy_with_logits

    def of_one(samples: Any, labels: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(cross_entropy(labels=labels, logits=model(samples)))
        for variable, gradient in zip(variables, tape.gradient(loss, variables)):
            variable.assign_sub(rate * gradient)
        return loss

    @tf.function  # type: ignore[untyped-decorator,unused-ignore]
    def of_all(samples: Any, labels: Any) -> Any:
        return strategy.reduce("MEAN", strategy.run(of_one, args=(samples, labels)), axis=None)

    by_worker = halves(workload)

    def spread(number: int, part: int) -> Any:
        return strategy.experimental_distribute_values_from_function(
            lambda context: tf.constant(by_worker[context.replica_id_in_sync_group][number][part])
        )

    sets = [(spread(number, 0), spread(number, 1)) for number in range(workload.sets)]
    apart.say(trained(lambda number: float(of_all(*sets[number])), workload))
    return 0
