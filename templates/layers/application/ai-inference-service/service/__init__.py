# SPDX-License-Identifier: Apache-2.0
"""Inference over HTTP."""
