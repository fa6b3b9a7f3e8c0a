/** Verification: whether everything that a table names is there and is what it is said to be. */
@NullMarked
package io.sink.verify;

import org.jspecify.annotations.NullMarked;
