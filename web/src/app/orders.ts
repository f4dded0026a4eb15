import { api, body, type Schemas } from '../api/client';

const path = (id: string) => ({ params: { path: { id } } });

/** What an agent orders in the call at hand. What comes of it is told by the stream. */
export const order = {
  hangUp: (id: string) => api.POST('/api/v1/calls/{id}/hang-up', path(id)).then(body),
  hold: (id: string) => api.POST('/api/v1/calls/{id}/hold', path(id)).then(body),
  resume: (id: string) => api.POST('/api/v1/calls/{id}/resume', path(id)).then(body),
  swap: (id: string) => api.POST('/api/v1/calls/{id}/swap', path(id)).then(body),
  complete: (id: string) => api.POST('/api/v1/calls/{id}/complete', path(id)).then(body),
  threeWay: (id: string) => api.POST('/api/v1/calls/{id}/three-way', path(id)).then(body),
  pauseRecording: (id: string) => api.POST('/api/v1/calls/{id}/pause-recording', path(id)).then(body),
  resumeRecording: (id: string) => api.POST('/api/v1/calls/{id}/resume-recording', path(id)).then(body),
  press: (id: string, digits: string) => api.POST('/api/v1/calls/{id}/digits', { ...path(id), body: { digits } }).then(body),
  cancelConsult: (id: string) => api.POST('/api/v1/calls/{id}/cancel-consult', path(id)).then(body),
  transfer: (id: string, to: Schemas['TransferTarget']) => api.POST('/api/v1/calls/{id}/transfer', { ...path(id), body: to }).then(body),
  consult: (id: string, whom: Schemas['ConsultTarget']) => api.POST('/api/v1/calls/{id}/consult', { ...path(id), body: whom }).then(body),
};
