import { Loader } from '@mantine/core';
import { useNavigate, useRouterState } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

import { ByLink } from '../features/auth/ByLink';
import { Forgotten } from '../features/auth/Forgotten';
import { Login } from '../features/auth/Login';
import { MustChange } from '../features/auth/MustChange';
import { MustSetSecondFactor } from '../features/auth/MustSetSecondFactor';
import { PhoneChoice } from '../features/auth/PhoneChoice';
import { TakeOver } from '../features/auth/TakeOver';
import { Failed } from '../shared/Failed';
import { sessionChanged, useSession } from '../shared/session';
import { useDesk } from '../shared/useDesk';
import { Shell } from './Shell';

/** Who is signed in sees the desk; who is not signs in first and then sees the page asked for. */
export function Gate() {
  const session = useSession();
  const navigate = useNavigate();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const [inside, setInside] = useState(false);
  const me = session.data?.me;
  const needsPhone = me?.agent?.typology === 'external' && !me.agent.phone;

  // A phone chosen once stays chosen while it is unreachable; only a log-out leads back to the choice.
  const elsewhere = session.data?.elsewhere;
  const needsFactor = me?.second_factor.required === true && !me.second_factor.on;
  if (me && !me.password.must_change && !needsFactor && !needsPhone && !elsewhere && !inside) setInside(true);
  if (session.data === null && inside) setInside(false);

  // Logged out by the server or a supervisor while the session goes on: the phone is chosen again.
  const released = useDesk((desk) => desk.me?.agent?.typology === 'external' && desk.me.agent.state === 'logged_out' && !desk.me.agent.phone);
  useEffect(() => {
    if (inside && released) void sessionChanged().then(() => setInside(false));
  }, [inside, released]);

  useEffect(() => {
    if (inside && (path === '/login' || path === '/forgotten-password')) void navigate({ to: '/', replace: true });
  }, [inside, path, navigate]);

  if (session.isPending) return <Loader size="sm" style={{ position: 'fixed', inset: 0, margin: 'auto' }} />;
  if (session.isError) return <Failed error={session.error} onRetry={() => void sessionChanged()} />;
  if (path === '/new-password') return <ByLink />;
  if (!session.data || !me) return path === '/forgotten-password' ? <Forgotten /> : <Login />;
  if (me.password.must_change) return <MustChange />;
  if (needsFactor) return <MustSetSecondFactor />;
  if (elsewhere && !inside) return <TakeOver elsewhere={elsewhere} />;
  if (needsPhone && !inside) return <PhoneChoice me={me} />;
  return <Shell me={me} since={session.data.since} />;
}
