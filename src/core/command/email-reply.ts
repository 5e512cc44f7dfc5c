/*
 * Replies by e-mail. GitHub takes the text as it comes: below the answer there may be a signature, and programs such as Outlook put
 * the mail that is answered below it without any mark of a quotation, commands of its own included. (Where a program does mark it,
 * with `>`, it is a block quote like any other.)
 */

/** `-- ` alone on a line, with its blank: how mail programs begin a signature (RFC 3676). */
const signature = /^-- $/;
const original = /^\s*-{2,}\s*(?:Original Message|Urspr\u00FCngliche Nachricht|Message d'origine|Mensaje original)\s*-{2,}\s*$/i;
/** Outlook's header of the mail that is answered; the line above it is a rule or empty. */
const headerFirst = /^\s*\*{0,2}(?:From|Von|De|Da|Van)\*{0,2}:\*{0,2}\s\S/;
const headerMore = /^\s*\*{0,2}(?:Sent|Date|To|Subject|Gesendet|Datum|An|Betreff|Envoy\u00E9|Objet|\u00C0|Enviado|Para|Asunto)\*{0,2}:/;

/** The comment without what a mail program put below the answer. */
export function answerOfMail(markdown: string): string {
  const lines = markdown.split('\n');
  const end = lines.findIndex((line, index) => {
    const text = line.replace(/\r$/, '');
    return signature.test(text) || original.test(text) || (headerFirst.test(text) && lines.slice(index + 1, index + 4).filter((next) => headerMore.test(next)).length >= 2);
  });
  return end < 0 ? markdown : lines.slice(0, end).join('\n');
}
