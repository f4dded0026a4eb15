// A JsSIP phone in Node.js: its signalling is JsSIP's own, over WebSocket; of a browser's media it has only descriptions.
// It does what its standard input orders, a line an order, and tells what happens, a line each.
//
//     node --experimental-websocket phone.mjs NAME PASSWORD SERVER wss|ws
import { createInterface } from 'node:readline'
import JsSIP from 'jssip'

const [name, password, server, scheme] = process.argv.slice(2)
const tell = (...words) => console.log('=', ...words)

/** As much of a browser's connection as offers, answers and holds need: descriptions of plain audio at a port nobody listens on. */
class Connection extends EventTarget {
  iceGatheringState = 'complete'
  iceConnectionState = 'completed'
  signalingState = 'stable'
  localDescription = null
  #version = 0

  #description(type) {
    this.#version += 1
    const lines = ['v=0', `o=- 1 ${this.#version} IN IP4 127.0.0.1`, 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', 'm=audio 9 RTP/AVP 0 101']
    lines.push('a=rtpmap:0 PCMU/8000', 'a=rtpmap:101 telephone-event/8000', 'a=sendrecv', '')
    return Promise.resolve({ type, sdp: lines.join('\r\n') })
  }
  createOffer() {
    return this.#description('offer')
  }
  createAnswer() {
    return this.#description('answer')
  }
  setLocalDescription(description) {
    this.localDescription = description
    this.signalingState = description.type === 'offer' ? 'have-local-offer' : 'stable'
    return Promise.resolve()
  }
  setRemoteDescription(description) {
    this.signalingState = description.type === 'offer' ? 'have-remote-offer' : 'stable'
    return Promise.resolve()
  }
  getSenders() {
    return []
  }
  close() {
    this.signalingState = 'closed'
  }
}
globalThis.window = globalThis
globalThis.RTCPeerConnection = Connection
globalThis.RTCSessionDescription = class {
  constructor({ type, sdp }) {
    Object.assign(this, { type, sdp })
  }
}

const ua = new JsSIP.UA({
  sockets: [new JsSIP.WebSocketInterface(`${scheme}://${server}/sip`)],
  uri: `sip:${name}@${server.replace(/:\d+$/, '')}`,
  authorization_user: name,
  password,
  register_expires: 60,
  connection_recovery_min_interval: 1,
  connection_recovery_max_interval: 2,
})
const options = { mediaConstraints: { audio: false, video: false } }
let call

ua.on('registered', ({ response }) => tell('registered', response.status_code))
ua.on('unregistered', () => tell('unregistered'))
ua.on('registrationFailed', ({ response, cause }) => tell('unregistered', response?.status_code ?? cause))
ua.on('newRTCSession', ({ session, originator, request }) => {
  call = session
  if (originator === 'remote') tell('incoming', request.from.uri.toString())
  session.on('accepted', () => tell('connected'))
  session.on('ended', ({ cause }) => tell('over', cause))
  session.on('failed', ({ message, cause }) => tell('over', message?.status_code ?? cause))
})

const orders = {
  dial: (uri) => ua.call(uri, options),
  answer: () => call.answer(options),
  hold: () => call.hold({}, () => tell('held')),
  resume: () => call.unhold({}, () => tell('resumed')),
  inform: (digit) => call.sendDTMF(digit),
  hangup: () => call.terminate(),
  register: () => ua.register(),
}
// A phone that is unplugged says no goodbye.
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [word, ...rest] = line.split(' ')
    orders[word] ? orders[word](rest.join(' ')) : tell('unknown', line)
  })
  .on('close', () => process.exit(0))

tell('version', 'JsSIP', JsSIP.version)
ua.start()
