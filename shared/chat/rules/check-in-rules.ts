import { numberPattern } from './frequency';

/** Mood and energy on a scale of 1 to 10, as people write them. */

const outOfTen = ' ?(?:/|out of|de|sobre) ?(?:10|ten|diez)\\b';
const value = `(${numberPattern})(?:${outOfTen})?(?!\\w|[/%])`;
const others = "(?<!(?:'s|his|her|their|your|su|tu) )";

const scale = (names: string) => ({
  nameFirst: new RegExp(
    `${others}\\b(?:${names})\\b(?: levels?| score)?(?: today| now| hoy)?(?: is| was| at| of| es| esta| de| en|,|:| =| -)?(?: at| about| around| only| like)?(?: an?| un)? ?${value}`,
  ),
  numberFirst: new RegExp(`\\b${value} (?:in |for |de |en )?(?:${names})\\b`),
});

export const scales = {
  mood: scale('mood|spirits|animo|humor|estado de animo'),
  energy: scale('energy|energia'),
};

/** "I'm feeling 8/10", "me siento un 8 de 10", "I feel like a 7". */
export const feelingOnScale = [
  new RegExp(
    `\\b(?:feel|feeling|i'm|i am|doing|siento|estoy|encuentro)(?: like| at| about| around| today| hoy| como)?(?: an?| un)? (${numberPattern})${outOfTen}`,
  ),
  new RegExp(`\\b(?:i feel|feeling|me siento)(?: like| como)? (?:an?|un) (${numberPattern})(?= today| hoy|[.,!]|$)`),
];

/** Saying that something was done. At the beginning of a clause or after "I", so that what a brother did does not count. */
export const subject =
  "(?:^|\\bi |\\bi've |\\bi have |\\byo )(?:(?:yes|ok|okay|so|well|today|yesterday|this morning|tonight|just|also|already|finally|actually|then|hey|hi|hoy|ayer|ya|si|tambien|por fin|esta manana|me),? )*";
export const doneMarker = new RegExp(
  `${subject}(?:did|done(?: with)?|finished|completed|got through|nailed|crushed|hit|hice|termine|complete|cumpli|acabe|he (?:hecho|terminado|cumplido))\\b`,
);
/** A report that names nothing: "did it today", "done for today", "lo hice". */
export const doneIt =
  /^(?:(?:yes|ok|so|well|today|just|ya|si|hoy),? )*(?:i (?:just |already |finally )?did it|did it|done(?: it)?(?: for)?(?: today)?|all done|lo hice|hecho|listo por hoy|cumpli (?:mi|con la|con mi) (?:meta|objetivo)|i (?:hit|met|reached) my goal)\b/;
export const notDone =
  /\b(?:didn't|did not|haven't|have not|hadn't|couldn't|wasn't|won't|skipped|missed|forgot|failed|almost|nearly|never|no|nunca|casi|salte|olvide)\b/;

export const yesterday = /\b(?:yesterday|last night|ayer|anoche)\b/;
