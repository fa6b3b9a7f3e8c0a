@NullMarked
package io.sink.pages;

import org.jspecify.annotations.NullMarked;
