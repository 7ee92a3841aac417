"""Numbers made of runs and times: means over seeds with their intervals, differences, effects, ratios.

In: frames of stored runs and of times. Out: values such as ``Estimate``, and frames for figures and tables.
Never here: pictures, verdicts, Keras.
"""
