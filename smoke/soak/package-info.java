/** Hours of writers and of the program on one table, in parts that add up. */
@NullMarked
package soak;

import org.jspecify.annotations.NullMarked;
