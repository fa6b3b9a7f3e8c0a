/** The parser of predicates on partitions, made from {@code Predicate.g4} when the program is built. */
package io.sink.predicate;
