# Tests of src/drivers.
