/** What can come of an action: closed lists of outcomes and reasons, counters, reports. JDK only. */
@NullMarked
package io.sink.outcome;

import org.jspecify.annotations.NullMarked;
