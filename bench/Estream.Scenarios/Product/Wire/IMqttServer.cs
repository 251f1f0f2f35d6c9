namespace Estream.Scenarios.Product;

/// <summary>A server that the publisher of `mqtt-ingest` sends to, in a process of its own, so that its processor time can be told from
/// that of others.</summary>
internal interface IMqttServer : IDisposable
{
    int Port { get; }

    int ProcessId { get; }

    /// <summary>Returns when it has done with so many messages more.</summary>
    void Await(long messages);

    /// <summary>Refuses the row where a message is missing that was waited for.</summary>
    void RequireWhole();
}
