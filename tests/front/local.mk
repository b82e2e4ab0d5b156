# Tests of src/front.
front_tests = tests/front/batch.sh tests/front/house.sh tests/front/offline.sh tests/front/streams.sh
TESTS += $(front_tests)
EXTRA_DIST += $(front_tests)
