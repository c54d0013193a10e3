// Questions to a node or a worker, each with a token that comes back with the answer.

const waiting = new Map();

/** What comes back; `send` posts the message with the token that it is given. */
export function ask(send) {
  const token = `${Math.random()}`;
  return new Promise((resolve) => {
    waiting.set(token, resolve);
    send(token);
  });
}

/** Whether a message was an answer that somebody waited for. */
export function heard(data) {
  if (!data.token) return false;
  waiting.get(data.token)?.(data);
  waiting.delete(data.token);
  return true;
}
