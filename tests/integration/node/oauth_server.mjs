// Copyright (c) 2026, the community.powerbi authors
// SPDX-License-Identifier: GPL-3.0-or-later

// An OAuth server by others (oidc-provider), with its endpoints where Entra ID has its own:
// /<tenant>/oauth2/v2.0/token and /<tenant>/discovery/v2.0/keys.
//
// node oauth_server.mjs CONFIG, a JSON file: tenant, key and certificate (PEM files of the server), clients, resource.
// Prints one JSON line when it listens: {"port": ...}. Ends with its standard input.

import fs from 'node:fs';
import https from 'node:https';

import Provider from 'oidc-provider';

const { tenant, key, certificate, clients, resource } = JSON.parse(fs.readFileSync(process.argv[2]));
const scope = `${resource}/.default`;

const server = https.createServer({ key: fs.readFileSync(key), cert: fs.readFileSync(certificate) });

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const provider = new Provider(`https://localhost:${port}/${tenant}`, {
    clients: clients.map((client) => ({
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      scope,
      ...client,
    })),
    clientAuthMethods: ['client_secret_post', 'private_key_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: ['RS256', 'PS256'] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        getResourceServerInfo: () => ({
          scope,
          audience: resource,
          accessTokenTTL: 1800,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    routes: { token: `/${tenant}/oauth2/v2.0/token`, jwks: `/${tenant}/discovery/v2.0/keys` },
    scopes: [scope],
  });
  provider.on('server_error', (ctx, error) => console.error(error));
  server.on('request', provider.callback());
  console.log(JSON.stringify({ port }));
});

process.stdin.on('end', () => process.exit(0)).resume();
