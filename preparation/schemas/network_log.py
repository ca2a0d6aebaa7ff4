"""What networks, firewalls, intrusion detectors, operating systems and servers log."""

from datetime import datetime

from core.dataset import PersonalData
from preparation.model import DatasetModel, column


class NetworkLog(
    DatasetModel,
    needs=(
        (
            "source_ip, destination_ip, source_port, destination_port, protocol, host, component, level, pid, "
            "event_type, action, attack, flow_id, bytes, source_bytes, destination_bytes, packets, "
            "source_packets, destination_packets, message_id, event_type, mac_address, duration, "
            "connection_state, query, logon_type, facility"
        ),
        (
            "source_ip, destination_ip, source_port, destination_port, mac_address, protocol, content, "
            "event_type, attack, flow_id, source_bytes, destination_bytes, source_packets, destination_packets, "
            "connection_state, query, packets, pid"
        ),
    ),
    words=(
        "ip, port, protocol, packet, packets, flow, fwd, bwd, srcip, dstip, src, dst, tcp, udp, syn, ack, fin, rst, "
        "psh, urg, firewall, attack, intrusion, malware, syslog, severity, facility, pid, daemon, dns, ttl, iat, "
        "subflow, nat, srv, serror, rerror, logon, hosts, interface, vlan, proto, conn, orig, resp, zeek, snort, "
        "suricata, alert, rule, login, ssh, rhost, mac, threat, ddos, botnet, template, log, bssid, ssid, "
        "resolver, qtype, rcode, nxdomain, audit, namespace, pod"
    ),
):
    """One log line, network flow, packet, connection, alert or log-in."""

    time: datetime = column(
        description="When it was logged.",
        synonyms=(
            "timestamp, date time, datetime, date, ts, event time, log time, start time, flow start, time "
            "generated, time created, eventtime, received time, first seen, date first seen, stime, @timestamp, "
            "frame time, login time, login timestamp, utc, flow start time, time stamp, receive time, attack time, "
            "ltime, detected at, log date"
        ),
        event_time=True,
        telling=0.4,
    )
    host: str = column(
        description="The machine that logged.",
        synonyms=(
            "hostname, host name, computer, computer name, machine, server, device name, node, system, agent name, "
            "sensor, logsource, machine name, container, container name, pod, pod name, computername"
        ),
        telling=0.8,
    )
    level: str = column(
        description="How serious it is.",
        synonyms=(
            "severity, log level, loglevel, priority, severity level, threat level, risk level, alert level, type "
            "of message"
        ),
        telling=0.8,
    )
    facility: str = column(
        description="Syslog facility.", synonyms="syslog facility, facility name, stream, log stream"
    )
    component: str = column(
        description="The program or part that logged.",
        synonyms=(
            "process, process name, program, application, app name, appname, module, logger, daemon, source name, "
            "provider name, service name, channel, class name, subsystem, app, event source, image"
        ),
        telling=0.8,
    )
    pid: str = column(
        description="Process number.", synonyms="process id, procid, proc id, tid, thread id, thread", telling=1.0
    )
    content: str = column(
        description="The message.",
        synonyms=(
            "message, msg, log message, text, info, description, log, raw log, event message, details, raw, "
            "payload, body, log entry, log content, log line, event description"
        ),
        personal=PersonalData.FREE_TEXT,
        kind="text",
        telling=0.6,
    )
    message_id: str = column(
        description="Kind of message.",
        synonyms=("event id, msgid, msg id, eventid, event code, message type, signature id, rule id, log id"),
        telling=0.6,
    )
    template: str = column(
        description="The message with its variable parts removed.", synonyms="event template, log template, log pattern"
    )
    line_number: int = column(
        description="Position in the log.",
        synonyms=("line id, lineid, line no, line, no, seq, sequence number, frame number, packet no, log number"),
        telling=0.4,
    )
    source_ip: str = column(
        description="Where it came from.",
        synonyms=(
            "src ip, srcip, source, src, source address, src addr, sip, saddr, id orig h, client ip, ip, ip "
            "address, source ip address, ip src, remote ip, attacker ip, src ip addr, sourceipaddress, srcaddr, sa, "
            "host ip, remote host, rhost, orig h, ipaddress, callingipaddress, ip source, source host, local ip, "
            "src ip address"
        ),
        telling=1.2,
    )
    source_port: int = column(
        description="Port it came from.",
        synonyms=(
            "src port, sport, srcport, id orig p, spt, src pt, tcp srcport, orig p, client port, local port, sp, s port"
        ),
        ge=0,
        le=65535,
    )
    destination_ip: str = column(
        description="Where it went.",
        synonyms=(
            "dst ip, dest ip, destination, dst, dest, dstip, destination address, dst addr, dip, daddr, id resp h, "
            "server ip, target ip, ip dst, dst ip addr, dstaddr, da, resp h, ip destination, victim ip, destination "
            "host, dst ip address, destip"
        ),
        telling=1.2,
    )
    destination_port: int = column(
        description="Port it went to.",
        synonyms=(
            "dst port, dest port, dport, dstport, id resp p, dpt, dst pt, port, tcp dstport, resp p, dsport, server "
            "port, target port, dp, destport, d port"
        ),
        ge=0,
        le=65535,
    )
    nat_source_port: int = column(
        description="Source port after translation.", synonyms="nat source port, nat src port", ge=0, le=65535
    )
    nat_destination_port: int = column(
        description="Destination port after translation.", synonyms="nat destination port, nat dst port", ge=0, le=65535
    )
    protocol: str = column(
        description="Transport or application protocol.",
        synonyms=(
            "proto, protocol type, ip proto, l4 proto, transport, ip protocol, protocol name, l7 proto, app proto, "
            "network protocol, traffic type, pr"
        ),
    )
    service: str = column(
        description="Service spoken.", synonyms="app protocol, application protocol, service type", telling=0.4
    )
    bytes: int = column(
        description="Bytes in all.",
        unit="By",
        ge=0,
        telling=0.7,
        synonyms=(
            "total bytes, byte count, length, packet length, packet size, frame length, len, size, num bytes, frame "
            "len, ibyt, packet len, bytes transferred, data size, bytes in out"
        ),
    )
    source_bytes: int = column(
        description="Bytes from the source.",
        unit="By",
        ge=0,
        synonyms=(
            "bytes sent, src bytes, sbytes, orig bytes, bytes out, sent bytes, out bytes, sentbyte, total length of "
            "fwd packets, totlen fwd pkts, bytes toserver, srcbytes, tx bytes, total length of fwd packet, bytes "
            "uploaded, orig ip bytes"
        ),
        telling=0.8,
    )
    destination_bytes: int = column(
        description="Bytes back.",
        unit="By",
        ge=0,
        synonyms=(
            "bytes received, dst bytes, dbytes, resp bytes, bytes in, received bytes, in bytes, rcvdbyte, total "
            "length of bwd packets, totlen bwd pkts, bytes toclient, rx bytes, total length of bwd packet, bytes "
            "downloaded, resp ip bytes"
        ),
        telling=0.8,
    )
    packets: int = column(
        description="Packets in all.",
        synonyms=("packet count, pkts, total packets, num packets, totpkts, ipkt, packets count, count of packets"),
        ge=0,
    )
    source_packets: int = column(
        description="Packets from the source.",
        ge=0,
        synonyms=(
            "pkts sent, spkts, orig pkts, total fwd packets, tot fwd pkts, packets sent, src pkts, total fwd "
            "packet, fwd packets, in pkts"
        ),
    )
    destination_packets: int = column(
        description="Packets back.",
        ge=0,
        synonyms=(
            "pkts received, dpkts, resp pkts, total backward packets, tot bwd pkts, packets received, dst pkts, "
            "total bwd packets, bwd packets, out pkts"
        ),
    )
    duration: float = column(
        description="How long it lasted.",
        unit="s",
        synonyms=(
            "flow duration, dur, duration sec, duration seconds, elapsed time, session duration, connection "
            "duration, elapsed, flow duration ms, td"
        ),
        telling=0.5,
    )
    connection_state: str = column(
        description="State of the connection or its flags.",
        synonyms=("conn state, tcp flags, flags, flag, state, flg, connection status, handshake, conn flags"),
        telling=0.6,
    )
    direction: str = column(description="In or out.", synonyms="traffic direction, dir, flow direction", telling=0.6)
    action: str = column(
        description="What was done with it.",
        synonyms=(
            "firewall action, action taken, verdict, disposition, response action, rule action, status, result, "
            "outcome, event outcome, access, blocked, policy action"
        ),
        telling=0.5,
    )
    event_type: str = column(
        description="What happened.",
        synonyms=(
            "event, event name, eventname, activity, event category, event action, category, alert type, task "
            "category, operation, log type, type"
        ),
        telling=0.6,
    )
    attack: str = column(
        description="The attack, or the label of normal traffic.",
        synonyms=(
            "attack type, attack cat, label, attack category, class, traffic class, threat, threat type, attack "
            "name, is attack, is attack ip, malicious, anomaly, intrusion, alert, signature, detailed label, attack "
            "label, outcome class, is malicious, attack detected, binary label, malware indicators, intrusion "
            "detected"
        ),
        telling=0.9,
    )
    rule: str = column(
        description="The rule that matched.",
        synonyms="rule name, policy, policy name, firewall rule, access rule",
        telling=0.6,
    )
    flow_id: str = column(
        description="The flow or connection.",
        synonyms="uid, connection id, community id, conn id, stream id, flow",
        telling=0.8,
    )
    session_id: str = column(description="The session.", synonyms="session, logon id", telling=0.4)
    user: str = column(
        description="The account.",
        synonyms=(
            "user name, username, user id, account, account name, login, subject user name, target user name, user "
            "identity"
        ),
        personal=PersonalData.ACCOUNT,
        telling=0.4,
    )
    logon_type: str = column(
        description="How it was logged in.",
        synonyms=(
            "login type, auth type, authentication method, logon process, login successful, login status, login "
            "attempts, failed logins, failed attempts, auth method"
        ),
    )
    query: str = column(
        description="Name or resource asked for.",
        synonyms="dns query, domain, qname, query name, domain name, fqdn, dest domain",
        telling=0.7,
    )
    url: str = column(description="URL asked for.", synonyms="uri, request url, request", telling=0.3)
    user_agent: str = column(description="Client program.", synonyms="useragent, agent", telling=0.3)
    mac_address: str = column(
        description="Hardware address.", synonyms="mac, source mac, src mac, eth src, mac src, bssid", telling=0.7
    )
    destination_mac: str = column(
        description="Hardware address it went to.", synonyms="dst mac, dest mac, eth dst, mac dst"
    )
    interface: str = column(
        description="Network interface.",
        synonyms=("iface, in interface, nic, interface name, source interface, ingress interface, ssid, essid"),
    )
    country: str = column(
        description="Country of the address.",
        synonyms=(
            "geoip country, source country, src country, country code, geo location, geo country, dst country, "
            "destination country"
        ),
        telling=0.4,
    )
    ttl: int = column(description="Time to live.", synonyms="sttl, time to live, ip ttl")
