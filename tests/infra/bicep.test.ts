import { readBicep } from './bicep';

describe('what the tests read of Bicep', () => {
  const read = (text: string) => readBicep(text).map(({ decorators: _, ...one }) => one);
  const plain = { type: '', existing: false, condition: '', loop: '' };

  it('are declarations with their literals, without comments', () => {
    expect(
      read(`
// a comment with a quote: it's one
@description('what it\\'s for: { [ (')
param size string = 'small' // behind it
param none string?
var list = ['a', 'b']
output url string = 'https://\${size == 'x' ? 'y' : host}:6333'
`),
    ).toEqual([
      { ...plain, kind: 'param', name: 'size', type: 'string', value: "'small'" },
      { ...plain, kind: 'param', name: 'none', type: 'string?', value: '' },
      { ...plain, kind: 'var', name: 'list', value: ["'a'", "'b'"] },
      { ...plain, kind: 'output', name: 'url', type: 'string', value: `'https://\${size == 'x' ? 'y' : host}:6333'` },
    ]);
  });

  it('are loops, conditions, and resources in resources', () => {
    expect(
      read(`
module one 'one.bicep' = if (a && (b || c)) { params: { x: f({ y: 1 }) } }
resource many 'A/b@2024-01-01' = [
  for name in concat(names, other ? ['z'] : []): {
    name: name
    resource child 'c' = { name: 'it', properties: { on: true } }
  }
]
resource there 'A/b@2024-01-01' existing = { name: 'b' }
`),
    ).toEqual([
      {
        ...plain,
        kind: 'module',
        name: 'one',
        type: 'one.bicep',
        condition: '(a && (b || c))',
        value: { params: { x: 'f({ y: 1 })' } },
      },
      {
        ...plain,
        kind: 'resource',
        name: 'many',
        type: 'A/b@2024-01-01',
        loop: "name in concat(names, other ? ['z'] : [])",
        value: { name: 'name' },
      },
      {
        ...plain,
        kind: 'resource',
        name: 'child',
        type: 'A/b/c@2024-01-01',
        value: { name: "'it'", properties: { on: 'true' } },
      },
      { ...plain, kind: 'resource', name: 'there', type: 'A/b@2024-01-01', existing: true, value: { name: "'b'" } },
    ]);
  });

  it('ends with an error where it cannot be read', () => {
    expect(() => read("resource a 'A/b@2024-01-01' = { name: 'a'")).toThrow();
    expect(() => read("resource a 'A/b@2024-01-01' = [for name in names { }]")).toThrow(/Expected :/);
  });
});
