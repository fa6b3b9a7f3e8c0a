/** A run as text, JSON or NDJSON. */
@NullMarked
package io.sink.report;

import org.jspecify.annotations.NullMarked;
