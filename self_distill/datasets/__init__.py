from self_distill.datasets.load import load_dataset

__all__ = ["load_dataset"]
