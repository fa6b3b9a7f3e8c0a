/** Reads data files as rows, applies their deletes, and hashes and counts the rows. */
@NullMarked
package io.sink.rows;

import org.jspecify.annotations.NullMarked;
