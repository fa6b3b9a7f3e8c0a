/** Compares the columns of files entry by entry, and shares no decoder of pages with those who write them. */
@NullMarked
package io.sink.columns;

import org.jspecify.annotations.NullMarked;
