import {
  comparisonOf,
  partScope,
  presenceOf,
  resourceScope,
  spotOf,
  type Filter,
  type Literal,
  type Operator,
  type Place,
  type Scope,
  type Spot,
} from './filter-terms.ts';
import { excerpt, invalidFilter, tokenize, type Token } from './filter-tokens.ts';
import type { Attribute, ResourceSchemas } from './schema.ts';

export type { Filter } from './filter-terms.ts';

/** Comparisons and presences of one filter: each costs time on every resource. */
const termsMax = 200;
/** Brackets inside brackets; it also bounds the recursion of everything that walks a filter. */
const nestingMax = 50;

/**
 * Reads a filter over resources of a type (RFC 7644 §3.4.2.2). Attribute names and operators are caseless. Text is compared
 * caselessly unless the attribute is `caseExact`, and ordered by code points, as the database orders it.
 * @returns the filter with its attributes resolved, see Filter.
 * @throws DirectoryError INVALID_FILTER that says what is wrong, where, and what to write instead.
 */
export function parseFilter(schemas: ResourceSchemas, text: string): Filter {
  return new Parser(tokenize(text)).whole(resourceScope(schemas));
}

/**
 * Reads the inside of a value path's brackets, for example `type eq "work"` of `emails[type eq "work"]` (RFC 7644 §3.5.2).
 * @param attribute the complex attribute before the brackets, whose sub-attributes the filter names.
 * @returns a filter over one element, for `matchesElement`.
 * @throws DirectoryError INVALID_FILTER that says what is wrong, where, and what to write instead.
 */
export function parseValueFilter(attribute: Attribute, text: string): Filter {
  const place: Place = { attribute, path: attribute.name, keys: [] };
  const parser = new Parser(tokenize(text));
  if (attribute.type !== 'complex') throw withoutParts(place, 0);
  return parser.whole(partScope(place));
}

const operators = new Set<string>(['eq', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] satisfies Operator[]);
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const words = new Map<string, Literal>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

function isOperator(word: string): word is Operator {
  return operators.has(word);
}

function withoutParts({ path }: Place, at: number): Error {
  return invalidFilter(`${path} has no sub-attributes to filter by. Compare ${path} itself, without brackets.`, at, path);
}

function not(filter: Filter): Filter {
  return { kind: 'not', filter };
}

/** What a term says about an attribute; `ne` says that `filter` is not so. */
interface Term {
  filter: Filter;
  negated: boolean;
}

/** Recursive descent over the grammar of RFC 7644, Figure 1: `or` binds least, then `and`, then `not`. */
class Parser {
  readonly #tokens: Token[];
  #next = 0;
  #terms = 0;
  #nesting = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  whole(scope: Scope): Filter {
    const filter = this.#or(scope);
    const { kind, source, at } = this.#peek();
    if (kind === ')' || kind === ']') throw invalidFilter(`This ${source} closes nothing. Remove it, or open it before.`, at);
    if (kind !== 'end') throw invalidFilter(`Expected "and" or "or", found ${excerpt(source)}.`, at);
    return filter;
  }

  /** The token that comes next, `places` further on; the last one is the end and is never passed. */
  #peek(places = 0): Token {
    const token = this.#tokens[this.#next + places] ?? this.#tokens.at(-1);
    if (!token) throw new Error('A filter has at least its end.');
    return token;
  }

  #take(): Token {
    const token = this.#peek();
    this.#next += 1;
    return token;
  }

  #takeWord(word: string): boolean {
    const { kind, source } = this.#peek();
    if (kind !== 'word' || source.toLowerCase() !== word) return false;
    this.#next += 1;
    return true;
  }

  #or(scope: Scope): Filter {
    const first = this.#and(scope);
    const filters = [first];
    while (this.#takeWord('or')) filters.push(this.#and(scope));
    return filters.length === 1 ? first : { kind: 'or', filters };
  }

  #and(scope: Scope): Filter {
    const first = this.#factor(scope);
    const filters = [first];
    while (this.#takeWord('and')) filters.push(this.#factor(scope));
    return filters.length === 1 ? first : { kind: 'and', filters };
  }

  #factor(scope: Scope): Filter {
    if (this.#peek().kind === '(') return this.#inBrackets(scope, ')');
    const { at } = this.#peek();
    if (!this.#takeWord('not')) return this.#attribute(scope);
    if (this.#peek().kind !== '(') throw invalidFilter('"not" needs parentheses: write not (…).', at);
    return not(this.#inBrackets(scope, ')'));
  }

  #inBrackets(scope: Scope, close: ')' | ']'): Filter {
    const open = this.#take();
    this.#nesting += 1;
    if (this.#nesting > nestingMax)
      throw invalidFilter(`Brackets are nested more than ${nestingMax} deep. Write a simpler filter.`, open.at);
    const filter = this.#or(scope);
    const { kind, source, at } = this.#take();
    if (kind === 'end') throw invalidFilter(`This ${open.source} is never closed. Add ${close}.`, open.at);
    if (kind !== close) throw invalidFilter(`Expected "and", "or" or ${close}, found ${excerpt(source)}.`, at);
    this.#nesting -= 1;
    return filter;
  }

  /** A term, or a value path: an attribute and what is said about it. */
  #attribute(scope: Scope): Filter {
    const { kind, source, at } = this.#take();
    if (kind !== 'word') {
      const found = kind === 'end' ? 'but the filter ends' : `found ${excerpt(source)}`;
      throw invalidFilter(`Expected an attribute, ${found}. Write for example userName eq "bjensen".`, at);
    }
    this.#terms += 1;
    if (this.#terms > termsMax)
      throw invalidFilter(`The filter has more than ${termsMax} comparisons. Split it into several searches.`, at);
    const spot = spotOf(scope, source, at);
    const { filter, negated } = this.#peek().kind === '[' ? this.#valuePath(spot, at) : this.#term(spot);
    return negated ? not(filter) : filter;
  }

  /** `emails[type eq "work"]`, and Entra ID's `emails[type eq "work"].value eq "x"`, which one element must meet. */
  #valuePath({ place }: Spot, at: number): Term {
    if (place.attribute.type !== 'complex') throw withoutParts(place, at);
    const scope = partScope(place);
    const filters = [this.#inBrackets(scope, ']')];
    let negated = false;
    const { kind, source, at: partAt } = this.#peek();
    if (kind === 'word' && source.startsWith('.')) {
      this.#next += 1;
      const term = this.#term(spotOf(scope, source.slice(1), partAt + 1));
      filters.push(term.filter);
      negated = term.negated;
    }
    if (!place.attribute.multiValued)
      return { filter: { kind: 'and', filters: [{ kind: 'presence', place }, ...filters] }, negated };
    const [first] = filters;
    const filter: Filter = first && filters.length === 1 ? first : { kind: 'and', filters };
    return { filter: { kind: 'valuePath', place, filter }, negated };
  }

  /** An operator and its value, after an attribute. */
  #term(spot: Spot): Term {
    const { path, attribute } = spot.place;
    const example = `${path} ${attribute.type === 'complex' ? 'pr' : `eq ${exampleValue(attribute)}`}`;
    const { kind, source, at } = this.#take();
    if (kind !== 'word') throw invalidFilter(`${path} has no operator. Write for example ${example}.`, at, path);
    const word = source.toLowerCase();
    if (word === 'pr') return { filter: presenceOf(spot), negated: false };
    const operator = word === 'ne' ? 'eq' : word;
    if (!isOperator(operator)) {
      const message = `"${excerpt(source)}" is not an operator. Use eq, ne, co, sw, ew, gt, ge, lt, le or pr, for example ${example}.`;
      throw invalidFilter(message, at, path);
    }
    const { at: valueAt } = this.#peek();
    const literal = this.#literal(path, source, example);
    if (literal !== null) return { filter: comparisonOf(spot, operator, literal, valueAt), negated: word === 'ne' };
    if (operator !== 'eq')
      throw invalidFilter(
        `null has no order and no parts. Use eq or ne, or write ${path} pr, instead of ${word}.`,
        valueAt,
        path,
      );
    return { filter: presenceOf(spot), negated: word === 'eq' };
  }

  #literal(path: string, operator: string, example: string): Literal {
    const { kind, source, text, at } = this.#take();
    if (kind === 'text') return text;
    if (kind !== 'word') throw invalidFilter(`"${operator}" has no value after it. Write for example ${example}.`, at, path);
    const value = number.test(source) ? Number(source) : words.get(source.toLowerCase());
    if (value !== undefined && (typeof value !== 'number' || Number.isFinite(value))) return value;
    const quoted = excerpt(source.replace(/^'(.*)'$/, '$1'));
    throw invalidFilter(`${excerpt(source)} is not a value. Text stands in double quotes: write "${quoted}".`, at, path);
  }
}

function exampleValue({ type, canonicalValues }: Attribute): string {
  if (type === 'boolean') return 'true';
  if (type === 'integer' || type === 'decimal') return '1';
  if (type === 'dateTime') return '"2026-01-31T12:00:00Z"';
  return JSON.stringify(canonicalValues?.[0] ?? '…');
}
