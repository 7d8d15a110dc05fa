// SPDX-License-Identifier: Apache-2.0
import {
  Link,
  Sidebar,
  SidebarDivider,
  SidebarGroup,
  SidebarItem,
  SidebarScrollWrapper,
  SidebarSpace,
  useSidebarOpenState,
} from '@backstage/core-components';
import { NotificationsSidebarItem } from '@backstage/plugin-notifications';
import { SidebarSearchModal } from '@backstage/plugin-search';
import { UserSettingsSignInAvatar } from '@backstage/plugin-user-settings';
import type { NavContentComponentProps } from '@backstage/plugin-app-react';
import {
  RiMenuLine,
  RiNotification2Line,
  RiSearchLine,
} from '@remixicon/react';
import { Logo } from './Logo';
import styles from './PortalSidebar.module.css';

function SidebarLogo() {
  const { isOpen } = useSidebarOpenState();
  return (
    <Link
      to="/"
      underline="none"
      className={styles.logo}
      aria-label="Causeway home"
    >
      <Logo />
      {isOpen && <span>Causeway</span>}
    </Link>
  );
}

function NotificationsIcon() {
  return <RiNotification2Line size={24} />;
}

/** The portal's navigation: home, catalog, delivery and fleet first, whatever else is installed after them. */
export function PortalSidebar(props: NavContentComponentProps) {
  const nav = props.navItems.withComponent(item => (
    <SidebarItem icon={() => item.icon} to={item.href} text={item.title} />
  ));
  // Shown elsewhere: search and notifications below, the graph on each entity.
  nav.take('page:search');
  nav.take('page:notifications');
  nav.take('page:catalog-graph');
  const settings = nav.take('page:user-settings');
  return (
    <Sidebar>
      <SidebarLogo />
      <SidebarGroup
        label="Search"
        icon={<RiSearchLine size={20} />}
        to="/search"
      >
        <SidebarSearchModal />
      </SidebarGroup>
      <SidebarDivider />
      <SidebarGroup label="Menu" icon={<RiMenuLine size={20} />}>
        {nav.take('page:home')}
        {nav.take('page:catalog')}
        {nav.take('page:scaffolder')}
        {nav.take('page:delivery')}
        {nav.take('page:fleet')}
        <SidebarDivider />
        <SidebarScrollWrapper>
          {nav.rest({ sortBy: 'title' })}
        </SidebarScrollWrapper>
      </SidebarGroup>
      <SidebarSpace />
      <SidebarDivider />
      <NotificationsSidebarItem
        renderItem={({ unreadCount, to, onClick }) => (
          <SidebarItem
            icon={NotificationsIcon}
            to={to}
            onClick={onClick}
            // The item's name for assistive technology is this text, so the count is part of it.
            text={
              unreadCount > 0
                ? `Notifications (${unreadCount})`
                : 'Notifications'
            }
            hasNotifications={unreadCount > 0}
          />
        )}
      />
      <SidebarGroup
        label="Settings"
        icon={<UserSettingsSignInAvatar />}
        to="/settings"
      >
        {settings}
      </SidebarGroup>
    </Sidebar>
  );
}
