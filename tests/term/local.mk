# Tests of src/term.
