/** Runs independent tasks; on this machine's threads today. JDK only. */
@NullMarked
package io.sink.engine;

import org.jspecify.annotations.NullMarked;
