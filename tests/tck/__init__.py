"""The public test cases of DMN (github.com/dmn-tck/tck) against this implementation."""
