"""HTTP in, values out; what a route does lives behind it."""
