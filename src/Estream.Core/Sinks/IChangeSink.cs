namespace Estream.Core;

/// <summary>Takes the changes of a map, one after the other: the seam between a map and the queue, or whatever else, that keeps what
/// happened to it.</summary>
/// <remarks>
/// The map calls it for each change before it makes it, and under the lock by which it makes it: events of one key come in the order of its
/// changes. With one writer it is called by one thread at a time, with several by several at once, for different keys.
/// </remarks>
public interface IChangeSink
{
    /// <summary>Takes a change that is about to be made. It must not use the map.</summary>
    /// <param name="change">The change; its bytes are valid during the call.</param>
    /// <remarks>An exception keeps the change from being made and goes to the caller of the map. As the event may have been kept all the
    /// same, the next write nearby is preceded by one that says how the entry is.</remarks>
    void Append(in MapChange change);

    /// <summary>Whether it takes changes of one thread at a time only, so that a map that several write to refuses it.</summary>
    bool IsForOneWriter => false;

    /// <summary>
    /// Brings what was taken so far to where a power cut does not get to it. The map calls it before it writes its changes to the device,
    /// in <c>Flush</c> and when it is closed, so that what it has there is told there.
    /// Does nothing unless a sink does.
    /// </summary>
    /// <remarks>An exception goes to the caller of the map, which from then on says that it may be incomplete.</remarks>
    void Flush()
    {
    }
}
