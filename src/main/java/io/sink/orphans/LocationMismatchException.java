package io.sink.orphans;

/** A listed file lies where a live one is said to lie, under another scheme or authority: are they the same file? */
final class LocationMismatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LocationMismatchException(String location, String asked) {
        super("a listing of " + asked + " gave " + location + ", which does not lie there");
    }

    LocationMismatchException(String location) {
        super(location + " has the path of a live file that the metadata names with another scheme or authority;"
                + " nothing is swept until it is known whether they are one file");
    }
}
