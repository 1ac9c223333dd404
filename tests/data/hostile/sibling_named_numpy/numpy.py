raise SystemExit("a neighbour with the name of a package is not imported")
