/** One immutable reading of a table, its guards, and the few places that may commit or delete. */
@NullMarked
package io.sink.table;

import org.jspecify.annotations.NullMarked;
