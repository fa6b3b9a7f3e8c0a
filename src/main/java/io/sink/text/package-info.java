/** Figures and names made for people to read. JDK only. */
@NullMarked
package io.sink.text;

import org.jspecify.annotations.NullMarked;
