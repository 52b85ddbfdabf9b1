"""PyTorch's DataLoader over a map-style dataset, in the process that asks (its default)."""

from __future__ import annotations

from typing import Any

from ..workloads import changed


def loader(torch: Any, samples: Any, labels: Any, batch: int) -> Any:
    Dataset: Any = torch.utils.data.Dataset

    class Samples(Dataset):  # type: ignore[misc]
        def __len__(self) -> int:
            return len(samples)

        def __getitem__(self, number: int) -> tuple[Any, int]:
            return torch.from_numpy(changed(samples[number], number)), number

    return torch.utils.data.DataLoader(Samples(), batch_size=batch, shuffle=True)


def arrays(batch: Any) -> tuple[Any, Any]:
    return batch[0].numpy(), batch[1].numpy()
