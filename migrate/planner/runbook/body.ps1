
# ---- From here on the script is the same for every node. ----

function Stop-Here([string] $Message) {
    [Console]::Error.WriteLine("stopped: $Message")
    exit 1
}

# By which proxy the agent's client asks for this address: as its Java's settings were read, else as
# Windows is set for this user. Null for none.
function Get-Proxy($Way) {
    if ($Way.Kind -eq 'direct') { return $null }
    if ($Way.Kind -eq 'http') { return [Uri] ('http://' + $Way.Authority) }
    if ($Way.Kind -ne '') { throw "this script can't ask through the $($Way.Kind) proxy $($Way.Authority) of the agent's settings" }
    $uri = [Uri] $Url
    $proxy = [System.Net.WebRequest]::GetSystemWebProxy()
    if ($proxy.IsBypassed($uri)) { return $null }
    $via = $proxy.GetProxy($uri)
    if ($via -and $via.Authority -ne $uri.Authority) { return $via }
    return $null
}

function Get-Told($Way) {
    if ($Way.Told -ne '') { return $Way.Told }
    $via = Get-Proxy $Way
    if ($via) { return ", through the proxy $($via.Authority) that Windows names (the agent's settings are not known)" }
    return ''
}

# One HTTP/1.1 request as raw bytes. .NET's own clients add headers that agents do not send, and
# Windows PowerShell 5.1 cannot send a WebSocket handshake. The certificate is verified as Windows
# does it, without asking for revocation lists: Java does not ask for them either.
function Send-Request($Way, [string[]] $Lines) {
    $uri = [Uri] $Url
    $via = Get-Proxy $Way
    $place = if ($via) { $via } else { $uri }
    # As Java: the first address, IPv4 before IPv6. By default a TcpClient is one of IPv4 alone.
    $address = [System.Net.Dns]::GetHostAddresses($place.DnsSafeHost) | Sort-Object { $_.AddressFamily -ne 'InterNetwork' } | Select-Object -First 1
    $client = New-Object System.Net.Sockets.TcpClient($address.AddressFamily)
    try {
        if (-not $client.ConnectAsync($address, $place.Port).Wait(15000)) { throw 'no connection in time' }
        $stream = $client.GetStream()
        $stream.ReadTimeout = 15000
        $stream.WriteTimeout = 15000
        $tls = $uri.Scheme -eq 'https'
        if ($via -and -not $tls -and -not ($Lines -like 'Upgrade:*')) {
            # Java gives a plain GET of http:// to its proxy as it is.
            $Lines = @($Lines[0].Replace('GET /', 'GET ' + $uri.GetLeftPart([UriPartial]::Authority) + '/')) + @($Lines | Select-Object -Skip 1)
        } elseif ($via) {
            $far = $uri.Host + ':' + $uri.Port
            Write-Lines $stream @("CONNECT $far HTTP/1.1", "Host: $far")
            $said = Read-Head $stream
            if ($said.Status -ne 200) { throw "the proxy $($via.Authority) answers $($said.Status) to CONNECT" }
        }
        if ($tls) {
            $secure = New-Object System.Net.Security.SslStream($stream, $false)
            $secure.ReadTimeout = 15000
            # Windows PowerShell may take TLS 1.0 by itself; PowerShell 7 takes the system's best.
            $protocol = if ($PSVersionTable.PSEdition -eq 'Core') { 'None' } else { 'Tls12' }
            $secure.AuthenticateAsClient($uri.DnsSafeHost, $null, [System.Security.Authentication.SslProtocols] $protocol, $false)
            $stream = $secure
        }
        Write-Lines $stream $Lines
        return Read-Head $stream
    } finally {
        $client.Close()
    }
}

function Write-Lines($Stream, [string[]] $Lines) {
    $bytes = [Text.Encoding]::GetEncoding('iso-8859-1').GetBytes(($Lines -join "`r`n") + "`r`n`r`n")
    $Stream.Write($bytes, 0, $bytes.Length)
    $Stream.Flush()
}

function Read-Head($Stream) {
    $head = New-Object Text.StringBuilder
    while ($head.Length -lt 65536 -and -not $head.ToString().EndsWith("`r`n`r`n", [StringComparison]::Ordinal)) {
        $byte = $Stream.ReadByte()
        if ($byte -lt 0) { break }
        [void] $head.Append([char] $byte)
    }
    $text = $head.ToString()
    if ($text -notmatch '^HTTP/1\.[01] (\d{3})') { throw 'no HTTP answer' }
    $status = [int] $Matches[1]
    $said = ''
    if ($text -match '(?im)^X-CLI-Error:[ \t]*([^\r\n]*)') { $said = $Matches[1] }
    return @{ Status = $status; Said = $said }
}

function Get-Answer([string] $Path, $Way, [string[]] $Lines) {
    try {
        return Send-Request $Way $Lines
    } catch {
        $why = $_.Exception.GetBaseException().Message
        Stop-Here ($Url + "$Path gives no answer$($Way.Told): $why. A certificate that Windows does not trust needs its CA in the store of this computer, and in the trust store of the agent's Java. Nothing was changed. See: migrate doctor")
    }
}

function Test-Way {
    if ($CannotProbe -ne '') { Stop-Here ($CannotProbe + '. Nothing was changed.') }
    $login = Get-Answer 'login' $LoginWay $LoginRequest
    if ($login.Status -ne 200) {
        Stop-Here ($Url + "login answers $($login.Status) instead of 200; a WebSocket agent asks for it first$(Get-Told $LoginWay). Nothing was changed. See: migrate doctor")
    }
    $cli = Get-Answer 'cli/ws' $CliWay $CliRequest
    if ($cli.Status -eq 101) {
        Write-Output ('probe: ' + $Url + 'login answers 200, and a WebSocket opens from this host' + (Get-Told $CliWay))
        return
    }
    $meaning = $Meanings | Where-Object { ($_.Status -eq 0 -or $_.Status -eq $cli.Status) -and $cli.Said.Contains($_.Says) } | Select-Object -First 1
    $told = $Url + "cli/ws answers $($cli.Status) instead of 101: $($meaning.Cause)$(Get-Told $CliWay)"
    if ($env:MIGRATE_SKIP_UPGRADE_PROBE -eq '1') {
        Write-Warning ($told + '; going on as asked')
        return
    }
    $todo = if ($meaning.Fix -ne '') { " To do: $($meaning.Fix)." } else { '' }
    Stop-Here ($told + ". Nothing was changed.$todo Where the plan's own probe passed and only ${Url}wsagents/ is open from here, set `$env:MIGRATE_SKIP_UPGRADE_PROBE = '1' and run this again.")
}

function Test-Secret {
    if ($SecretFile -ne '' -and -not (Test-Path -LiteralPath $SecretFile)) {
        Stop-Here ("the agent's secret must be in $SecretFile, readable only by the agent's user. It stands on the node's page in Jenkins.")
    }
}

# Beside the old one, while the agent still runs: what fails here leaves it as it is.
function Get-NewJar {
    if ($JarSha256 -eq '') { return }
    $script:OldSha256 = (Get-FileHash -Algorithm SHA256 -LiteralPath $Jar).Hash.ToLower()
    if ($OldSha256 -eq $JarSha256) {
        Write-Output "agent.jar: $Jar is remoting $JarVersion already"
        return
    }
    # A name that nobody knows, made and never opened where it exists: in this folder somebody else
    # might have left a link.
    $script:Place = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Jar)
    $script:Fresh = $Place + '.migrate-' + [Guid]::NewGuid().ToString('N')
    # Windows PowerShell may offer TLS 1.0 alone (0: what the system has), and its progress bar takes
    # more time than the file.
    $offered = [System.Net.ServicePointManager]::SecurityProtocol
    if ([int] $offered -ne 0) {
        [System.Net.ServicePointManager]::SecurityProtocol = $offered -bor [System.Net.SecurityProtocolType]::Tls12
    }
    $ProgressPreference = 'SilentlyContinue'
    $how = @{}
    if ($LoginWay.Kind -eq 'http') { $how.Proxy = 'http://' + $LoginWay.Authority }
    if ($LoginWay.Kind -eq 'direct') {
        if ($PSVersionTable.PSEdition -eq 'Core') { $how.NoProxy = $true }
        else { [System.Net.WebRequest]::DefaultWebProxy = New-Object System.Net.WebProxy }
    }
    $got = Invoke-WebRequest -UseBasicParsing -TimeoutSec 120 -Uri $JarUrl @how
    $bytes = $got.RawContentStream.ToArray()
    $hash = [System.Security.Cryptography.SHA256]::Create().ComputeHash($bytes)
    if ([BitConverter]::ToString($hash).Replace('-', '').ToLower() -ne $JarSha256) {
        Stop-Here ("$JarUrl is not the jar of the plan (SHA-256 differs). Nothing was changed. Make a new plan: migrate plan")
    }
    $file = [System.IO.File]::Open($Fresh, 'CreateNew', 'Write', 'None')
    try { $file.Write($bytes, 0, $bytes.Length) } finally { $file.Close() }
}

function Set-NewJar {
    if ($JarSha256 -eq '' -or $OldSha256 -eq $JarSha256) { return }
    $kept = $Place + '.migrate-' + $OldSha256.Substring(0, 12)
    if (Test-Path -LiteralPath $kept -PathType Container) { throw "$kept is a folder" }
    # Windows does not let an open jar be replaced: the agent is stopped before this.
    Move-Item -Force -LiteralPath $Jar -Destination $kept
    try {
        Move-Item -LiteralPath $Fresh -Destination $Jar
        if ((Get-FileHash -Algorithm SHA256 -LiteralPath $Jar).Hash.ToLower() -ne $JarSha256) {
            throw 'somebody else changed the new jar meanwhile'
        }
    } catch {
        Move-Item -Force -LiteralPath $kept -Destination $Jar
        throw
    }
    Write-Output "agent.jar: $Jar is remoting $JarVersion now; the old one is kept as $kept"
}

# Whole words alone: the agent of win1 is not that of win10.
function Get-Agent {
    $patterns = @($Marks | ForEach-Object { '(^|[\s"/\\=])' + [regex]::Escape($_) + '($|[\s"/\\])' })
    Get-CimInstance Win32_Process | Where-Object {
        $line = $_.CommandLine
        $line -and -not ($patterns | Where-Object { $line -notmatch $_ })
    }
}

Test-Way
if ($Arguments.Count -eq 0 -or $Service -ne '') {
    # A service keeps the command in its own XML file, which a person edits.
    Write-Output $Instructions
    Write-Output ''
    Write-Output 'Nothing was changed by this script.'
    exit 3
}
Test-Secret
$agent = @(Get-Agent)
if ($agent.Count -gt 1) { Stop-Here 'several processes look like this agent' }
# A second process beside one that is not seen (another user's, without Administrator) would take
# turns with it for ever.
if ($agent.Count -eq 0 -and $env:MIGRATE_AGENT_ENDED -ne '1') {
    Stop-Here "no process of this agent is seen: run this on its host, as its user or as Administrator. Where it has ended, set `$env:MIGRATE_AGENT_ENDED = '1' and run this again. Nothing was changed."
}
$folder = $StartDir
if ($agent.Count -eq 1) {
    $id = $agent[0].ProcessId
    # A process of the console has its window's host for a child.
    if (Get-CimInstance Win32_Process -Filter "ParentProcessId = $id" | Where-Object { $_.Name -ne 'conhost.exe' }) {
        Stop-Here 'the agent has running child processes, maybe a build. Take the node offline in Jenkins and wait.'
    }
    Get-NewJar
    Stop-Process -Force -Id $id
    Wait-Process -Id $id -Timeout 30 -ErrorAction SilentlyContinue
    if (Get-Process -Id $id -ErrorAction SilentlyContinue) { Stop-Here "process $id does not end; nothing else was changed" }
} else {
    Get-NewJar
}
try {
    Set-NewJar
} catch {
    $why = $_.Exception.GetBaseException().Message
    Stop-Here "$Jar could not be replaced: $why. The agent does not run now: start it again with its old command"
}
$started = Start-Process -PassThru -WindowStyle Hidden -FilePath $Program -ArgumentList $Arguments -WorkingDirectory $folder
Write-Output ('started process ' + $started.Id)
Write-Output "Check in Jenkins: the node's log says 'Communication Protocol: WebSocket'."
Write-Output 'Change the command where it is kept (scheduled task, start-up folder), or the next boot starts the old one.'
