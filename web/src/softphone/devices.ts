/** A device as it was chosen: its id may change, its label seldom does. */
export interface Chosen {
  id: string;
  label: string;
}

export type Role = 'microphone' | 'speaker' | 'ring';

/** What was chosen; none: whatever the system has. */
export type Choice = Record<Role, Chosen | null>;

const KEY = 'carillon.devices';
const nothing: Choice = { microphone: null, speaker: null, ring: null };

export function chosen(): Choice {
  try {
    return { ...nothing, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Choice>) };
  } catch {
    return nothing;
  }
}

export function choose(role: Role, device: Chosen | null): void {
  localStorage.setItem(KEY, JSON.stringify({ ...chosen(), [role]: device }));
}

/** The devices for a role, as far as the browser names them: it does once the microphone may be used. */
export async function devices(role: Role): Promise<Chosen[]> {
  const kind = role === 'microphone' ? 'audioinput' : 'audiooutput';
  const all = await navigator.mediaDevices.enumerateDevices();
  return all.filter((device) => device.kind === kind && device.deviceId !== '').map(({ deviceId, label }) => ({ id: deviceId, label }));
}

/** The one that was chosen, by its id, else by its label; `undefined`: it is not plugged in, or none was chosen. */
export function find(wanted: Chosen | null, there: Chosen[]): Chosen | undefined {
  return wanted ? (there.find(({ id }) => id === wanted.id) ?? there.find(({ label }) => label !== '' && label === wanted.label)) : undefined;
}

/** Opens the microphone that was chosen, or the system's where that one is not there. */
export async function openMicrophone(): Promise<MediaStream> {
  const device = find(chosen().microphone, await devices('microphone'));
  const audio: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  return navigator.mediaDevices.getUserMedia({ audio: device ? { ...audio, deviceId: { exact: device.id } } : audio });
}

/** Sends an element's sound to the device of a role. */
export async function route(element: HTMLMediaElement, role: 'speaker' | 'ring'): Promise<void> {
  if (!('setSinkId' in element)) return;
  const device = find(chosen()[role], await devices(role));
  const id = device?.id ?? '';
  if (element.sinkId !== id) await element.setSinkId(id);
}
