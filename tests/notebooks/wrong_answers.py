"""Plausible wrong answers to each exercise: at least two, as learners really give them."""

WRONG_ANSWERS: dict[str, list[object]] = {
    "00.1": [15, 2],
    "00.2": ["QALITA", "DuckDB"],
    "01.1": [150, 571],
    "01.2": [{"kg/m3", "µg/m3"}, {"kg/m3", "µg/m3", "µg/m³"}],
    "01.3": [691, "99"],
    "02.1": [6240, 9144],
    "02.2": [9715, 0],
    "02.3": ["missing", "unknown_unit"],
}
