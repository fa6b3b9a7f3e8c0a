package io.sink.table;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.expressions.Binder;
import org.apache.iceberg.expressions.BoundPredicate;
import org.apache.iceberg.expressions.Evaluator;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.ExpressionVisitors;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.expressions.Projections;
import org.apache.iceberg.expressions.UnboundPredicate;
import org.apache.iceberg.expressions.UnboundTerm;
import org.apache.iceberg.expressions.UnboundTransform;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/**
 * Chooses files by the partitions that they are in. Each comparison asks whether a partition can hold a row for which
 * it is true, and a spec answers only what its fields decide.
 *
 * @ref LLP 0029#answers
 */
public final class PartitionFilter {
    private final Table table;
    private final Expression expression;

    /** By spec: tells of a partition; empty where the spec does not answer. */
    private final Map<Integer, Optional<Evaluator>> bySpec = new HashMap<>();

    private PartitionFilter(Table table, Expression expression) {
        this.table = table;
        this.expression = expression;
    }

    /**
     * Applies a predicate to a table.
     *
     * @throws UnansweredException if it does not fit the table's columns, or none of the table's specs answers it
     */
    public static PartitionFilter of(Where where, Table table) {
        try {
            Expression fitted = ExpressionVisitors.visit(where.expression(), new Fitting(table.schema()));
            PartitionFilter filter = new PartitionFilter(table, fitted);
            if (table.specs().keySet().stream()
                    .noneMatch(spec -> filter.of(spec).isPresent())) {
                throw new UnansweredException("no partition answers " + filter.unanswered(table.spec()) + ": "
                        + described(table.spec(), table.schema()));
            }
            return filter;
        } catch (ValidationException | IllegalArgumentException | DateTimeException | ArithmeticException e) {
            throw new UnansweredException("where does not fit the table: "
                    + String.valueOf(e.getMessage()).split("\n")[0]);
        }
    }

    /** A predicate that a table's partitions do not answer. */
    public static final class UnansweredException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnansweredException(String message) {
            super(message);
        }
    }

    /** Whether the file's partition answers the predicate at all. */
    public boolean answers(ContentFile<?> file) {
        return of(file.specId()).isPresent();
    }

    /** Whether the file's partition answers, and can hold rows for which the predicate is true. */
    public boolean has(ContentFile<?> file) {
        return of(file.specId()).map(spec -> spec.eval(file.partition())).orElse(false);
    }

    private Optional<Evaluator> of(int specId) {
        return bySpec.computeIfAbsent(specId, id -> {
            PartitionSpec spec = Objects.requireNonNull(table.specs().get(id), () -> "partition spec " + id);
            Projection projection = new Projection(table.schema(), spec);
            Expression projected = ExpressionVisitors.visit(expression, projection);
            return projection.unanswered.isEmpty()
                    ? Optional.of(new Evaluator(spec.partitionType(), projected, true))
                    : Optional.empty();
        });
    }

    /** The first comparison that the fields of the spec do not decide, as a person reads it. */
    private String unanswered(PartitionSpec spec) {
        Projection projection = new Projection(table.schema(), spec);
        ExpressionVisitors.visit(expression, projection);
        return projection.unanswered;
    }

    private static String described(PartitionSpec spec, Schema schema) {
        return spec.isUnpartitioned()
                ? "the table is not partitioned"
                : spec.fields().stream()
                        .map(field -> field.transform() + " of " + schema.findColumnName(field.sourceId()))
                        .collect(Collectors.joining(", ", "the table is partitioned by ", ""));
    }

    /** Rebuilds an expression from its comparisons. */
    private abstract static class Rebuilding extends ExpressionVisitors.ExpressionVisitor<Expression> {
        @Override
        public Expression alwaysTrue() {
            return Expressions.alwaysTrue();
        }

        @Override
        public Expression alwaysFalse() {
            return Expressions.alwaysFalse();
        }

        @Override
        public Expression and(Expression left, Expression right) {
            return Expressions.and(left, right);
        }

        @Override
        public Expression or(Expression left, Expression right) {
            return Expressions.or(left, right);
        }
    }

    /**
     * Makes comparisons of columns into ones of a spec's partitions.
     *
     * <p>Iceberg's projection takes a transform of a column for the column itself where the partition field is the
     * column, so that transforms are compared here.
     */
    private static final class Projection extends Rebuilding {
        private final Schema schema;
        private final PartitionSpec spec;
        /** The first comparison that the spec does not decide; empty if there is none. */
        private String unanswered = "";

        Projection(Schema schema, PartitionSpec spec) {
            this.schema = schema;
            this.spec = spec;
        }

        @Override
        public <T> Expression predicate(UnboundPredicate<T> comparison) {
            Expression bound = Binder.bind(schema.asStruct(), comparison, true);
            if (!(bound instanceof BoundPredicate)) {
                return bound;
            }
            Expression projected = comparison.term() instanceof UnboundTransform<?, T> of
                    ? transformed(comparison, of)
                    : Projections.inclusive(spec, true).project(comparison);
            if (projected == Expressions.alwaysTrue() && unanswered.isEmpty()) {
                unanswered = described(comparison);
            }
            return projected;
        }

        private <T> Expression transformed(UnboundPredicate<T> comparison, UnboundTransform<?, T> of) {
            int source = schema.findField(of.ref().name()).fieldId();
            for (PartitionField field : spec.fields()) {
                // The same transform of time is one object here and another there.
                boolean same =
                        field.transform().toString().equals(of.transform().toString());
                if (field.sourceId() == source && (same || field.transform().isIdentity())) {
                    UnboundTerm<T> term =
                            same ? Expressions.ref(field.name()) : Expressions.transform(field.name(), of.transform());
                    return isUnary(comparison)
                            ? Expressions.predicate(comparison.op(), term)
                            : Expressions.predicate(comparison.op(), term, values(comparison));
                }
            }
            return Expressions.alwaysTrue();
        }
    }

    /** The beginning of a comparison; its values may not be those that were written. */
    private static String described(UnboundPredicate<?> comparison) {
        String term = comparison.term().toString().replaceAll("ref\\(name=\"([^\"]*)\"\\)", "$1");
        return switch (comparison.op()) {
            case LT -> term + " < …";
            case LT_EQ -> term + " <= …";
            case GT -> term + " > …";
            case GT_EQ -> term + " >= …";
            case EQ -> term + " = …";
            case NOT_EQ -> term + " <> …";
            case IN -> term + " in …";
            case NOT_IN -> term + " not in …";
            case STARTS_WITH -> term + " like …";
            case NOT_STARTS_WITH -> term + " not like …";
            default -> term;
        };
    }

    private static boolean isUnary(UnboundPredicate<?> comparison) {
        return comparison.literals() == null || comparison.literals().isEmpty();
    }

    private static <T> List<T> values(UnboundPredicate<T> comparison) {
        return comparison.literals().stream().map(Literal::value).toList();
    }

    /** Writes values as the columns that they are compared with have them: times of days, decimals of a scale. */
    private static final class Fitting extends Rebuilding {
        /** Iceberg would take a number for one of its own, of days or microseconds. */
        private static final Set<Type.TypeID> TIMES =
                EnumSet.of(Type.TypeID.DATE, Type.TypeID.TIME, Type.TypeID.TIMESTAMP, Type.TypeID.TIMESTAMP_NANO);

        private final Schema schema;

        Fitting(Schema schema) {
            this.schema = schema;
        }

        @Override
        @SuppressWarnings("unchecked")
        public <T> Expression predicate(UnboundPredicate<T> comparison) {
            if (isUnary(comparison)) {
                Binder.bind(schema.asStruct(), comparison, true);
                return comparison;
            }
            Type type = comparison.term().bind(schema.asStruct(), true).type();
            List<T> values = values(comparison).stream()
                    .map(value -> (T) fitting(value, type))
                    .toList();
            UnboundPredicate<T> fitted = Expressions.predicate(comparison.op(), comparison.term(), values);
            Binder.bind(schema.asStruct(), fitted, true);
            return fitted;
        }

        private static Object fitting(Object value, Type type) {
            if (value instanceof CharSequence text && type instanceof Types.TimestampType timestamp) {
                return time(text.toString(), timestamp.shouldAdjustToUTC());
            }
            if (value instanceof CharSequence text && type instanceof Types.TimestampNanoType timestamp) {
                return time(text.toString(), timestamp.shouldAdjustToUTC());
            }
            if (value instanceof Long number && TIMES.contains(type.typeId())) {
                throw new ValidationException("%s is no %s; write it as '2026-11-01'", number, type);
            }
            if (value instanceof CharSequence text && type instanceof Types.DecimalType decimal) {
                return scaled(new BigDecimal(text.toString()), decimal);
            }
            if (value instanceof BigDecimal decimal) {
                return switch (type.typeId()) {
                    case FLOAT, DOUBLE -> decimal.doubleValue();
                    case DECIMAL -> scaled(decimal, (Types.DecimalType) type);
                    default -> decimal;
                };
            }
            if (value instanceof Long number && type instanceof Types.DecimalType decimal) {
                return scaled(BigDecimal.valueOf(number), decimal);
            }
            return value;
        }

        private static BigDecimal scaled(BigDecimal value, Types.DecimalType type) {
            try {
                return value.setScale(type.scale());
            } catch (ArithmeticException e) {
                throw new ValidationException("%s has more digits than %s", value, type);
            }
        }

        /** A day, or a time with a space or a T; without an offset it is in UTC. */
        private static String time(String text, boolean inZone) {
            String time = text.length() == 10 ? text + "T00:00:00" : text.replaceFirst("^(.{10}) ", "$1T");
            boolean hasOffset = time.matches(".{10}T.*([Zz]|[+-]\\d\\d:?\\d\\d)");
            return inZone && !hasOffset ? time + "+00:00" : time;
        }
    }
}
