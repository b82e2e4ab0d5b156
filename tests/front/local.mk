# Tests of src/front.
