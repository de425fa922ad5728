"""Plausible wrong answers to each exercise: at least two, as learners really give them."""

from qalita_walkthrough import Table

WRONG_ANSWERS: dict[str, list[object]] = {
    "00.1": [15, 2],
    "00.2": ["QALITA", "DuckDB"],
    "01.1": [150, 571],
    "01.2": [{"kg/m3", "µg/m3"}, {"kg/m3", "µg/m3", "µg/m³"}],
    "01.3": [691, "99"],
    "02.1": [6240, 9144],
    "02.2": [9715, 0],
    "02.3": ["missing", "unknown_unit"],
    "03.1": ["Ostrava", "Chatelet"],
    "03.2": [15151, 150],
    "03.3": [3.77, 3.3],
    "04.1": [86, 24],
    "04.2": ["fail", "pass"],
    "04.3": [10, 2929],
    "07.1": [set(), {"airquality_metrics", "airquality_report"}],
    "07.2": ["minimum_score", "stops_without_qalita"],
    "07.3": [1, 14],
    "09.1": [5, 4],
    "09.2": [60, 432_000],
    "09.3": [52, 400],
    "05.1": [0.75, 0.7, 0.6, 0.778, 77.8],
    "05.2": [207, 69],
    "05.3": ["lost", "delivered"],
    "06.1": [7, 9],
    "06.2": ["value_is_not_negative", "[QALITA] stg_airquality: unit_is_micrograms"],
    "06.3": ["open", "ignore"],
    "08.1": [
        Table(["day", "gauge"], []),
        Table(["day"], [("2017-05-06",), ("2017-05-05",)]),
        Table(["day", "rows"], [("2017-05-06", 2)]),
    ],
    "08.2": ["consistency", "validity"],
    "08.3": [0, 4],
}
