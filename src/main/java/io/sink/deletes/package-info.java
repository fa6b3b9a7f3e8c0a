/** Removal of delete files that no data file needs any more. */
@NullMarked
package io.sink.deletes;

import org.jspecify.annotations.NullMarked;
