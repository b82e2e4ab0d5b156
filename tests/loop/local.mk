# Tests of src/loop.
