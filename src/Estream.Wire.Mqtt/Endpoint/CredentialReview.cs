namespace Estream.Wire.Mqtt.Internal;

/// <summary>Takes up changed credentials, and ends connections and sessions of clients that may not have them any more. The sweeper calls
/// <see cref="Look"/>; <see cref="Reload"/> is thread-safe.</summary>
internal sealed class CredentialReview(EndpointCore core)
{
    private const long LookNanos = EndpointCore.NanosPerSecond;

    private long _lookedAt = core.Clock.MonotonicNanos;

    /// <summary>Reads the files now. The sweeper reviews the connections next.</summary>
    /// <exception cref="WireConfigurationException">A file is not what it should be; the earlier credentials stay.</exception>
    public void Reload()
    {
        core.Files.Reload();
        Report();
    }

    /// <summary>Once a second reads files that have changed, and reviews the connections that other credentials let in.</summary>
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

    /// <summary>Ends the sessions of users that are in no file any more. Their wills are not published.</summary>
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
            core.Events.Report(AdapterEventKind.CredentialsReloaded, $"{ended} sessions of users that were removed have ended.");
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
                $"Changed credentials cannot be used, so earlier ones are: {failure.Message}", failure);
        }
    }

    private void Report()
    {
        core.Events.Report(AdapterEventKind.CredentialsReloaded, "The credentials were read again.");
        if (core.Credentials.Tls?.Revoked?.NextUpdate is { } next
            && next.ToUnixTimeSeconds() < core.Clock.UtcNanos / EndpointCore.NanosPerSecond)
        {
            core.Events.Report(AdapterEventKind.Degraded, $"A certificate revocation list should have been replaced by {next:u}.");
        }
    }
}
