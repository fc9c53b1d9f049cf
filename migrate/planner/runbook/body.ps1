
# ---- From here on the script is the same for every node. ----

function Stop-Here([string] $Message) {
    [Console]::Error.WriteLine("stopped: $Message")
    exit 1
}

function Test-Login {
    try {
        $answer = Invoke-WebRequest -UseBasicParsing -MaximumRedirection 0 -TimeoutSec 15 -Uri ($Url + 'login')
        $code = [int] $answer.StatusCode
    } catch {
        $code = 0
        if ($_.Exception.Response) { $code = [int] $_.Exception.Response.StatusCode }
    }
    if ($code -ne 200) {
        Stop-Here ($Url + "login answers $code instead of 200; a WebSocket agent asks for it first. Nothing was changed. See: migrate doctor")
    }
    Write-Output ('probe: ' + $Url + 'login answers 200')
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

Test-Login
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
