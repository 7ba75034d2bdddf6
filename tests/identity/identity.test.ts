import { randomUUID } from 'node:crypto';
import { createDatabase } from '../../shared/database/client';
import { createIdentity } from '../../shared/identity/identity';
import type { Channel, ChannelType, Identity } from '../../shared/identity/identity-contract';
import { createTestClock } from '../support/clock';
import { overEachEngine } from '../support/databases';
import { nowhere } from '../support/service';

const uuid = expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
const on = (type: ChannelType, address: string): Channel => ({ type, address });

/** A phone that no other test has. */
let phones = 0;
const aPhone = () => `+1415555${String(1000 + phones++)}`;
const sms = () => on('sms', aPhone());

describe('identity', () => {
  overEachEngine((database) => {
    let identity: Identity;
    beforeAll(() => {
      identity = createIdentity(database(), createTestClock().now);
    });

    describe('a person', () => {
      it('is one over three channels and however the phone is spelt', async () => {
        const phone = aPhone();
        const userId = await identity.resolve(on('whatsapp', phone.slice(1)));
        expect(userId).toEqual(uuid);
        expect(
          await identity.resolve(on('sms', `${phone.slice(0, 5)} (${phone.slice(5, 8)}) - ${phone.slice(8)}`)),
        ).toBe(userId);
        expect(await identity.resolve(on('imessage', `tel:${phone}`))).toBe(userId);
        expect(await identity.find(on('sms', phone))).toEqual({
          userId,
          addresses: [{ kind: 'phone', address: phone }],
        });
      });

      it('is another at another address, or at the same one of another kind', async () => {
        const addresses = [sms(), on('web', '5213141592'), on('telegram', '5213141592'), on('telegram', '@ana_lima')];
        const people = await Promise.all([...addresses, on('imessage', 'ana@example.com')].map(identity.resolve));
        expect(new Set(people).size).toBe(5);
      });

      it('is one when many first messages come at once', async () => {
        const channel = sms();
        const people = await Promise.all(Array.from({ length: 20 }, () => identity.resolve(channel)));
        expect(new Set(people).size).toBe(1);
        expect(await identity.resolve(channel)).toBe(people[0]);
      });

      it('named by id is that id, known or not; by address who has it', async () => {
        expect(await identity.person({ userId: 'ana' })).toBe('ana');
        const channel = sms();
        expect(await identity.person({ channel })).toBe(await identity.resolve(channel));
      });

      it('is not made by looking for one', async () => {
        const channel = sms();
        expect(await identity.find(channel)).toBeNull();
        expect(await identity.find(channel)).toBeNull();
      });
    });

    describe('an address', () => {
      it('is linked to a person beside those they have', async () => {
        const [phone, mail] = [aPhone(), `${randomUUID()}@example.com`];
        const userId = await identity.resolve(on('sms', phone));
        const addresses = [
          { kind: 'email', address: mail },
          { kind: 'phone', address: phone },
        ];
        const linked = { userId, addresses, previousUserId: null };
        expect(await identity.link(userId, on('imessage', mail))).toEqual(linked);
        expect(await identity.link(userId, on('imessage', mail))).toEqual(linked);
        expect(await identity.resolve(on('imessage', mail))).toBe(userId);
      });

      it('that somebody else had moves, and the answer says from whom', async () => {
        const [first, second] = [sms(), sms()];
        const [ana, ben] = [await identity.resolve(first), await identity.resolve(second)];
        const linked = await identity.link(ana, second);
        expect(linked).toMatchObject({ userId: ana, previousUserId: ben });
        expect(linked.addresses).toHaveLength(2);
        expect(await identity.resolve(second)).toBe(ana);
        // And back again.
        expect(await identity.link(ben, second)).toMatchObject({ userId: ben, previousUserId: ana });
        expect(await identity.find(first)).toMatchObject({ userId: ana, addresses: [{ kind: 'phone' }] });
      });

      it('may belong to a person whom the caller named', async () => {
        const channel = sms();
        expect(await identity.link('ana', channel)).toMatchObject({ userId: 'ana', previousUserId: null });
        expect(await identity.person({ channel })).toBe('ana');
      });

      it('goes to one of those who link it at once, and each is told whom it was taken from', async () => {
        const channel = sms();
        const first = await identity.resolve(channel);
        const wanting = Array.from({ length: 8 }, () => randomUUID());
        const linked = await Promise.all(wanting.map((userId) => identity.link(userId, channel)));
        const last = await identity.resolve(channel);
        // A chain: everybody but the last one had it taken away once.
        const previous = linked.map(({ previousUserId }) => previousUserId);
        expect([...previous, last].sort()).toEqual([first, ...wanting].sort());
      });

      it('that was taken away makes a new person, and the others stay', async () => {
        const [phone, web] = [sms(), on('web', randomUUID())];
        const userId = await identity.resolve(phone);
        await identity.link(userId, web);
        expect(await identity.unlink(phone)).toEqual({ userId, addresses: [{ kind: 'web', address: web.address }] });
        expect(await identity.unlink(phone)).toBeNull();
        const next = await identity.resolve(phone);
        expect(next).not.toBe(userId);
        expect(await identity.resolve(web)).toBe(userId);
        expect(await identity.link(userId, phone)).toMatchObject({ previousUserId: next });
      });
    });

    describe('a group', () => {
      it('has those of its participants who are known, and its sender', async () => {
        const [ana, ben, stranger] = [sms(), sms(), sms()];
        const [anaId, benId] = [await identity.resolve(ana), await identity.resolve(ben)];
        const participants = [stranger, ben, ana, on('whatsapp', ana.address)];
        expect(await identity.speaker({ sender: ana, participants })).toEqual({
          userId: anaId,
          participants: [benId, anaId],
        });
        expect(await identity.find(stranger)).toBeNull();
      });

      it('knows a new sender who is listed from now on', async () => {
        const [ana, newcomer] = [sms(), sms()];
        const anaId = await identity.resolve(ana);
        const { userId, participants } = await identity.speaker({ sender: newcomer, participants: [ana, newcomer] });
        expect(userId).toEqual(uuid);
        expect(participants).toEqual([anaId, userId]);
        expect(await identity.resolve(newcomer)).toBe(userId);
      });

      it('knows a sender by any address of a person who is listed', async () => {
        const [phone, web] = [sms(), on('web', randomUUID())];
        const userId = await identity.resolve(phone);
        await identity.link(userId, web);
        expect(await identity.speaker({ sender: web, participants: [phone] })).toEqual({
          userId,
          participants: [userId],
        });
      });

      it('takes a sender who is not listed for nobody, known or not', async () => {
        const [ana, known, unknown] = [sms(), sms(), sms()];
        const anaId = await identity.resolve(ana);
        await identity.resolve(known);
        for (const sender of [known, unknown])
          expect(await identity.speaker({ sender, participants: [ana] })).toEqual({
            userId: null,
            participants: [anaId],
          });
        expect(await identity.find(unknown)).toBeNull();
      });

      it('of strangers has nobody', async () => {
        expect(await identity.speaker({ sender: sms(), participants: [sms()] })).toEqual({
          userId: null,
          participants: [],
        });
      });

      it('of a hundred is resolved in one go', async () => {
        const participants = Array.from({ length: 100 }, sms);
        const people = await Promise.all(participants.map(identity.resolve));
        const { userId, participants: found } = await identity.speaker({ sender: sms(), participants });
        expect([userId, found]).toEqual([null, people]);
      });

      it.each([
        ['the sender', { sender: on('sms', '12345'), participants: [on('sms', '+14155550123')] }, 'sender.address'],
        [
          'a participant',
          { sender: on('sms', '+14155550123'), participants: [on('web', 'a'), on('telegram', 'ana')] },
          'participants.1.address',
        ],
        ['the person', { channel: on('sms', '12345') }, 'channel.address'],
      ])('whose address is none: %s is named', async (_, speaker, path) => {
        await expect(identity.speaker(speaker)).rejects.toMatchObject({ status: 400, errors: [{ path }] });
      });
    });
  });

  describe('with no database to be reached', () => {
    const database = createDatabase({ home: '', url: nowhere });
    const identity = createIdentity(database, () => new Date());
    afterAll(() => database.close());

    it('passes ids on', async () => {
      expect(await identity.speaker({ userId: 'ana' })).toEqual({ userId: 'ana' });
    });

    it.each<[string, () => Promise<unknown>]>([
      ['resolve', () => identity.resolve(sms())],
      ['find', () => identity.find(sms())],
      ['speaker', () => identity.speaker({ sender: sms(), participants: [sms()] })],
      ['link', () => identity.link('ana', sms())],
      ['unlink', () => identity.unlink(sms())],
    ])('%s rejects', async (_, ask) => {
      await expect(ask()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    });
  });
});
