// A receiver with express and google-auth-library: /open for anyone, /protected for one caller.

import express from 'express';
import { OAuth2Client } from 'google-auth-library';

const [port, certsUrl, audience, allowedCaller] = ['PORT', 'PEM_CERTS_URL', 'AUDIENCE', 'ALLOWED_CALLER'].map(required);

// One for the process: it keeps the certs.
const verifier = new OAuth2Client({ endpoints: { oauth2FederatedSignonPemCertsUrl: certsUrl } });

const app = express();
// As NODE_ENV=production does: no stack trace in an answer.
app.set('env', 'production');
app.disable('x-powered-by');
app.get('/open', greet);
app.get('/protected', requireCaller, greet);
app.listen(Number(port), '127.0.0.1', (error) => {
  if (error) throw error;
});

function greet(request, response) {
  response.json({ greeting: 'hello' });
}

async function requireCaller(request, response, next) {
  const [, idToken] = /^Bearer +(\S+)$/i.exec(request.get('Authorization') ?? '') ?? [];
  let claims;
  try {
    claims = (await verifier.verifyIdToken({ idToken, audience })).getPayload();
  } catch {
    // The library's message holds the token or its claims: it is not for a log.
    return response.set('WWW-Authenticate', 'Bearer').sendStatus(401);
  }
  if (claims.email_verified !== true || claims.email !== allowedCaller) {
    return response.sendStatus(403);
  }
  next();
}

// Without an audience the library would take a token for anyone.
function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}
