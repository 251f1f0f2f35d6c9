namespace Estream.Wire.Dnp3.Session;

/// <summary>The request that is under way, or that is due.</summary>
internal enum SessionStep
{
    None,
    ClearRestart,
    DisableUnsolicited,
    Integrity,
    RecordTime,
    MeasureDelay,
    WriteTime,
    EnableUnsolicited,
    Events,
    Select,
    Operate,
    DirectOperate,
}

/// <summary>What the channel does with a received fragment.</summary>
internal enum FragmentAction
{
    /// <summary>Drops it without an answer.</summary>
    Drop,

    /// <summary>Stores its measurements if it has any, then calls <see cref="MasterSession.Complete"/>.</summary>
    Store,

    /// <summary>Confirms it without storing: the same fragment was stored before, and the confirmation was lost.</summary>
    ConfirmAgain,
}

/// <summary>What happens to a device.</summary>
internal enum SessionEvent
{
    Timeout,
    Restarted,
    EventsLost,
    TimeSet,
    Refused,
    BadFrame,
}

/// <summary>Receives the events of a session. Called under the lock of its channel; must return soon and not throw.</summary>
internal interface ISessionObserver
{
    void OnEvent(MasterSession session, SessionEvent kind, string reason);

    /// <summary>An integrity poll was completed.</summary>
    void OnSynchronized(MasterSession session);
}
