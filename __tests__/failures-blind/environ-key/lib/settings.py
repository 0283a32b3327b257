"""Settings of the jobs, from the environment that the workspace sets."""

import os
from dataclasses import dataclass


def required(name: str) -> str:
    return os.environ[name].strip()


@dataclass(frozen=True)
class Settings:
    host: str
    api_version: str
    pages: int

    @classmethod
    def from_environment(cls) -> "Settings":
        return cls(
            host=required("TICKETS_HOST"),
            api_version=os.environ.get("TICKETS_API_VERSION", "v2"),
            pages=int(os.environ.get("TICKETS_PAGES", "3")),
        )
