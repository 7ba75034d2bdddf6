import { isFromTwilio, publicUrl, toTwilioMessage, toTwiml } from '../../shared/channels/twilio';
import { signTwilio, twilioForm, twilioUrl } from '../support/webhooks';

describe("Twilio's signature", () => {
  // The example of Twilio's own documentation, "Webhooks Security".
  const form = new URLSearchParams({
    CallSid: 'CA1234567890ABCDE',
    Caller: '+14158675309',
    Digits: '1234',
    From: '+14158675309',
    To: '+18005551212',
  });
  const url = 'https://mycompany.com/myapp.php?foo=1&bar=2';
  const signature = 'RSOYDt4T1cUTdK1PDd93/VVr8B8=';

  it('of its documentation fits, and no other does', () => {
    expect(isFromTwilio({ url, form, signature }, '12345')).toBe(true);
    expect(isFromTwilio({ url, form, signature }, '12346')).toBe(false);
    expect(isFromTwilio({ url: `${url}&baz=3`, form, signature }, '12345')).toBe(false);
    expect(isFromTwilio({ url, form: new URLSearchParams([...form, ['More', '1']]), signature }, '12345')).toBe(false);
  });

  it.each([
    ['the port of https', 'https://bot.example.com/in', 'https://bot.example.com:443/in'],
    ['the port of http', 'http://bot.example.com/in?a=1', 'http://bot.example.com:80/in?a=1'],
    ['a port of its own', 'https://bot.example.com:8443/in', 'https://bot.example.com/in'],
  ])('fits with and without %s', (_, called, signed) => {
    const given = { Body: 'Hello', From: '+14155550101' };
    for (const signedUrl of [called, signed]) {
      const request = {
        url: called,
        form: new URLSearchParams(given),
        signature: signTwilio(given, { url: signedUrl }),
      };
      expect(isFromTwilio(request, 'twilio-test-token')).toBe(true);
    }
  });

  it('is over the text as it was written, in any script', () => {
    const given = twilioForm({ Body: '¿Qué tal? 🎉 100% & <más> +1', Empty: '' });
    const request = { url: twilioUrl, form: new URLSearchParams(given), signature: signTwilio(given) };
    expect(isFromTwilio(request, 'twilio-test-token')).toBe(true);
  });

  it.each([
    [undefined, 'http://10.0.0.4:8080/api/x?a=1', 'http://10.0.0.4:8080/api/x?a=1'],
    ['https://bot.example.com', 'http://10.0.0.4:8080/api/x?a=1', 'https://bot.example.com/api/x?a=1'],
    ['https://bot.example.com/', 'http://10.0.0.4:8080/api/x', 'https://bot.example.com/api/x'],
    ['https://example.com/bot', 'http://10.0.0.4:8080/api/x', 'https://example.com/bot/api/x'],
  ])('where PUBLIC_URL is %s, is over the address %s as %s', (origin, seen, expected) => {
    expect(publicUrl(seen, origin)).toBe(expected);
  });
});

describe('a message that Twilio brings', () => {
  const read = (given: Record<string, string>) =>
    toTwilioMessage(new URLSearchParams(twilioForm({ MessageSid: 'SM1', Body: 'Hello', ...given })));

  it('is an SMS, or WhatsApp where the addresses say so', () => {
    const sms = { isGroup: false, messageId: 'twilio:SM1', text: 'Hello' };
    expect(read({})).toEqual({
      ...sms,
      sender: { type: 'sms', address: '+14155550101' },
      conversationId: 'sms:+14155550199',
    });
    expect(read({ From: 'whatsapp:+14155550101', To: 'whatsapp:+14155550199' })).toEqual({
      ...sms,
      sender: { type: 'whatsapp', address: '+14155550101' },
      conversationId: 'whatsapp:+14155550199',
    });
  });

  it('has no text where there is a picture alone', () => {
    expect(read({ Body: ' \n', NumMedia: '1' })).toMatchObject({ text: null });
    expect(read({ Body: 'My dog', NumMedia: '1' })).toMatchObject({ text: 'My dog' });
  });

  it('is cut where it is too long, and loses what cannot be kept', () => {
    expect(read({ Body: 'x'.repeat(9_000) })?.text).toHaveLength(8_000);
    expect(read({ Body: `${'x'.repeat(7_999)}🎉` })?.text).toBe('x'.repeat(7_999));
    expect(read({ Body: 'a\0b' })).toMatchObject({ text: 'ab' });
  });

  it('is none where Twilio tells of a delivery, or has answered a STOP itself', () => {
    expect(
      toTwilioMessage(new URLSearchParams(twilioForm({ MessageSid: 'SM1', MessageStatus: 'delivered' }))),
    ).toBeNull();
    expect(read({ Body: 'STOP', OptOutType: 'STOP' })).toBeNull();
    expect(read({ MessageSid: '' })).toBeNull();
    expect(toTwilioMessage(new URLSearchParams())).toBeNull();
  });
});

describe('TwiML', () => {
  it('carries any reply whole and unharmed', () => {
    const twiml = toTwiml('Tom & <Jerry> "at" \'home\' ]]>\u0001\u0008\ufffe 🎉\nnext');
    expect(twiml).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><Response><Message>' +
        'Tom &amp; &lt;Jerry&gt; "at" \'home\' ]]&gt; 🎉\nnext</Message></Response>',
    );
  });

  it('is cut to 1,600 characters as Twilio counts them, before they are escaped', () => {
    const [, text] = /<Message>(.*)<\/Message>/.exec(toTwiml('&'.repeat(1_601))) ?? [];
    expect(text).toBe(`${'&amp;'.repeat(1_599)}…`);
    expect(toTwiml('x'.repeat(1_600))).toContain(`>${'x'.repeat(1_600)}<`);
  });

  it('says nothing where there is nothing to say', () => {
    expect(toTwiml(null)).toBe('<?xml version="1.0" encoding="UTF-8"?><Response></Response>');
  });
});
