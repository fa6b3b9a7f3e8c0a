/**
 * A simulator: storage and a catalog in memory, in which the program's own actions, other writers and every kind of
 * failure meet. One seed is one schedule.
 */
@NullMarked
package io.sink.sim;

import org.jspecify.annotations.NullMarked;
