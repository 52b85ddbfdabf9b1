"""A worker's environment variables."""

import os
from pathlib import Path

from probes.catalogue import load_catalogue
from probes.surroundings import OURS, worker_variables


def variables(users: dict[str, str], threads: int = 2) -> dict[str, str]:
    return worker_variables(load_catalogue(), users, threads, Path("/tmp/run"), os.pathsep)


def test_the_users_own_variables_and_home_are_kept():
    users = {"HOME": "/home/me", "LANG": "de_DE.UTF-8", "LD_LIBRARY_PATH": "/opt/cuda/lib64"}
    assert users.items() <= variables(users).items()


def test_thread_plans_debugging_and_our_own_are_not_handed_on():
    users = dict.fromkeys(
        [
            "OMP_PROC_BIND", "KMP_AFFINITY", "GOTO_NUM_THREADS", "XLA_FLAGS", "JAX_DEBUG_NANS",
            "TF_XLA_FLAGS", "TF_ENABLE_ONEDNN_OPTS", "TORCH_LOGS", "KERAS_BACKEND",
            "NVIDIA_TF32_OVERRIDE", "CUDA_LAUNCH_BLOCKING", "PYTHONHOME", "PYTHONWARNINGS",
            "FRAMEWORK_ADVISOR_HOME", "QT_QPA_PLATFORM",
        ],
        "1",
    )  # fmt: skip
    assert not set(users) & set(variables(users))


def test_the_thread_plan_is_the_same_for_all():
    given = variables({"OMP_NUM_THREADS": "7"}, threads=3)
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")
    assert {given[name] for name in names} == {"3"}


def test_memory_is_taken_on_demand_and_caches_are_private():
    given = variables({})
    assert given["XLA_PYTHON_CLIENT_PREALLOCATE"] == "false"
    assert given["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"
    assert given["TORCHINDUCTOR_CACHE_DIR"].startswith("/tmp/run/")
    caches = [given[name] for name in load_catalogue().caches]
    assert len(set(caches)) == len(caches)
    assert {given[name] for name in ("TMPDIR", "TEMP", "TMP")} == {"/tmp/run"}


def test_our_own_folder_leaves_the_users_module_path():
    given = variables({"PYTHONPATH": os.pathsep.join([str(OURS), "/users/own", ""])})
    assert given["PYTHONPATH"] == "/users/own"
    assert "PYTHONPATH" not in variables({"PYTHONPATH": str(OURS)})


def test_without_a_thread_plan_each_framework_takes_what_it_likes():
    planned, own = (
        variables({"HOME": "/home/me", "OMP_NUM_THREADS": "7"}),
        worker_variables(
            load_catalogue(), {"HOME": "/home/me", "OMP_NUM_THREADS": "7"}, None, Path("/r"), ":"
        ),
    )
    assert planned["OMP_NUM_THREADS"] == "2"
    assert set(planned) - set(own) == set(load_catalogue().threads)
