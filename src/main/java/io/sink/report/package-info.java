/** A run as text, JSON, NDJSON or an HTML page. */
@NullMarked
package io.sink.report;

import org.jspecify.annotations.NullMarked;
