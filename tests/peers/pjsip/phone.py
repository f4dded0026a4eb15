"""A PJSIP phone without a sound card: it does what its standard input orders, a line an order, and tells what happens, a line each.

    phone.py NAME PASSWORD SERVER TRANSPORT ADDRESS FOLDER [AUTHORITIES]

It signals and takes audio at ADDRESS (IPv4: this build of PJSIP has no other) and does nothing of its own about routers between. It says
FOLDER/says.wav in every call and keeps what it hears in FOLDER/hears-N.wav. AUTHORITIES is a file of certificates for TLS.
"""

import os
import queue
import sys
import threading

import pjsua2 as pj

NAME, PASSWORD, SERVER, TRANSPORT, ADDRESS, FOLDER = sys.argv[1:7]
AUTHORITIES = sys.argv[7] if len(sys.argv) > 7 else ""
# What PJSIP handed out and may still use: Python must not free it meanwhile.
KEPT = []


def tell(*words):
    print("=", *words, flush=True)


class Call(pj.Call):
    def __init__(self, account, number=pj.PJSUA_INVALID_ID):
        super().__init__(account, number)
        self.recorder = None
        self.holds = False
        self.waits_for = {"answer", "audio"}

    def has(self, part):
        if part in self.waits_for:
            self.waits_for.remove(part)
            if not self.waits_for:
                tell("connected")

    def onCallState(self, _):
        info = self.getInfo()
        KEPT.append(info)
        if info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            self.has("answer")
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            tell("over", info.lastStatusCode)

    def onCallMediaState(self, _):
        info = self.getInfo()
        KEPT.append(info)
        for index, media in enumerate(info.media):
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status == pj.PJSUA_CALL_MEDIA_ACTIVE:
                self.join(self.getAudioMedia(index))
                if self.holds:
                    self.holds = False
                    tell("resumed")
            elif media.status == pj.PJSUA_CALL_MEDIA_LOCAL_HOLD and not self.holds:
                self.holds = True
                tell("held")

    def onDtmfDigit(self, pressed):
        tell("pressed", pressed.digit)

    def onCallTransferStatus(self, progress):
        tell("transfer", progress.statusCode)

    def join(self, audio):
        if self.recorder is None:
            self.recorder = pj.AudioMediaRecorder()
            self.recorder.createRecorder(os.path.join(FOLDER, f"hears-{len(os.listdir(FOLDER)):03}.wav"))
            self.player = pj.AudioMediaPlayer()
            self.player.createPlayer(os.path.join(FOLDER, "says.wav"))
        self.player.startTransmit(audio)
        audio.startTransmit(self.recorder)
        KEPT.append(audio)
        self.has("audio")


class Account(pj.Account):
    call = None
    before = None

    def onRegState(self, registration):
        active = self.getInfo().regIsActive and registration.code == 200
        tell("registered" if active else "unregistered", registration.code)

    def onIncomingCall(self, incoming):
        self.call = Call(self, incoming.callId)
        KEPT.append(self.call)
        tell("incoming", self.call.getInfo().remoteUri)


def start(endpoint):
    endpoint.libCreate()
    config = pj.EpConfig()
    config.logConfig.level = int(os.environ.get("PJ_LOG", "1"))
    config.logConfig.consoleLevel = config.logConfig.level
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    config.medConfig.clockRate = 8000
    config.medConfig.sndClockRate = 8000
    config.medConfig.noVad = True
    endpoint.libInit(config)
    transport = pj.TransportConfig()
    transport.boundAddress = ADDRESS
    if TRANSPORT == "tls":
        transport.tlsConfig.CaListFile = AUTHORITIES
        transport.tlsConfig.verifyServer = True
    kinds = {"udp": pj.PJSIP_TRANSPORT_UDP, "tcp": pj.PJSIP_TRANSPORT_TCP, "tls": pj.PJSIP_TRANSPORT_TLS}
    endpoint.transportCreate(kinds[TRANSPORT], transport)
    endpoint.libStart()
    endpoint.audDevManager().setNullDev()


def account_config():
    config = pj.AccountConfig()
    host = SERVER.rsplit(":", 1)[0]
    server = f"sip:{SERVER};transport={TRANSPORT}"
    config.idUri = f"sip:{NAME}@{host}"
    config.regConfig.registrarUri = server
    config.regConfig.timeoutSec = 60
    # A connection that is gone is made again soon.
    config.regConfig.retryIntervalSec = 2
    config.regConfig.firstRetryIntervalSec = 1
    config.regConfig.randomRetryIntervalSec = 0
    config.sipConfig.proxies.append(server + ";lr")
    config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", NAME, 0, PASSWORD))
    config.mediaConfig.transportConfig.boundAddress = ADDRESS
    config.natConfig.contactRewriteUse = 0
    config.natConfig.viaRewriteUse = 0
    config.natConfig.sdpNatRewriteUse = 0
    return config


def obey(order, account):
    word, _, rest = order.partition(" ")
    parameters = pj.CallOpParam(True)
    parameters.opt.videoCount = 0
    if word == "dial":
        account.before, account.call = account.call, Call(account)
        KEPT.append(account.call)
        account.call.makeCall(rest, parameters)
    elif word == "answer":
        answer = pj.CallOpParam()
        answer.statusCode = 200
        account.call.answer(answer)
    elif word == "hold":
        account.call.setHold(pj.CallOpParam())
    elif word == "resume":
        parameters.opt.flag = pj.PJSUA_CALL_UNHOLD
        account.call.reinvite(parameters)
    elif word == "refer":
        account.call.xfer(rest, pj.CallOpParam(True))
    elif word == "transfer":
        # The one on hold, to whom is spoken with now.
        account.before.xferReplaces(account.call, pj.CallOpParam(True))
    elif word == "press":
        account.call.dialDtmf(rest)
    elif word == "inform":
        digits = pj.CallSendDtmfParam()
        digits.method = pj.PJSUA_DTMF_METHOD_SIP_INFO
        digits.digits = rest
        account.call.sendDtmf(digits)
    elif word == "hangup":
        account.call.hangup(pj.CallOpParam())
    elif word == "register":
        account.setRegistration(True)
    else:
        tell("unknown", order)


def main():
    orders = queue.Queue()

    def read():
        for line in sys.stdin:
            orders.put(line.strip())
        orders.put(None)

    endpoint = pj.Endpoint()
    start(endpoint)
    tell("version", "PJSIP", endpoint.libVersion().full)
    account = Account()
    account.create(account_config())
    threading.Thread(target=read, daemon=True).start()
    while True:
        endpoint.libHandleEvents(20)
        try:
            order = orders.get_nowait()
        except queue.Empty:
            continue
        if order is None:
            # Whoever gave orders is gone; a phone that is unplugged says no goodbye.
            os._exit(0)
        try:
            obey(order, account)
        except pj.Error as error:
            tell("failed", order, error.info())


main()
