MODULES: tuple[str, ...] = ()
BY_ID: dict[str, str] = {}
MODULES_BY_TYPE: dict[str, tuple[str, ...]] = {}
