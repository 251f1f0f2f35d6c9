using Estream.Wire.Mqtt.Internal.Sessions;

namespace Estream.Wire.Mqtt.Internal;

// Where its session outlives the process.
internal sealed partial class EndpointConnection
{
    /// <summary>Finds out what of the session has to outlive the process, and keeps it.</summary>
    /// <returns>False when it cannot be written now.</returns>
    private bool TryKeepSession(ConnectInfo client)
    {
        if (_core.Sessions.Store is not { } store)
        {
            return true;
        }

        EndpointSession session = _session!;
        bool isKept = _sessionExpirySeconds > 0;
        session.ExpirySeconds = _sessionExpirySeconds;
        session.StoredWill = client.Will is { } will && store.KeepsWills && _ingress.CanStoreRaw(will.Topic) ? will : null;
        if (!isKept && session.StoredWill is null)
        {
            session.Records?.End();
            session.Records = null;
        }
        else
        {
            session.Records ??= new SessionRecords(store, session);
            session.Records.IsWillAlone = !isKept;
            session.Records.ChangeTerms();
        }

        if (session.Subscriber is { } subscriber)
        {
            subscriber.IsKept = isKept;
        }

        _pump.Records = session.Records;
        return session.Records?.TrySave() != false;
    }

    /// <summary>Saves what has changed of the session; waits while it cannot be written.</summary>
    /// <returns>False when the connection is to end before.</returns>
    private async ValueTask<bool> SaveAsync()
    {
        while (_session!.Records is { } records && !records.TrySave())
        {
            SetBlocked(true);
            await Delays.WaitAsync(TimeSpan.FromMilliseconds(RetryMs), _closing.Token).ConfigureAwait(false);
            if (_closing.IsCancellationRequested)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The same for what is about to be sent to a subscriber.</summary>
    private async ValueTask<bool> SaveDeliveryAsync()
    {
        while (!TrySaveDelivery())
        {
            await Delays.WaitAsync(TimeSpan.FromMilliseconds(RetryMs), _closing.Token).ConfigureAwait(false);
            if (_closing.IsCancellationRequested)
            {
                return false;
            }
        }

        return true;
    }

    private bool TrySaveDelivery()
    {
        EndpointSession session = _session!;
        return session.Records is { IsWillAlone: false } records ? records.TrySaveDelivery() : session.Subscriber?.TrySaveGroups() != false;
    }
}
