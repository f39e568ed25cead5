// Talking to the stand-in. Every call gives the JSON; a refusal too, with `error` in it.
async function call(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return answer.json();
}

export const get = (path) => call("GET", path);
export const post = (path, body = {}) => call("POST", path, body);
export const remove = (path) => call("DELETE", path);

export const handset = (msisdn, what, body) => post(`/api/handsets/${msisdn}/${what}`, body);
