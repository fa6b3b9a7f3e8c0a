package io.sink.config;

import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * Matches a pattern in which some places stand for any number of items, or none. Takes at most as many steps as places
 * times items: it goes back only to the last such place, since what earlier ones took never has to change.
 */
final class Glob {
    private Glob() {}

    /**
     * Whether the whole pattern matches all the items.
     *
     * @param any whether a place of the pattern stands for any number of items
     * @param one whether a place of any other kind matches an item
     */
    static <P, T> boolean matches(List<P> pattern, Predicate<P> any, List<T> items, BiPredicate<P, T> one) {
        int place = 0;
        int item = 0;
        int lastAny = -1;
        int itemOfLastAny = 0;
        while (item < items.size()) {
            if (place < pattern.size() && any.test(pattern.get(place))) {
                lastAny = place++;
                itemOfLastAny = item;
            } else if (place < pattern.size() && one.test(pattern.get(place), items.get(item))) {
                place++;
                item++;
            } else if (lastAny >= 0) {
                place = lastAny + 1;
                item = ++itemOfLastAny;
            } else {
                return false;
            }
        }
        while (place < pattern.size() && any.test(pattern.get(place))) {
            place++;
        }
        return place == pattern.size();
    }
}
