"""Files become frames with types: text of any delimiter, Excel, SPSS, Stata, Parquet; guesses and their doubts."""
