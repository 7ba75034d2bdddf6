import { app, type InvocationContext } from '@azure/functions';
import { registered } from '../../local/functions-core';
import { invoke } from '../../local/invoke';

app.timer('doubled', { schedule: '0 * * * * *', handler: (value, context) => `${value} in ${context.functionName}` });

const doubled = () => {
  const [registration] = registered().filter(({ name }) => name === 'doubled');
  if (!registration) throw new Error('not registered');
  return registration;
};

describe('invoking a function', () => {
  const hooks: { dispose(): void }[] = [];
  afterEach(() => {
    for (const hook of hooks.splice(0)) hook.dispose();
  });

  it('gives it the input and a context with its name and the id of the run', async () => {
    let seen: InvocationContext | undefined;
    hooks.push(
      app.hook.preInvocation(({ invocationContext }) => {
        seen = invocationContext;
      }),
    );
    expect(await invoke(doubled(), 'run-1', 'input')).toBe('input in doubled');
    expect(seen).toMatchObject({
      invocationId: 'run-1',
      functionName: 'doubled',
      options: { trigger: { type: 'timerTrigger' } },
    });
  });

  it('lets hooks change the input, the function and the result', async () => {
    hooks.push(
      app.hook.preInvocation((hook) => {
        const handler = hook.functionHandler;
        hook.inputs = ['changed'];
        hook.functionHandler = async (...args) => `(${await handler(...args)})`;
      }),
      app.hook.postInvocation((hook) => {
        hook.result = `${hook.result}!`;
      }),
    );
    expect(await invoke(doubled(), 'run-2', 'input')).toBe('(changed in doubled)!');
  });

  it('lets a hook see an error and take it away', async () => {
    const failing = { ...doubled(), callback: () => Promise.reject(new Error('no')) };
    await expect(invoke(failing, 'run-3', null)).rejects.toThrow('no');
    hooks.push(
      app.hook.postInvocation((hook) => {
        expect(hook.error).toEqual(new Error('no'));
        hook.error = undefined;
        hook.result = 'saved';
      }),
    );
    expect(await invoke(failing, 'run-4', null)).toBe('saved');
  });
});
