/** Deletes what dead runs have left. */
@NullMarked
package io.sink.settle;

import org.jspecify.annotations.NullMarked;
