look() { # NODE, and NODE as it stands in an address
    NODE=$1 ENCODED=$2 seen=''
    export NODE ENCODED
    for folder in /proc/[0-9]*; do
        [ -r "$folder/cmdline" ] || continue
        flag=$(words "$folder" 2>/dev/null | judge) || continue
        [ -n "$flag" ] || continue
        seen=yes
        found=yes
        pid=${folder#/proc/}
        if [ "$flag" = websocket ]; then
            told="on WebSocket (-webSocket)"
        else
            told=$(by_connection "$folder")
        fi
        case $told in
        "on WebSocket"*) ;;
        *) left=yes ;;
        esac
        printf '%s: %s, process %s\n' "$NODE" "$told" "$pid"
    done
    [ -n "$seen" ] || printf '%s: does not run on this machine\n' "$NODE"
}
words() { # FOLDER: the words of its command, a line each; never shown, since a secret may be there
    tr '\000' '\n' <"$1/cmdline"
}
judge() { # "websocket" or "ask" for an agent of NODE, else nothing
    awk '
        { word[NR] = $0 }
        END {
            node = ENVIRON["NODE"]; address = "/computer/" ENVIRON["ENCODED"] "/"
            for (i = 1; i <= NR; i++) {
                if (word[i] ~ /(agent|slave|remoting|swarm-client)[^\/]*\.jar$/) agent = 1
                if (word[i] == "hudson.remoting.jnlp.Main" || word[i] == "hudson.remoting.Launcher")
                    agent = 1
                if (word[i] == node || index(word[i], address)) mine = 1
                if (tolower(word[i]) == "-websocket") flag = 1
            }
            if (agent && mine) print flag ? "websocket" : "ask"
        }'
}
by_connection() { # FOLDER: by the ports that the process is connected to
    sockets=$(find "$1/fd" -type l -exec readlink {} \; 2>/dev/null |
        sed -n 's/^socket:\[\(.*\)\]$/\1/p')
    if [ -z "$sockets" ]; then
        printf 'cannot tell: run this as the user of the agent, or as root'
        return
    fi
    cat "$1/net/tcp" "$1/net/tcp6" 2>/dev/null | SOCKETS=$sockets awk '
        function number(hex,  i, n) {
            for (i = 1; i <= length(hex); i++)
                n = n * 16 + index("0123456789ABCDEF", substr(hex, i, 1)) - 1
            return n
        }
        BEGIN {
            split(ENVIRON["SOCKETS"], mine, "\n"); for (i in mine) own[mine[i]] = 1
            split(ENVIRON["PORTS"], ports, " "); for (i in ports) agent[ports[i]] = 1
        }
        $4 == "01" && $10 in own {
            split($3, remote, ":"); port = number(remote[2])
            if (port in agent) tcp = port
            if (port == ENVIRON["HTTP_PORT"]) http = port
        }
        END {
            if (tcp) printf "STILL ON TCP (port %s)", tcp
            else if (http) printf "on WebSocket (connected to port %s alone)", http
            else printf "cannot tell: it is connected to neither port"
        }'
}
