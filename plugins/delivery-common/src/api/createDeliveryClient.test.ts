// SPDX-License-Identifier: Apache-2.0
import { createDeliveryClient } from './createDeliveryClient';

describe('createDeliveryClient', () => {
  function recording(answer: object, status = 200) {
    const sent: { input: unknown; init?: RequestInit }[] = [];
    const client = createDeliveryClient({
      baseUrl: 'plugin://delivery',
      fetch: async (input, init) => {
        sent.push({ input, init });
        return new Response(JSON.stringify(answer), {
          status,
          headers: { 'content-type': 'application/json' },
        });
      },
    });
    return { client, sent };
  }

  it('sends writes as address and text, which every fetch can send on to another address', async () => {
    const { client, sent } = recording({ id: '1', phase: 'waiting' }, 202);
    await client.requestPromotion(
      { service: 'component:default/a', stage: 's', release: 'r' },
      { idempotencyKey: 'once' },
    );
    expect(sent).toHaveLength(1);
    const [{ input, init }] = sent;
    expect(input).toBe('plugin://delivery/promotions');
    expect(init?.method).toBe('POST');
    expect(JSON.parse(String(init?.body))).toEqual({
      service: 'component:default/a',
      stage: 's',
      release: 'r',
    });
    expect(new Headers(init?.headers).get('idempotency-key')).toBe('once');
  });

  it('tells what the backend said when it refuses', async () => {
    const { client } = recording(
      {
        error: {
          name: 'ConflictError',
          message: 'Cloud production has 2.8.1 already.',
          code: 'alreadyThere',
          hint: 'Choose another release.',
        },
        response: { statusCode: 409 },
      },
      409,
    );
    await expect(
      client.planPromotion({
        service: 'component:default/a',
        stage: 's',
        release: 'r',
      }),
    ).rejects.toMatchObject({
      code: 'alreadyThere',
      hint: 'Choose another release.',
      message: 'Cloud production has 2.8.1 already.',
    });
  });
});
