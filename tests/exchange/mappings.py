"""The mappings that the documentation shows, as readers copy them."""

import re
from pathlib import Path
from typing import TypeVar

from clientloop.exchange.mapping import FileMapping, read_mapping

M = TypeVar("M", bound=FileMapping)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "import-a-file.md"


def shown(name: str, cls: type[M], folder: Path) -> M:
    """The mapping that the page shows under the name of a file.

    Args:
        name: The name in the first line of the block.
        cls: Which mapping it is.
        folder: Where to write the file.
    """
    [block] = re.findall(rf"```toml\n# {re.escape(name)}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    path = folder / name
    path.write_text(block, encoding="utf-8")
    return read_mapping(path, cls)
