package io.sink.table;

import io.sink.predicate.PredicateBaseVisitor;
import io.sink.predicate.PredicateLexer;
import io.sink.predicate.PredicateParser;
import io.sink.predicate.PredicateParser.ColumnContext;
import io.sink.predicate.PredicateParser.ComparisonContext;
import io.sink.predicate.PredicateParser.ConjunctionContext;
import io.sink.predicate.PredicateParser.DisjunctionContext;
import io.sink.predicate.PredicateParser.ExpressionContext;
import io.sink.predicate.PredicateParser.IdentifierContext;
import io.sink.predicate.PredicateParser.MembershipContext;
import io.sink.predicate.PredicateParser.MirroredComparisonContext;
import io.sink.predicate.PredicateParser.NegationContext;
import io.sink.predicate.PredicateParser.NullTestContext;
import io.sink.predicate.PredicateParser.NumberContext;
import io.sink.predicate.PredicateParser.ParenthesizedContext;
import io.sink.predicate.PredicateParser.PlainColumnContext;
import io.sink.predicate.PredicateParser.PrefixContext;
import io.sink.predicate.PredicateParser.RangeContext;
import io.sink.predicate.PredicateParser.TermContext;
import io.sink.predicate.PredicateParser.TextContext;
import io.sink.predicate.PredicateParser.TransformContext;
import io.sink.predicate.PredicateParser.TransformOfWidthContext;
import io.sink.predicate.PredicateParser.ValueContext;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.Year;
import java.time.YearMonth;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.antlr.v4.runtime.BaseErrorListener;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.RecognitionException;
import org.antlr.v4.runtime.Recognizer;
import org.antlr.v4.runtime.Token;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.UnboundTerm;
import org.jspecify.annotations.Nullable;

/**
 * Makes Iceberg's expressions of a predicate in SQL's syntax, whose grammar is {@code Predicate.g4}. A negation is
 * carried down to the comparisons.
 *
 * @ref LLP 0029#language
 */
final class WhereParser extends PredicateBaseVisitor<Expression> {
    private static final int LONGEST = 4096;

    private static final YearMonth EPOCH = YearMonth.of(1970, 1);

    private static final String ADVICE =
            "write comparisons such as day(ts) < '2026-11-01' or region in ('eu', 'us'), joined by and, or, not";

    /** How values of the transforms of time are written. */
    private static final Map<String, String> EXAMPLES =
            Map.of("year", "2026", "month", "'2026-11'", "day", "'2026-11-01'", "hour", "'2026-11-01T10'");

    private final boolean negated;

    private WhereParser(boolean negated) {
        this.negated = negated;
    }

    /** What SQL does not know of a null is not true; Iceberg takes a null for less than all values, and for another. */
    private static Expression notNull(UnboundTerm<?> term, Expression comparison) {
        return Expressions.and(Expressions.notNull(term), comparison);
    }

    /** An operator with a value at its right. */
    private enum Comparison {
        LESS {
            @Override
            <T> Expression of(UnboundTerm<T> term, T value) {
                return notNull(term, Expressions.lessThan(term, value));
            }
        },
        LESS_OR_EQUAL {
            @Override
            <T> Expression of(UnboundTerm<T> term, T value) {
                return notNull(term, Expressions.lessThanOrEqual(term, value));
            }
        },
        GREATER {
            @Override
            <T> Expression of(UnboundTerm<T> term, T value) {
                return Expressions.greaterThan(term, value);
            }
        },
        GREATER_OR_EQUAL {
            @Override
            <T> Expression of(UnboundTerm<T> term, T value) {
                return Expressions.greaterThanOrEqual(term, value);
            }
        },
        EQUAL {
            @Override
            <T> Expression of(UnboundTerm<T> term, T value) {
                return Expressions.equal(term, value);
            }
        },
        NOT_EQUAL {
            @Override
            <T> Expression of(UnboundTerm<T> term, T value) {
                return notNull(term, Expressions.notEqual(term, value));
            }
        };

        abstract <T> Expression of(UnboundTerm<T> term, T value);

        static Comparison of(String operator) {
            return switch (operator) {
                case "<" -> LESS;
                case "<=" -> LESS_OR_EQUAL;
                case ">" -> GREATER;
                case ">=" -> GREATER_OR_EQUAL;
                case "=" -> EQUAL;
                default -> NOT_EQUAL;
            };
        }

        Comparison negated() {
            return switch (this) {
                case LESS -> GREATER_OR_EQUAL;
                case LESS_OR_EQUAL -> GREATER;
                case GREATER -> LESS_OR_EQUAL;
                case GREATER_OR_EQUAL -> LESS;
                case EQUAL -> NOT_EQUAL;
                case NOT_EQUAL -> EQUAL;
            };
        }

        /** The same comparison with its sides exchanged. */
        Comparison mirrored() {
            return switch (this) {
                case LESS -> GREATER;
                case LESS_OR_EQUAL -> GREATER_OR_EQUAL;
                case GREATER -> LESS;
                case GREATER_OR_EQUAL -> LESS_OR_EQUAL;
                case EQUAL, NOT_EQUAL -> this;
            };
        }
    }

    /**
     * A column or a transform of one.
     *
     * @param transform the transform of time by which its values are written; empty for all others
     */
    private record Term(UnboundTerm<Object> term, String transform) {}

    static Expression parse(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("is empty; " + ADVICE);
        }
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException("is longer than %d characters".formatted(LONGEST));
        }
        PredicateLexer lexer = new PredicateLexer(CharStreams.fromString(text));
        PredicateParser parser = new PredicateParser(new CommonTokenStream(lexer));
        lexer.removeErrorListeners();
        parser.removeErrorListeners();
        parser.addErrorListener(new Refusing());
        try {
            return new WhereParser(false).visit(parser.predicate().expression());
        } catch (StackOverflowError e) {
            throw new IllegalArgumentException("is nested too deep");
        }
    }

    /** Refuses the text at the first error. */
    private static final class Refusing extends BaseErrorListener {
        @Override
        public void syntaxError(
                Recognizer<?, ?> recognizer,
                Object symbol,
                int line,
                int column,
                String message,
                @Nullable RecognitionException e) {
            int at = symbol instanceof Token token ? token.getStartIndex() : column;
            boolean ends = symbol instanceof Token token && token.getType() == Token.EOF;
            throw new IllegalArgumentException(
                    ends
                            ? "ends too early; " + ADVICE
                            : "cannot be read from character %d on; %s".formatted(at + 1, ADVICE));
        }
    }

    @Override
    public Expression visitParenthesized(ParenthesizedContext in) {
        return visit(in.expression());
    }

    @Override
    public Expression visitNegation(NegationContext not) {
        return new WhereParser(!negated).visit(not.expression());
    }

    @Override
    public Expression visitConjunction(ConjunctionContext and) {
        return joined(and.expression(), true);
    }

    @Override
    public Expression visitDisjunction(DisjunctionContext or) {
        return joined(or.expression(), false);
    }

    private Expression joined(List<ExpressionContext> both, boolean and) {
        Expression left = visit(both.get(0));
        Expression right = visit(both.get(1));
        return and == negated ? Expressions.or(left, right) : Expressions.and(left, right);
    }

    @Override
    public Expression visitNullTest(NullTestContext test) {
        UnboundTerm<Object> term = term(test.term()).term();
        return isNegative(test.NOT()) ? Expressions.notNull(term) : Expressions.isNull(term);
    }

    @Override
    public Expression visitMembership(MembershipContext in) {
        Term term = term(in.term());
        List<Object> values = in.value().stream()
                .map(value -> literal(value, term.transform()))
                .toList();
        return isNegative(in.NOT())
                ? notNull(term.term(), Expressions.notIn(term.term(), values))
                : Expressions.in(term.term(), values);
    }

    @Override
    public Expression visitRange(RangeContext between) {
        Term term = term(between.term());
        Object least = literal(between.value(0), term.transform());
        Object most = literal(between.value(1), term.transform());
        return isNegative(between.NOT())
                ? Expressions.or(Comparison.LESS.of(term.term(), least), Comparison.GREATER.of(term.term(), most))
                : Expressions.and(
                        Comparison.GREATER_OR_EQUAL.of(term.term(), least),
                        Comparison.LESS_OR_EQUAL.of(term.term(), most));
    }

    /** Only what begins with a text: {@code like 'x%'}. */
    @Override
    public Expression visitPrefix(PrefixContext like) {
        String pattern = unquoted(like.TEXT().getText());
        String prefix = pattern.endsWith("%") ? pattern.substring(0, pattern.length() - 1) : "%";
        if (prefix.contains("%") || prefix.contains("_") || !(like.term() instanceof PlainColumnContext column)) {
            throw new IllegalArgumentException("has like " + like.TEXT().getText()
                    + ", and like is only for what a column begins with, such as region like 'eu%'");
        }
        UnboundTerm<String> term = Expressions.ref(name(column.column()));
        return isNegative(like.NOT())
                ? notNull(term, Expressions.notStartsWith(term, prefix))
                : Expressions.startsWith(term, prefix);
    }

    @Override
    public Expression visitComparison(ComparisonContext comparison) {
        return compared(comparison.term(), Comparison.of(comparison.operator().getText()), comparison.value());
    }

    @Override
    public Expression visitMirroredComparison(MirroredComparisonContext comparison) {
        return compared(
                comparison.term(),
                Comparison.of(comparison.operator().getText()).mirrored(),
                comparison.value());
    }

    private Expression compared(TermContext left, Comparison comparison, ValueContext right) {
        Term term = term(left);
        return (negated ? comparison.negated() : comparison).of(term.term(), literal(right, term.transform()));
    }

    private boolean isNegative(@Nullable Object not) {
        return (not != null) != negated;
    }

    private static Term term(TermContext term) {
        if (term instanceof PlainColumnContext plain) {
            return new Term(Expressions.ref(name(plain.column())), "");
        }
        if (term instanceof TransformContext of) {
            String column = name(of.column());
            String transform =
                    unquoted(of.identifier()).toLowerCase(Locale.ROOT).replaceFirst("^(year|month|day|hour)s$", "$1");
            return new Term(
                    switch (transform) {
                        case "year" -> Expressions.year(column);
                        case "month" -> Expressions.month(column);
                        case "day" -> Expressions.day(column);
                        case "hour" -> Expressions.hour(column);
                        default -> throw noTransform(of);
                    },
                    transform);
        }
        TransformOfWidthContext of = (TransformOfWidthContext) term;
        String column = name(of.column());
        return new Term(
                switch (unquoted(of.identifier()).toLowerCase(Locale.ROOT)) {
                    case "bucket" -> Expressions.bucket(column, width(of));
                    case "truncate" -> Expressions.truncate(column, width(of));
                    default -> throw noTransform(of);
                },
                "");
    }

    private static IllegalArgumentException noTransform(ParserRuleContext of) {
        return new IllegalArgumentException("has " + of.getText()
                + ", which is none of year(c), month(c), day(c), hour(c), bucket(n, c) and truncate(n, c)");
    }

    private static int width(TransformOfWidthContext of) {
        BigInteger width = new BigInteger(of.WHOLE().getText());
        if (width.signum() <= 0 || width.bitLength() >= Integer.SIZE) {
            throw new IllegalArgumentException("has " + of.getText() + ", whose number is none of a partition field");
        }
        return width.intValue();
    }

    private static String name(ColumnContext column) {
        return column.identifier().stream().map(WhereParser::unquoted).collect(Collectors.joining("."));
    }

    private static String unquoted(IdentifierContext identifier) {
        return identifier.QUOTED_NAME() == null
                ? identifier.getText()
                : unquoted(identifier.QUOTED_NAME().getText());
    }

    /** A text without its quotation marks; one that is written twice stands for itself. */
    private static String unquoted(String text) {
        String mark = text.substring(0, 1);
        return text.substring(1, text.length() - 1).replace(mark + mark, mark);
    }

    private static Object literal(ValueContext written, String transform) {
        Object value = value(written);
        try {
            return switch (transform) {
                case "year" -> Year.parse(value.toString()).getValue() - EPOCH.getYear();
                case "month" -> Math.toIntExact(ChronoUnit.MONTHS.between(EPOCH, YearMonth.parse(value.toString())));
                case "day" -> LocalDate.parse(value.toString()).toString();
                case "hour" -> hour(value.toString());
                default -> value;
            };
        } catch (DateTimeException | ArithmeticException e) {
            throw new IllegalArgumentException("has " + written.getText() + " for a value of " + transform
                    + "(); write " + Objects.requireNonNull(EXAMPLES.get(transform)));
        }
    }

    private static int hour(String text) {
        LocalDateTime time = LocalDateTime.parse(text.replaceFirst("^(.{10})[- T](..)$", "$1T$2:00"));
        if (!time.equals(time.truncatedTo(ChronoUnit.HOURS))) {
            throw new DateTimeException("not an hour");
        }
        return Math.toIntExact(ChronoUnit.HOURS.between(EPOCH.atDay(1).atStartOfDay(), time));
    }

    private static Object value(ValueContext written) {
        if (written instanceof TextContext text) {
            return unquoted(text.TEXT().getText());
        }
        if (!(written instanceof NumberContext number)) {
            return Boolean.valueOf(written.getText());
        }
        if (number.WHOLE() == null) {
            return new BigDecimal(number.getText());
        }
        BigInteger whole = new BigInteger(number.getText());
        if (whole.bitLength() >= Long.SIZE) {
            throw new IllegalArgumentException("has " + number.getText() + ", which no column can hold");
        }
        return whole.longValue();
    }
}
