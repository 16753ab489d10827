import { expect, test } from 'vitest';
import { rpcCodes, rpcErrorOf } from './rpc-error.ts';

const message = 'No.';

test('an error has the form of seed 003, and answers the request that it is about', () => {
  const called = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'user-auth_get_capabilities' } };
  const error = rpcErrorOf(called, { code: rpcCodes.rateLimit, message, details: { retry_after_seconds: 3 } });
  expect(error).toEqual({
    jsonrpc: '2.0',
    id: 7,
    error: {
      code: -32_003,
      message,
      data: {
        operation: 'get_capabilities',
        module: 'UserAuth',
        timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
        details: { retry_after_seconds: 3 },
      },
    },
  });
  expect(rpcErrorOf({ id: 'a', method: 'tools/list' }, { code: rpcCodes.unavailable, message })).toMatchObject({
    id: 'a',
    error: { data: { operation: 'tools/list', module: 'MCP', details: {} } },
  });
});

test.each([undefined, null, 'text', [], 5, { id: {}, method: 4 }, { id: 'x'.repeat(999), method: 'x'.repeat(999) }])(
  'what is no request (%j) is answered too, and its text does not come back',
  (request) => {
    expect(rpcErrorOf(request, { code: rpcCodes.business, message })).toMatchObject({
      id: null,
      error: { data: { operation: 'request' } },
    });
  },
);
