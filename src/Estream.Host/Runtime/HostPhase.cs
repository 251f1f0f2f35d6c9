namespace Estream.Host.Runtime;

/// <summary>Where the host is in its life. Only ever goes forward.</summary>
internal enum HostPhase
{
    /// <summary>Storage is opened, folds catch up, adapters begin to listen.</summary>
    Starting,

    /// <summary>Everything runs.</summary>
    Running,

    /// <summary>Sockets are drained, then everything is closed.</summary>
    Stopping,
}
