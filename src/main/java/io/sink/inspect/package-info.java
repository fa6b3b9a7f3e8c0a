/** Inspection: the state of a table. */
@NullMarked
package io.sink.inspect;

import org.jspecify.annotations.NullMarked;
