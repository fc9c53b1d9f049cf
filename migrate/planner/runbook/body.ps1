
# ---- From here on the script is the same for every node. ----

function Stop-Here([string] $Message) {
    [Console]::Error.WriteLine("stopped: $Message")
    exit 1
}

# One HTTP/1.1 request as raw bytes. .NET's own clients add headers that agents do not send, and
# Windows PowerShell 5.1 cannot send a WebSocket handshake. The certificate is verified as Windows
# does it; a proxy that the system names for this address is asked by CONNECT.
function Send-Request([string[]] $Lines) {
    $uri = [Uri] $Url
    $client = New-Object System.Net.Sockets.TcpClient
    try {
        $proxy = [System.Net.WebRequest]::GetSystemWebProxy()
        $via = $null
        if (-not $proxy.IsBypassed($uri)) { $via = $proxy.GetProxy($uri) }
        if ($via -and $via.Authority -eq $uri.Authority) { $via = $null }
        $place = if ($via) { $via } else { $uri }
        if (-not $client.ConnectAsync($place.DnsSafeHost, $place.Port).Wait(15000)) { throw 'no connection in time' }
        $stream = $client.GetStream()
        $stream.ReadTimeout = 15000
        $stream.WriteTimeout = 15000
        if ($via) {
            $far = $uri.Host + ':' + $uri.Port
            Write-Lines $stream @("CONNECT $far HTTP/1.1", "Host: $far")
            $said = Read-Head $stream
            if ($said.Status -ne 200) { throw "the proxy $($via.Authority) answers $($said.Status) to CONNECT" }
        }
        if ($uri.Scheme -eq 'https') {
            $secure = New-Object System.Net.Security.SslStream($stream, $false)
            $secure.ReadTimeout = 15000
            # Windows PowerShell may take TLS 1.0 by itself; PowerShell 7 takes the system's best.
            $tls = if ($PSVersionTable.PSEdition -eq 'Core') { 'None' } else { 'Tls12' }
            $secure.AuthenticateAsClient($uri.DnsSafeHost, $null, [System.Security.Authentication.SslProtocols] $tls, $true)
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
    while ($head.Length -lt 65536 -and -not $head.ToString().EndsWith("`r`n`r`n")) {
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

function Get-Answer([string] $Path, [string[]] $Lines) {
    try {
        return Send-Request $Lines
    } catch {
        $why = $_.Exception.GetBaseException().Message
        Stop-Here ($Url + "$Path gives no answer: $why. A certificate that Windows does not trust needs its CA in the store of this computer, and in the trust store of the agent's Java. Nothing was changed. See: migrate doctor")
    }
}

function Test-Way {
    if ($CannotProbe -ne '') { Stop-Here ($CannotProbe + '. Nothing was changed.') }
    $login = Get-Answer 'login' $LoginRequest
    if ($login.Status -ne 200) {
        Stop-Here ($Url + "login answers $($login.Status) instead of 200; a WebSocket agent asks for it first. Nothing was changed. See: migrate doctor")
    }
    $cli = Get-Answer 'cli/ws' $CliRequest
    if ($cli.Status -eq 101) {
        Write-Output ('probe: ' + $Url + 'login answers 200, and a WebSocket opens from this host')
        return
    }
    $meaning = $Meanings | Where-Object { ($_.Status -eq 0 -or $_.Status -eq $cli.Status) -and $cli.Said.Contains($_.Says) } | Select-Object -First 1
    $told = $Url + "cli/ws answers $($cli.Status) instead of 101: $($meaning.Cause)"
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

function Update-Jar {
    if ($JarSha256 -eq '') { return }
    $old = (Get-FileHash -Algorithm SHA256 -LiteralPath $Jar).Hash.ToLower()
    if ($old -eq $JarSha256) {
        Write-Output "agent.jar: $Jar is remoting $JarVersion already"
        return
    }
    $fresh = $Jar + '.migrate-new'
    Invoke-WebRequest -UseBasicParsing -TimeoutSec 120 -Uri $JarUrl -OutFile $fresh
    if ((Get-FileHash -Algorithm SHA256 -LiteralPath $fresh).Hash.ToLower() -ne $JarSha256) {
        Remove-Item -LiteralPath $fresh
        Stop-Here ("$JarUrl is not the jar of the plan (SHA-256 differs). Nothing was changed. Make a new plan: migrate plan")
    }
    $kept = $Jar + '.migrate-' + $old.Substring(0, 12)
    # Windows does not let an open jar be replaced: the agent is stopped before this.
    Move-Item -Force -LiteralPath $Jar -Destination $kept
    Move-Item -Force -LiteralPath $fresh -Destination $Jar
    Write-Output "agent.jar: $Jar is remoting $JarVersion now; the old one is kept as $kept"
}

function Get-Agent {
    Get-CimInstance Win32_Process | Where-Object {
        $line = $_.CommandLine
        $line -and -not ($Marks | Where-Object { $line.IndexOf($_, [StringComparison]::OrdinalIgnoreCase) -lt 0 })
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
$folder = $StartDir
if ($agent.Count -eq 1) {
    if (Get-CimInstance Win32_Process -Filter ('ParentProcessId = ' + $agent[0].ProcessId)) {
        Stop-Here 'the agent has running child processes, maybe a build. Take the node offline in Jenkins and wait.'
    }
    Stop-Process -Id $agent[0].ProcessId
    Wait-Process -Id $agent[0].ProcessId -Timeout 30 -ErrorAction SilentlyContinue
}
Update-Jar
$started = Start-Process -PassThru -WindowStyle Hidden -FilePath $Program -ArgumentList $Arguments -WorkingDirectory $folder
Write-Output ('started process ' + $started.Id)
Write-Output "Check in Jenkins: the node's log says 'Communication Protocol: WebSocket'."
Write-Output 'Change the command where it is kept (scheduled task, start-up folder), or the next boot starts the old one.'
