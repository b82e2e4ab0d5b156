# Tests of src/ai.
