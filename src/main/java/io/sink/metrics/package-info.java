/** A run's report as figures for a monitoring system. */
@NullMarked
package io.sink.metrics;

import org.jspecify.annotations.NullMarked;
