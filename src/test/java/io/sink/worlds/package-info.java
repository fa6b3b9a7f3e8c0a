/** Random worlds of catalogs and tables, runs over them, and an oracle that shares no code with the program. */
@NullMarked
package io.sink.worlds;

import org.jspecify.annotations.NullMarked;
