"""BPMN files: the reader that turns XML into a model, and the checks that say what will not work, and why."""
