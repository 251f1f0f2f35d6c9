namespace Estream.Host.Http;

/// <summary>What an event is about. A late event of one kind never pushes out one of the other.</summary>
internal enum EventKind
{
    /// <summary>The figures of the host; a newer one replaces an older one wholly.</summary>
    Overview,

    /// <summary>The newest messages since the event before.</summary>
    Messages,
}
