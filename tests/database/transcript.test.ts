import { randomUUID } from 'node:crypto';
import { createTranscript, type Transcript } from '../../shared/chat/transcript';
import { overEachEngine } from '../support/databases';
import { aTurn } from '../support/turns';

const at = (minute: number) => new Date(Date.UTC(2026, 2, 4, 8, minute));

overEachEngine((database) => {
  let transcript: Transcript;
  beforeAll(() => {
    transcript = createTranscript(database());
  });
  const said = (turns: { message: string }[]) => turns.map(({ message }) => message);

  it('give the last turns of one, oldest first', async () => {
    for (let i = 0; i < 5; i++) await transcript.keep(aTurn({ conversationId: 'long', message: `${i}`, at: at(i) }));
    expect(said((await transcript.recent({ conversationId: 'long', userId: 'ana' }, 3)).turns)).toEqual([
      '2',
      '3',
      '4',
    ]);
  });

  it('keep a turn once, as it was first', async () => {
    const turn = aTurn({ conversationId: 'once', message: 'first' });
    await transcript.keep(turn);
    await transcript.keep({ ...turn, message: 'second' });
    expect(said((await transcript.recent({ conversationId: 'once', userId: 'ana' }, 3)).turns)).toEqual(['first']);
  });

  it('show a person their own turns alone, also where somebody else names the same conversation', async () => {
    await transcript.keep(aTurn({ conversationId: 'shared', message: 'of Ana' }));
    await transcript.keep(aTurn({ conversationId: 'shared', message: 'of Ben', userId: 'ben' }));
    expect(said((await transcript.recent({ conversationId: 'shared', userId: 'ben' }, 9)).turns)).toEqual(['of Ben']);
    const group = { conversationId: 'shared', userId: 'ben', participants: ['ana', 'ben'] };
    expect((await transcript.recent(group, 9)).turns).toEqual([]);
  });

  it('show a group what its participants said in it, and nobody else that', async () => {
    for (const userId of ['ana', 'ben', 'cleo']) {
      await transcript.keep(
        aTurn({ conversationId: 'team', message: userId, userId, isGroup: true, at: at(userId.length) }),
      );
    }
    const group = { conversationId: 'team', userId: 'ben', participants: ['ana', 'ben'] };
    expect(said((await transcript.recent(group, 9)).turns).sort()).toEqual(['ana', 'ben']);
    expect((await transcript.recent({ conversationId: 'team', userId: 'ben' }, 9)).turns).toEqual([]);
  });

  it('know a person’s last turn anywhere', async () => {
    await transcript.keep(aTurn({ userId: 'dan', conversationId: 'one', message: 'late', at: at(9) }));
    await transcript.keep(aTurn({ userId: 'dan', conversationId: 'two', message: 'early', at: at(2) }));
    const { turns, last } = await transcript.recent({ userId: 'dan', conversationId: 'two' }, 9);
    expect([said(turns), last?.message]).toEqual([['early'], 'late']);
    expect(await transcript.recent({ userId: 'nobody', conversationId: 'two' }, 9)).toEqual({ turns: [], last: null });
  });

  it('list what facts are still to be looked for, oldest first', async () => {
    const [early, late] = [
      aTurn({ userId: 'eve', message: 'early', at: new Date('2020-01-01') }),
      aTurn({ at: at(59) }),
    ];
    await transcript.keep(late);
    await transcript.keep(early);
    expect(said(await transcript.toExtract(new Date('2020-01-02'), 9))).toEqual(['early']);
    await transcript.markExtracted(early.id, at(0));
    expect(await transcript.toExtract(new Date('2020-01-02'), 9)).toEqual([]);
  });

  it('lose the words of the turns that a person has forgotten, and nobody else’s of the same time', async () => {
    await transcript.keep(aTurn({ userId: 'fay', conversationId: 'past', message: 'my code is 7', at: at(5) }));
    await transcript.keep(aTurn({ userId: 'fay', conversationId: 'past', message: 'kept', at: at(6) }));
    await transcript.keep(aTurn({ userId: 'gus', conversationId: 'past', message: 'his', at: at(5) }));
    await transcript.forget('fay', [at(5)], []);
    expect(said((await transcript.recent({ conversationId: 'past', userId: 'fay' }, 9)).turns)).toEqual(['', 'kept']);
    expect(said((await transcript.recent({ conversationId: 'past', userId: 'gus' }, 9)).turns)).toEqual(['his']);
  });

  it('lose the words of the turns whose reply told of what was forgotten', async () => {
    const memoryId = randomUUID();
    await transcript.keep(aTurn({ userId: 'hal', conversationId: 'past', message: 'what is it?', told: [memoryId] }));
    await transcript.forget('gus', [], [memoryId]);
    expect(said((await transcript.recent({ conversationId: 'past', userId: 'hal' }, 9)).turns)).toEqual([
      'what is it?',
    ]);
    await transcript.forget('hal', [], [memoryId]);
    expect(said((await transcript.recent({ conversationId: 'past', userId: 'hal' }, 9)).turns)).toEqual(['']);
    await transcript.forget('hal', [], []);
  });
});
