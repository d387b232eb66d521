import type { FastifyReply } from 'fastify';

const JSON_MEDIA_TYPE = 'application/json; charset=utf-8';

/** Sends text that is JSON already. */
export function sendJson(reply: FastifyReply, json: string): void {
  reply.code(200).header('content-type', JSON_MEDIA_TYPE).send(json);
}
