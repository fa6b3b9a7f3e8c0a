/** Orphans: files in a table's own places that nothing in the table names. */
@NullMarked
package io.sink.orphans;

import org.jspecify.annotations.NullMarked;
