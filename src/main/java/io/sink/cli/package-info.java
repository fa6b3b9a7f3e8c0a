/** The command line: parse, call, print. */
@NullMarked
package io.sink.cli;

import org.jspecify.annotations.NullMarked;
