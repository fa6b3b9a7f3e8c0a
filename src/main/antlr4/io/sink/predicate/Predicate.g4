/* A predicate on the partitions of a table, in SQL's syntax; LLP 0029. */
grammar Predicate;

options { caseInsensitive = true; }

predicate: expression EOF;

expression
    : '(' expression ')'                            # parenthesized
    | NOT expression                                # negation
    | expression AND expression                     # conjunction
    | expression OR expression                      # disjunction
    | term IS NOT? NULL                             # nullTest
    | term NOT? IN '(' value (',' value)* ')'       # membership
    | term NOT? BETWEEN value AND value             # range
    | term NOT? LIKE TEXT                           # prefix
    | term operator value                           # comparison
    | value operator term                           # mirroredComparison
    ;

operator: '<' | '<=' | '>' | '>=' | '=' | '<>' | '!=';

term
    : column                                        # plainColumn
    | identifier '(' column ')'                     # transform
    | identifier '(' WHOLE ',' column ')'           # transformOfWidth
    | identifier '(' column ',' WHOLE ')'           # transformOfWidth
    ;

column: identifier ('.' identifier)*;

identifier: NAME | QUOTED_NAME | DATE | TIMESTAMP;

value
    : (DATE | TIMESTAMP)? TEXT                      # text
    | ('+' | '-')? (WHOLE | DECIMAL)                # number
    | (TRUE | FALSE)                                # truth
    ;

AND: 'and';
OR: 'or';
NOT: 'not';
IN: 'in';
IS: 'is';
NULL: 'null';
BETWEEN: 'between';
LIKE: 'like';
TRUE: 'true';
FALSE: 'false';
DATE: 'date';
TIMESTAMP: 'timestamp';

NAME: [\p{L}_] [\p{L}\p{N}_]*;
QUOTED_NAME: '"' (~["] | '""')+ '"' | '`' (~[`] | '``')+ '`';
TEXT: '\'' (~['] | '\'\'')* '\'';
WHOLE: [0-9]+;
DECIMAL: [0-9]+ '.' [0-9]* | '.' [0-9]+;
SPACE: [ \t\r\n]+ -> skip;
UNKNOWN: .;
