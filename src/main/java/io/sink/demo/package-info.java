/** A small warehouse with tables in every state, for a first look at what maintenance does. */
@NullMarked
package io.sink.demo;

import org.jspecify.annotations.NullMarked;
