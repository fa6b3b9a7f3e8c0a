/** YAML to records with every problem at once, and the policy that applies to one table. */
@NullMarked
package io.sink.config;

import org.jspecify.annotations.NullMarked;
