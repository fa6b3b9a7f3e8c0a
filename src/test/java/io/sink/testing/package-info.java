/** What tests stand on: tables to work on, and readers that share no code with what they check. */
@NullMarked
package io.sink.testing;

import org.jspecify.annotations.NullMarked;
