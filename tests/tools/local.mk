# Tests of src/tools.
