package soak;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import soak.Parts.Figure;

/** Every figure in a panel of its own, a line for each part, the parts of a catalog one after the other. */
final class SoakPlot {
    private static final List<String> COLOURS = List.of("#1f5f8b", "#c0622f", "#3d8b4f", "#8a5aa8");
    private static final int COLUMNS = 3;
    private static final int WIDTH = 300;
    private static final int HEIGHT = 150;
    private static final int LEFT = 44;
    private static final int TOP = 24;
    private static final int GAP = 40;

    private SoakPlot() {}

    static String of(Map<String, List<Part>> byCatalog) {
        StringBuilder svg = new StringBuilder();
        int at = 0;
        for (Figure figure : Figure.values()) {
            svg.append("<g transform=\"translate(%d %d)\">%n"
                    .formatted(at % COLUMNS * (WIDTH + GAP) + 10, at / COLUMNS * (HEIGHT + GAP) + GAP));
            panel(svg, figure, byCatalog);
            svg.append("</g>\n");
            at++;
        }
        int width = COLUMNS * (WIDTH + GAP) + 20;
        int height = (Figure.values().length + COLUMNS - 1) / COLUMNS * (HEIGHT + GAP) + GAP;
        int colour = 0;
        StringBuilder legend = new StringBuilder();
        for (String catalog : byCatalog.keySet()) {
            legend.append(" <tspan fill=\"%s\">%s</tspan>".formatted(colour(colour++), catalog));
        }
        return """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="sans-serif" font-size="12">
                <rect width="100%%" height="100%%" fill="#ffffff"/>
                <text x="10" y="20" font-weight="bold">What one process holds after each run, minute by minute:%s</text>
                %s</svg>
                """.formatted(width, height, width, height, legend, svg);
    }

    private static String colour(int number) {
        return COLOURS.get(number % COLOURS.size());
    }

    private static void panel(StringBuilder svg, Figure figure, Map<String, List<Part>> byCatalog) {
        double most = 1;
        double minutes = 1;
        for (List<Part> parts : byCatalog.values()) {
            minutes = Math.max(
                    minutes, parts.stream().mapToDouble(SoakPlot::minutes).sum());
            for (Part part : parts) {
                most = Math.max(
                        most, part.samples().stream().mapToLong(figure.of).max().orElse(0) / figure.unit);
            }
        }
        svg.append("<text x=\"0\" y=\"12\" font-weight=\"bold\">%s</text>%n".formatted(figure.title));
        text(svg, LEFT - 4, TOP + 4, "end", String.format(Locale.ROOT, "%.0f", most));
        text(svg, LEFT - 4, HEIGHT + 4, "end", "0");
        text(svg, WIDTH, HEIGHT + 16, "end", String.format(Locale.ROOT, "%.0f min", minutes));
        svg.append("<path d=\"M%d %dV%dH%d\" fill=\"none\" stroke=\"#999999\"/>%n".formatted(LEFT, TOP, HEIGHT, WIDTH));
        int colour = 0;
        for (List<Part> parts : byCatalog.values()) {
            double before = 0;
            for (Part part : parts) {
                line(svg, part, figure, colour(colour), before, minutes, most);
                before += minutes(part);
            }
            colour++;
        }
    }

    private static double minutes(Part part) {
        return part.last().second() / 60.0;
    }

    private static void line(
            StringBuilder svg, Part part, Figure figure, String colour, double before, double minutes, double most) {
        String points = part.samples().stream()
                .map(sample -> String.format(
                        Locale.ROOT,
                        "%.1f,%.1f",
                        LEFT + (before + sample.second() / 60.0) / minutes * (WIDTH - LEFT),
                        HEIGHT - figure.of.applyAsLong(sample) / figure.unit / most * (HEIGHT - TOP)))
                .collect(Collectors.joining(" "));
        svg.append("<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\"/>%n"
                .formatted(points, colour));
    }

    private static void text(StringBuilder svg, int x, int y, String anchor, String text) {
        svg.append("<text x=\"%d\" y=\"%d\" font-size=\"10\" text-anchor=\"%s\">%s</text>%n"
                .formatted(x, y, anchor, text));
    }
}
