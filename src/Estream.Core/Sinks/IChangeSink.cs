namespace Estream.Core;

/// <summary>Receives the changes of a map: the interface between a map and the queue, or other store, that records them.</summary>
/// <remarks>
/// The map calls <see cref="Append"/> before each change, under the lock of that change, so the events of one key are in the order of its
/// changes. A map with one writer makes the calls from one thread at a time. A map with several writers makes them from several threads at
/// once, for different keys.
/// </remarks>
public interface IChangeSink
{
    /// <summary>Receives a change that the map is about to make. The sink must not use the map.</summary>
    /// <param name="change">The change; its bytes are valid during the call.</param>
    /// <remarks>An exception prevents the change and is thrown to the caller of the map. The sink may have recorded the event anyway, so
    /// before the next change in the same part of the map, the map sends an event with the present state of the entry.</remarks>
    void Append(in MapChange change);

    /// <summary>Whether the sink accepts changes from one thread at a time only. A map with several writers refuses such a sink.</summary>
    bool IsForOneWriter => false;

    /// <summary>
    /// Makes the received changes durable. The map calls this method in its own <c>Flush</c> and when it is closed, before it writes its
    /// changes to the device. Every change that is on the device therefore has a durable event. The default does nothing.
    /// </summary>
    /// <remarks>An exception is thrown to the caller of the map, which from then on reports that it may be incomplete.</remarks>
    void Flush()
    {
    }
}
