// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { ErrorPanel, ProxiedSignInPage } from '@backstage/core-components';
import type { IdentityApi } from '@backstage/core-plugin-api';
import type { SignInPageProps } from '@backstage/plugin-app-react';
import { Button, Card, CardBody, Text } from '@backstage/ui';
import { demoUsers } from './demoUsers';
import { rememberedUser } from './rememberedUser';
import styles from './DemoSignInPage.module.css';

/** Signing out must also forget the user, or the next page load would sign them in again. */
function forgettingOnSignOut(identity: IdentityApi): IdentityApi {
  return {
    getBackstageIdentity: () => identity.getBackstageIdentity(),
    getCredentials: () => identity.getCredentials(),
    getProfileInfo: () => identity.getProfileInfo(),
    signOut: () => {
      rememberedUser.forget();
      return identity.signOut();
    },
  };
}

/** Lets a visitor of the embedded default choose whom to be. */
export function DemoSignInPage(props: SignInPageProps) {
  const [chosen, setChosen] = useState(() => rememberedUser.read());

  if (chosen) {
    return (
      <ProxiedSignInPage
        provider="demo"
        headers={{ 'x-demo-user': chosen }}
        onSignInSuccess={identity => {
          rememberedUser.write(chosen);
          props.onSignInSuccess(forgettingOnSignOut(identity));
        }}
        ErrorComponent={({ error }) => (
          <main className={styles.page}>
            <ErrorPanel title="You could not be signed in" error={error!} />
            <Button
              onPress={() => {
                rememberedUser.forget();
                setChosen(undefined);
              }}
            >
              Choose another user
            </Button>
          </main>
        )}
      />
    );
  }

  return (
    <main className={styles.page}>
      <h1 className={styles.title}>Causeway</h1>
      <Text as="p" variant="body-large" color="secondary">
        From commit to the last edge device. This is a demo on your own machine:
        choose who you want to be.
      </Text>
      <ul className={styles.users}>
        {demoUsers.map(user => (
          <li key={user.entityRef}>
            <Card className={styles.user}>
              <CardBody>
                <h2 className={styles.name}>{user.name}</h2>
                <Text as="p" color="secondary">
                  {user.role}
                </Text>
                <Text as="p">{user.may}</Text>
                <Button
                  variant="secondary"
                  onPress={() => setChosen(user.entityRef)}
                >
                  {`Sign in as ${user.name.split(' ')[0]}`}
                </Button>
              </CardBody>
            </Card>
          </li>
        ))}
      </ul>
    </main>
  );
}
