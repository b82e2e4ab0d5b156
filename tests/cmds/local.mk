# Tests of src/cmds.
