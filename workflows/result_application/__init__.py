"""Application of results (评价结果应用, P14): from the evaluation of a year to the next year's control figure."""
