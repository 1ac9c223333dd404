"""How a Report looks: one module per format, each importing the model and nothing else of the grader but text helpers."""
