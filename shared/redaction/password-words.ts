/** Words that stand where a password could, and are none: "my password is wrong", "mi contraseña es muy larga". */
const english =
  'wrong incorrect invalid expired expiring required needed missing blank empty correct right good fine okay same different weak strong stronger ' +
  'secure insecure safe long short longer shorter simple easy hard difficult complicated unknown secret private public hidden case-sensitive ' +
  'case sensitive not never always still also only just very really quite rather pretty super kind sort about above below with without within ' +
  'what whatever which where when that this these those there here your their ours mine yours their them they from into like than then ' +
  'being been were will would should could must might cannot going gone lost forgotten stolen broken written stored saved kept known ' +
  'visible available unavailable necessary optional mandatory important great terrible awful stupid ridiculous annoying temporary permanent ' +
  'default random unique common similar another something anything nothing someone anyone everything perfect sensitive compromised ' +
  'over under after before between until unless because however supposed able unable impossible possible enough almost exactly ready ' +
  'written locked blocked reset changed back down away fake real true false null none undefined username email somewhere stuck broke generated';
const spanish =
  'incorrecta incorrecto correcta correcto errónea erronea inválida invalida válida valida débil debil fuerte segura insegura larga corta misma ' +
  'mismo igual diferente distinta otra otro nueva nuevo vieja antigua actual única secreta privada pública fácil facil difícil dificil simple sencilla ' +
  'compleja complicada demasiado demasiada bastante obligatoria necesaria importante muy para porque cuando donde como cual siempre nunca todavía ' +
  'también solo sólo esta está este esto esa ese eso ella aquí allí algo nada alguien necesario obligatorio paciencia constancia respeto ' +
  'mala buena buen demás poco mucho menos sensible temporal temporaria desconocida perfecta';
const ordinary = new Set(`${english} ${spanish}`.split(' '));

/** What was done, is being done or how, in either language. */
const form = /^\p{L}{2,}(?:ing|ed|ly|less|ado|ada|ido|ida|ando|iendo|mente)$/u;

/** Whether a word says something about a password instead of being one. */
export function isOrdinary(word: string): boolean {
  const lower = word.toLowerCase();
  return ordinary.has(lower) || form.test(lower);
}
