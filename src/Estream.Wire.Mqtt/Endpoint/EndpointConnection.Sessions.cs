using Estream.Wire.Mqtt.Internal.Sessions;

namespace Estream.Wire.Mqtt.Internal;

// Persists sessions.
internal sealed partial class EndpointConnection
{
    /// <summary>Determines which parts of the session must survive a restart, and saves them.</summary>
    /// <returns>False if the session cannot be saved now.</returns>
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

    /// <summary>Saves the changes of the session. Waits while the session cannot be written.</summary>
    /// <returns>False if the connection must end first.</returns>
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

    /// <summary>Saves the state that the next delivery changes. Waits while the session cannot be written.</summary>
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
