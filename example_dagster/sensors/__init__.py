from sensors.qalita_sensors import qalita_check_sensor, qalita_run_sensor

__all__ = ["qalita_check_sensor", "qalita_run_sensor"]
