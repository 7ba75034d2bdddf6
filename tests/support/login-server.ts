import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';

export interface LoginServer {
  port: number;
  /** The one password that it takes. */
  password: string;
  /** Every password that it was given, and whether the line was encrypted. */
  logins: { user: string; password: string; isEncrypted: boolean }[];
  close(): Promise<void>;
}

const sslRequest = 80877103;
const message = (type: string, ...parts: (Buffer | string)[]) => {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(`${part}\0`) : part)));
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
const integer = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const failure = (code: string) => message('E', 'SFATAL', `C${code}`, 'Mrefused', Buffer.of(0));

/**
 * A Postgres server that knows logins alone, by a password in clear, as Azure's asks for tokens, and refuses all statements with 0A000:
 * "Message Flow", PostgreSQL documentation.
 */
export async function createLoginServer(certificate: { key: string; cert: string }): Promise<LoginServer> {
  const sockets = new Set<Socket>();
  const serve = (socket: Socket, isEncrypted: boolean) => {
    let user = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (data) => {
      if (user === '' && data.readInt32BE(4) === sslRequest) {
        socket.removeAllListeners('data');
        socket.write('S');
        const secureContext = createSecureContext(certificate);
        return serve(new TLSSocket(socket, { isServer: true, secureContext }), true);
      }
      if (user === '') {
        user = data.toString('utf8', 8).split('\0')[1] ?? '';
        return socket.write(message('R', integer(3)));
      }
      if (data.toString('latin1', 0, 1) !== 'p') return socket.write(Buffer.concat([failure('0A000'), idle]));
      const password = data.toString('utf8', 5, data.length - 1);
      server.logins.push({ user, password, isEncrypted });
      if (password !== server.password) return socket.end(failure('28P01'));
      socket.write(Buffer.concat([message('R', integer(0)), idle]));
    });
  };
  const idle = message('Z', Buffer.from('I'));
  const listener = createServer((socket) => {
    sockets.add(socket);
    serve(socket, false);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const server: LoginServer = {
    port: (listener.address() as AddressInfo).port,
    password: '',
    logins: [],
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => listener.close(() => resolve()));
    },
  };
  return server;
}
