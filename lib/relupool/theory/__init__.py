"""What can be proved: propositions about layers, and searches for counterexamples to them.

In: layers as functions on arrays, from whoever calls. Out: ``Evidence`` on each proposition, and arrays for figures.
Never here: networks that are trained, stored runs, Keras, sentences for a page.
"""
