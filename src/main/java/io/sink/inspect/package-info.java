/** Inspection: how a table is. */
@NullMarked
package io.sink.inspect;

import org.jspecify.annotations.NullMarked;
