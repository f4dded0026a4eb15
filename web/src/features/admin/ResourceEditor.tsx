import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';

import { Failed } from '../../shared/Failed';
import { Editor } from './Editor';
import { resourceOf } from './registry';
import { Unknown } from './ResourceList';
import type { Resource } from './resource';

const route = getRouteApi('/settings/$kind/$id');

/** One thing that is set up, or a new one. */
export function ResourceEditor() {
  const { kind, id } = route.useParams();
  const resource = resourceOf(kind);
  if (!resource) return <Unknown />;
  if (id === 'new') return <Editor key={`${kind} new`} resource={resource} />;
  return <Stored key={`${kind} ${id}`} resource={resource} id={id} />;
}

function Stored({ resource, id }: { resource: Resource; id: string }) {
  const found = useQuery({ queryKey: ['setup', resource.kind, id], queryFn: () => resource.read(id) });
  const [shown, show] = useState(found.data);
  const [dirty, setDirty] = useState(false);
  // Somebody else's change begins the form anew, unless something is being typed there.
  if (found.data && found.data !== shown && (!dirty || !shown)) show(found.data);
  if (found.isPending) return <Skeleton height={320} m={18} style={{ width: 'auto', maxWidth: 720 }} />;
  if (found.isError) return <Failed error={found.error} onRetry={() => void found.refetch()} />;
  if (!shown) return null;
  const Below = resource.below;
  return (
    <>
      <Editor key={shown.raw.version} resource={resource} stored={shown} changed={found.data.raw.version !== shown.raw.version} onDirty={setDirty} />
      {/* Not of one version alone: what is open there stays open. */}
      {Below && <Below id={id} />}
    </>
  );
}
