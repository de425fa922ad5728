"""What each page shows: a struct of values, and the function that reads them from the store."""
