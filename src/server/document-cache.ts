import type { DocumentNode } from 'graphql';

/** A parsed document takes some fifty times the room of its text. */
const cachedCharacters = 1024 * 1024;

/** Documents that have been parsed, by their text: those used last, of so many characters in all. */
export class DocumentCache {
  /** The one used longest ago first. */
  readonly #documents = new Map<string, DocumentNode>();
  #characters = 0;

  /** Whether it would have to be parsed. Nothing at all is refused without. */
  isNew(text: string): boolean {
    return text !== '' && !this.#documents.has(text);
  }

  get(text: string): DocumentNode | undefined {
    const document = this.#documents.get(text);
    if (document !== undefined) {
      this.#documents.delete(text);
      this.#documents.set(text, document);
    }
    return document;
  }

  set(text: string, document: DocumentNode): void {
    if (this.#documents.has(text)) return;
    this.#documents.set(text, document);
    this.#characters += text.length;
    for (const [oldest] of this.#documents) {
      if (this.#characters <= cachedCharacters) break;
      this.#documents.delete(oldest);
      this.#characters -= oldest.length;
    }
  }
}
