// google-auth-library: calls profile-service, or verifies a token; prints one line, a word and what belongs to it.

import { readFileSync } from 'node:fs';
import {
  ExternalAccountClient,
  GoogleAuth,
  IdTokenClient,
  Impersonated,
  OAuth2Client,
  UserRefreshClient,
} from 'google-auth-library';

const { PROFILE_URL, PROFILE_AUDIENCE, IAM_CREDENTIALS_URL, TARGET } = process.env;

// With the credentials of this environment. On a private service Cloud Run checks the second header, and leaves the first
// one, the library's, to the service.
async function call() {
  const client = await new GoogleAuth().getIdTokenClient(PROFILE_AUDIENCE);
  const first = await client.getRequestHeaders();
  await show(client, { 'X-Serverless-Authorization': first.get('Authorization') });
}

// The library reads the file, too, but then asks Google's own hosts: the endpoints are options of the clients alone.
async function impersonated() {
  const source = credentialFile().source_credentials;
  await actAs(
    new UserRefreshClient({
      clientId: source.client_id,
      clientSecret: source.client_secret,
      refreshToken: source.refresh_token,
      endpoints: { oauth2TokenUrl: process.env.TOKEN_URL },
    }),
  );
}

async function federated() {
  const client = ExternalAccountClient.fromJSON(credentialFile());
  client.scopes = ['https://www.googleapis.com/auth/cloud-platform'];
  await actAs(client);
}

async function actAs(sourceClient) {
  const account = new Impersonated({ sourceClient, targetPrincipal: TARGET, endpoint: IAM_CREDENTIALS_URL });
  await show(new IdTokenClient({ targetAudience: PROFILE_AUDIENCE, idTokenProvider: account }));
}

// The token on standard input. The certs are fetched first: if they cannot be had, that is no refusal.
async function verify() {
  const client = new OAuth2Client({ endpoints: { oauth2FederatedSignonPemCertsUrl: process.env.PEM_CERTS_URL } });
  await client.getFederatedSignonCerts();
  try {
    const idToken = readFileSync(0, 'utf8').trim();
    const ticket = await client.verifyIdToken({ idToken, audience: PROFILE_AUDIENCE });
    console.log('accepted', ticket.getPayload().email);
  } catch (refusal) {
    // The message holds the whole claims after a colon.
    console.log('refused', refusal.message.split(':')[0]);
  }
}

function credentialFile() {
  return JSON.parse(readFileSync(process.env.GOOGLE_APPLICATION_CREDENTIALS, 'utf8'));
}

async function show(client, headers = {}) {
  const answer = await client.request({ url: `${PROFILE_URL}/profiles/ada`, headers, validateStatus: () => true });
  console.log('status', answer.status);
}

await { call, impersonated, federated, verify }[process.argv[2]]();
