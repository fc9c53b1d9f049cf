"""Assertions of the helper modules are explained as those of tests are."""

import pytest

pytest.register_assert_rewrite("conformance")
