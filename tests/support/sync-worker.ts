import { startLocalHost } from '../../local/local-host';

/** A process that takes batches of people from the queue, with the limits of its argument; it says when it has begun. */
startLocalHost({ port: 0, queueLimits: JSON.parse(process.argv[2] ?? '{}') }).then(() =>
  console.log('worker is ready'),
);
