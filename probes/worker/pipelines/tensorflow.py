"""tf.data: slices of arrays, shuffled, changed in parallel, batched and fetched ahead."""

from __future__ import annotations

from typing import Any

from ..workloads import CHANGED_BY


def loader(tf: Any, samples: Any, labels: Any, batch: int) -> Any:
    shift, scale = CHANGED_BY

    def change(sample: Any, number: Any) -> tuple[Any, Any]:
        sample = (sample - shift) * scale
        return tf.where(number % 2 == 1, tf.reverse(sample, axis=[-1]), sample), number

    with tf.device("CPU"):
        slices = tf.data.Dataset.from_tensor_slices((samples, labels))
        shuffled = slices.shuffle(len(samples), reshuffle_each_iteration=True)
        changed = shuffled.map(change, num_parallel_calls=tf.data.AUTOTUNE)
        return changed.batch(batch).prefetch(tf.data.AUTOTUNE)


def arrays(batch: Any) -> tuple[Any, Any]:
    return batch[0].numpy(), batch[1].numpy()
