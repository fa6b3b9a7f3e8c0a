package soak;

import java.util.List;
import java.util.function.ToLongFunction;

/**
 * How fast a figure grows, by least squares over the second halves of all parts, each of which begins where it will.
 *
 * @param perHour the slope
 * @param error twice its standard error: what it may be off by
 */
record Trend(double perHour, double error) {
    private static final double HOUR = 3600;

    static Trend of(List<Part> parts, ToLongFunction<Sample> figure) {
        double across = 0;
        double square = 0;
        long count = 0;
        for (Part part : parts) {
            double time = part.mean(Sample::second);
            double value = part.mean(figure);
            for (Sample sample : part.settled()) {
                across += (sample.second() - time) * (figure.applyAsLong(sample) - value);
                square += (sample.second() - time) * (sample.second() - time);
                count++;
            }
        }
        double slope = square == 0 ? 0 : across / square;
        double rest = 0;
        for (Part part : parts) {
            double time = part.mean(Sample::second);
            double value = part.mean(figure);
            for (Sample sample : part.settled()) {
                double off = figure.applyAsLong(sample) - value - slope * (sample.second() - time);
                rest += off * off;
            }
        }
        long free = count - parts.size() - 1;
        double error = free <= 0 || square == 0 ? 0 : 2 * Math.sqrt(rest / free / square);
        return new Trend(slope * HOUR, error * HOUR);
    }
}
