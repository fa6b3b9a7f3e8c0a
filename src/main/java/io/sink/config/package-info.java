/** Reads YAML into records, reports every problem at once, and finds the policy of each table. */
@NullMarked
package io.sink.config;

import org.jspecify.annotations.NullMarked;
