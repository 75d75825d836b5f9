/** The `data` of an answer. Whoever wrote the document knows its shape. */
// biome-ignore lint/suspicious/noExplicitAny: the one place where tests read the answers of their own documents
export type Data = any;
