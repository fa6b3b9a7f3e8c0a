/** What is in data files as rows: deletes applied, hashed, counted. */
@NullMarked
package io.sink.rows;

import org.jspecify.annotations.NullMarked;
