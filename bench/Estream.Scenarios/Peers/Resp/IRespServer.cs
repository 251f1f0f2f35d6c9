namespace Estream.Scenarios.Peers;

/// <summary>A server that speaks RESP, the protocol of Redis, on loopback.</summary>
internal interface IRespServer : IDisposable
{
    int Port { get; }
}
