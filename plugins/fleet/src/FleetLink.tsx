// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import { Link } from 'react-router-dom';
import styles from './FleetLink.module.css';

/** A link to another page of the fleet. */
export function FleetLink(props: { to: string; children: ReactNode }) {
  return (
    <Link className={styles.link} to={props.to}>
      {props.children}
    </Link>
  );
}
