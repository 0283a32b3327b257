import { request } from 'node:http';
import { parseJson } from '../../../src/http/json.ts';

/** How long a driver may take for an answer, milliseconds, and how many bytes it may have. */
const limits = { time: 5_000, bytes: 64 * 1024 * 1024 };

/**
 * The ports at which Spark says that the UI of a driver listens, the last one first. A job could print
 * such a line as well: an answer counts only if it knows the application's id.
 */
export function uiPorts(stderr: string): number[] {
  const lines = stderr.matchAll(/Successfully started service 'SparkUI' on port (\d{1,5})\b/g);
  const ports = [...lines].map(([, port]) => Number(port)).filter((port) => port < 65_536);
  return [...new Set(ports.reverse())];
}

/**
 * What a running driver's REST API answers below `/applications/{application}/`; `undefined` where it
 * does not answer, or knows no such thing. Source: Spark, "Monitoring and Instrumentation", REST API.
 */
export function askDriver(port: number, application: string, path: string): Promise<unknown> {
  return new Promise((resolve) => {
    const nothing = (): void => resolve(undefined);
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        path: `/api/v1/applications/${encodeURIComponent(application)}/${path}`,
        timeout: limits.time,
        agent: false,
      },
      (reply) => {
        const chunks: Buffer[] = [];
        let size = 0;
        reply.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          size += chunk.length;
          if (size > limits.bytes) reply.destroy();
        });
        reply.on('end', () =>
          resolve(
            reply.statusCode === 200
              ? parseJson(Buffer.concat(chunks).toString('utf8'))
              : undefined,
          ),
        );
        reply.on('error', nothing);
        reply.on('close', nothing);
      },
    );
    asked.on('error', nothing);
    asked.on('timeout', () => asked.destroy());
    asked.end();
  });
}
