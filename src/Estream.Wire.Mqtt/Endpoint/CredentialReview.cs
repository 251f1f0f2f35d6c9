namespace Estream.Wire.Mqtt.Internal;

/// <summary>Applies changed credentials, and ends connections and sessions of clients that they no longer allow. The sweeper calls
/// <see cref="Look"/>; <see cref="Reload"/> is thread-safe.</summary>
internal sealed class CredentialReview(EndpointCore core)
{
    private const long LookNanos = EndpointCore.NanosPerSecond;

    private long _lookedAt = core.Clock.MonotonicNanos;

    /// <summary>Reads the files now. The sweeper then reviews the connections.</summary>
    /// <exception cref="WireConfigurationException">A file is not valid. The earlier credentials stay in force.</exception>
    public void Reload()
    {
        core.Files.Reload();
        Report();
    }

    /// <summary>Reads changed files once per second, and reviews connections that were accepted with other credentials.</summary>
    public void Look(long now)
    {
        if (now - _lookedAt >= LookNanos)
        {
            _lookedAt = now;
            LookAtFiles();
        }

        EndpointCredentials credentials = core.Credentials;
        bool isAny = false;
        foreach (EndpointConnection connection in core.Connections)
        {
            isAny |= connection.Review(credentials);
        }

        if (isAny)
        {
            EndRemovedUsers();
        }
    }

    /// <summary>Ends the sessions of users that no file contains any more. Their wills are not published.</summary>
    public void EndRemovedUsers()
    {
        EndpointCredentials credentials = core.Credentials;
        if (!credentials.HasUsers)
        {
            return;
        }

        List<EndpointConnection> connected = [];
        int ended = core.Sessions.EndRemoved(credentials.HasUser, connected);
        foreach (EndpointConnection connection in connected)
        {
            connection.Revoke("its user was removed");
        }

        if (ended > 0)
        {
            core.Events.Report(AdapterEventKind.CredentialsReloaded, $"{ended} sessions of removed users were ended.");
        }
    }

    private void LookAtFiles()
    {
        try
        {
            if (core.Files.Look())
            {
                Report();
                EndRemovedUsers();
            }
        }
        catch (WireConfigurationException failure)
        {
            core.Events.Report(AdapterEventKind.Degraded,
                $"Changed credentials cannot be loaded, so the earlier ones stay in force: {failure.Message}", failure);
        }
    }

    private void Report()
    {
        core.Events.Report(AdapterEventKind.CredentialsReloaded, "The credentials were read again.");
        if (core.Credentials.Tls?.Revoked?.NextUpdate is { } next
            && next.ToUnixTimeSeconds() < core.Clock.UtcNanos / EndpointCore.NanosPerSecond)
        {
            core.Events.Report(
                AdapterEventKind.Degraded, $"A certificate revocation list has been outdated since {next:u}. Replace its file.");
        }
    }
}
