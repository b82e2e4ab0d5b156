# Tests of src/control.
