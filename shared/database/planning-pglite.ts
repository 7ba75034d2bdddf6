import { PGlite, parse, protocol, type QueryOptions, type Results, type Transaction } from '@electric-sql/pglite';
import { LRUCache } from 'lru-cache';

interface Statement {
  name: string;
  /** The types of its parameters, as Postgres numbers them. */
  parameters: number[];
}

/** A plan takes some ten kB of the database's memory. */
const maxStatements = 100;

const { serialize } = protocol;

/**
 * PGlite that plans a statement once. PGlite itself parses and plans each query anew, in six calls of the database; here the same
 * text again is one call with the plan made before (PostgreSQL documentation, "Extended Query" and `plan_cache_mode`): a
 * small query takes a third of the time. A statement whose tables have changed since is planned anew by Postgres itself.
 *
 * Query options other than `rowMode` are not read: drizzle names its parsers with every query, and they are given to the
 * constructor instead. An error is PGlite's own, with its `code`, but without the query and its parameters.
 */
export class PlanningPGlite extends PGlite {
  private named = 0;
  private readonly evicted: string[] = [];
  private readonly statements = new LRUCache<string, Statement>({
    max: maxStatements,
    dispose: ({ name }) => this.evicted.push(name),
  });

  override async query<T>(text: string, values: unknown[] = [], options: QueryOptions = {}): Promise<Results<T>> {
    await this._checkReady();
    return this._runExclusiveTransaction(() => this.run<T>(text, values, options));
  }

  override transaction<T>(work: (transaction: Transaction) => Promise<T>) {
    return super.transaction((given) => {
      const query = <Row>(text: string, values: unknown[] = [], options: QueryOptions = {}) => {
        if (given.closed) throw new Error('Transaction is closed');
        return this.run<Row>(text, values, options);
      };
      return work(Object.create(given, { query: { value: query } }) as Transaction);
    });
  }

  private run<T>(text: string, values: unknown[], { rowMode }: QueryOptions): Promise<Results<T>> {
    return this._runExclusiveQuery(async () => {
      const { name, parameters } = this.statements.get(text) ?? (await this.plan(text));
      const messages = await this.send([
        serialize.bind({ statement: name, values: values.map((value, i) => this.toText(value, parameters[i])) }),
        serialize.describe({ type: 'P' }),
        serialize.execute({}),
      ]);
      return parse.parseResults(messages, this.parsers, { rowMode })[0] as Results<T>;
    });
  }

  private async plan(text: string): Promise<Statement> {
    const name = `statement_${this.named++}`;
    const messages = await this.send([
      ...this.evicted.splice(0).map((old) => serialize.close({ type: 'S', name: old })),
      serialize.parse({ name, text }),
      serialize.describe({ type: 'S', name }),
    ]);
    const statement = { name, parameters: parse.parseDescribeStatementResults(messages) };
    this.statements.set(text, statement);
    return statement;
  }

  private async send(messages: Uint8Array[]) {
    // An error skips what comes before the sync, and not the sync.
    const answer = await this.execProtocol(Buffer.concat([...messages, serialize.sync()]));
    return answer.messages;
  }

  private toText(value: unknown, type: number | undefined): string | null {
    if (value === null || value === undefined) return null;
    const toText = type === undefined ? undefined : this.serializers[type];
    return toText ? toText(value) : String(value);
  }
}
