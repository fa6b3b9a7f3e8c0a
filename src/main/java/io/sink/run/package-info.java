/** The walk over tables: selection, budgets, exit status. */
@NullMarked
package io.sink.run;

import org.jspecify.annotations.NullMarked;
