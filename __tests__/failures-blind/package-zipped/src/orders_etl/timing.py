import functools
import time


def timed(function):
    """Prints how long a call took, whether it failed or not."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        begun = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            print(f"{function.__name__}: {time.perf_counter() - begun:.1f} s", flush=True)

    return wrapper
