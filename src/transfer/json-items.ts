import { FileError } from './row.ts';
import { recordCharactersMax } from './text.ts';

/** One value of a JSON list, as text. */
export interface Item {
  line: number;
  text: string;
}

const code = { quote: 34, comma: 44, colon: 58, open: 91, backslash: 92, close: 93, openObject: 123, closeObject: 125, line: 10 };

/**
 * Cuts a JSON document into its records without reading it whole: the elements of a list, the elements of `Resources` of a
 * SCIM ListResponse (RFC 7644 §3.4.2), or one record alone.
 */
export class JsonItems {
  #line = 1;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** The depth at which elements stand, once the list is found. */
  #listDepth: number | undefined;
  #isAfterList = false;
  #item = '';
  #itemLine = 0;
  /** In an object: its text so far, and the last string at its first level, which may be the list's name. */
  #whole = '';
  #wholeLine = 0;
  #key = '';
  #readsKey = false;

  /** Takes more of the text. @returns the elements that are complete. */
  push(text: string): Item[] {
    const items: Item[] = [];
    let from = this.#isInItem() ? 0 : -1;
    for (let at = 0; at < text.length; at++) {
      const char = text.charCodeAt(at);
      if (char === code.line) this.#line++;
      if (this.#inString) {
        this.#readString(char, text, at);
        continue;
      }
      if (char <= 32) continue;
      if (this.#listDepth === undefined) {
        this.#seekList(char);
        continue;
      }
      if (this.#isAfterList) continue;
      const isAtTop = this.#depth === this.#listDepth;
      if (isAtTop && (char === code.comma || char === code.close)) {
        const whole = from < 0 ? this.#item : this.#item + text.slice(from, at);
        if (whole.trim() !== '') items.push({ line: this.#itemLine, text: whole });
        this.#item = '';
        from = -1;
        if (char === code.close) this.#isAfterList = true;
        continue;
      }
      if (from < 0 && this.#item === '') {
        from = at;
        this.#itemLine = this.#line;
      }
      this.#nest(char);
    }
    if (from >= 0) this.#item += text.slice(from);
    if (this.#listDepth === undefined) this.#whole += text;
    if (this.#item.length > recordCharactersMax || this.#whole.length > recordCharactersMax)
      throw new FileError(`The record that begins in line ${this.#itemLine || this.#wholeLine} is too long.`);
    return items;
  }

  /** @returns the document, if it was one record alone. @throws FileError where the list or the file broke off. */
  end(): Item[] {
    if (this.#listDepth === undefined) {
      if (this.#whole.trim() === '') throw new FileError('The file is empty.');
      return [{ line: this.#wholeLine || 1, text: this.#whole }];
    }
    if (this.#isAfterList) return [];
    if (this.#item.trim() === '') throw new FileError('The list of the file is not closed: a ] is missing at the end.');
    return [{ line: this.#itemLine, text: this.#item }];
  }

  #isInItem(): boolean {
    return this.#item !== '';
  }

  #readString(char: number, text: string, at: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (char === code.backslash) this.#escaped = true;
    else if (char === code.quote) this.#inString = false;
    if (this.#readsKey && this.#inString) this.#key += text.charAt(at);
  }

  #nest(char: number): void {
    if (char === code.quote) this.#inString = true;
    else if (char === code.open || char === code.openObject) this.#depth++;
    else if (char === code.close || char === code.closeObject) this.#depth--;
  }

  /** Looks for `[` as the first character, or for `"Resources": [` in an object. */
  #seekList(char: number): void {
    if (this.#depth === 0 && this.#wholeLine === 0) this.#wholeLine = this.#line;
    const isList = char === code.open && (this.#depth === 0 || (this.#depth === 1 && this.#key.toLowerCase() === 'resources'));
    if (char === code.quote && this.#depth === 1) {
      this.#readsKey = true;
      this.#key = '';
    } else if (char !== code.colon) this.#key = '';
    if (char !== code.quote) this.#readsKey = false;
    this.#nest(char);
    if (!isList) return;
    this.#listDepth = this.#depth;
    this.#whole = '';
  }
}
